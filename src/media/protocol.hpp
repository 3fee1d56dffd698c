// What the site and a worker say to each other over their socket (AF_UNIX, SOCK_SEQPACKET: whole messages). Both ends
// are the same program, so messages are plain structs. The site believes nothing that comes from a worker: fields are
// checked in pictures.cpp, and descriptors travel towards the worker only.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>

#include "base/result.hpp"
#include "base/time.hpp"
#include "media/descriptor.hpp"

namespace courant::media {

inline constexpr std::size_t kMaxWidths = 8;
inline constexpr std::int32_t kMasterWidth = 2560;
/// WebP's largest side (RFC 9649 section 2.7); JPEG and AVIF could do more.
inline constexpr std::int32_t kMaxHeight = 16383;
/// All that a worker may write for one picture, bytes.
inline constexpr std::int64_t kMaxOutput = 256'000'000;

/// Site to worker, once, before anything of a stranger.
struct Setup {
  std::int64_t memory = 0;       ///< address space, bytes
  std::int64_t cpu_seconds = 0;  ///< for its whole life
  std::int32_t threads = 1;
};

/// Worker to site: locked down and warm.
struct Ready {
  std::uint8_t ok = 0;
  std::array<char, 200> detail = {};
};

/// Site to worker, with two descriptors: the file to read, an empty one to write.
struct Job {
  std::uint8_t format = 0;   ///< Format of the file, as sniffed
  std::uint8_t formats = 0;  ///< bit per Format to make; jpeg and png: the one that fits is made
  std::uint8_t with_master = 0;
  std::uint8_t with_animation = 0;
  std::uint8_t accept_damage = 0;
  std::uint8_t width_count = 0;
  std::array<std::int32_t, kMaxWidths> widths = {};
  std::int64_t bytes = 0;
  std::int64_t max_pixels = 0;
  std::int32_t max_dimension = 0;
  std::int32_t max_frames = 0;
};

enum class Outcome : std::uint8_t { done, damaged, too_many_pixels, failed };
enum class Role : std::uint8_t { master, still, animation };

struct Encoded {
  std::uint8_t format = 0;
  std::uint8_t role = 0;
  std::int32_t width = 0;
  std::int32_t height = 0;
  std::int64_t offset = 0;  ///< in the written file
  std::int64_t bytes = 0;
};

/// Every width and the picture's own in AVIF, WebP and one of JPEG and PNG; master and animation.
inline constexpr std::size_t kMaxEncoded = (kMaxWidths + 1) * 3 + 2;

/// Worker to site.
struct Reply {
  std::uint8_t outcome = 0;
  std::uint8_t has_alpha = 0;
  std::uint8_t encoded_count = 0;
  std::array<std::uint8_t, 3> colour = {};
  std::int32_t width = 0;  ///< of the original, upright
  std::int32_t height = 0;
  std::uint64_t perceptual_hash = 0;
  std::array<Encoded, kMaxEncoded> encoded = {};
  std::array<char, 200> detail = {};  ///< English, for the log
};

enum class Received : std::uint8_t { message, closed, late };

// Raw forms; the templates below are what others call.
bool send_bytes(int socket, std::span<std::byte const> bytes, std::span<int const> descriptors);
Received receive_bytes(int socket, std::span<std::byte> bytes, std::span<Descriptor> descriptors,
                       std::optional<Duration> within);

/// False when the other end is gone.
template <class Message>
  requires std::is_trivially_copyable_v<Message>
[[nodiscard]] bool send(int socket, Message const& message, std::span<int const> descriptors = {}) {
  return send_bytes(socket, std::as_bytes(std::span(&message, 1)), descriptors);
}

/// A message of another size counts as `closed`: the other end is not what we started. Descriptors that come along
/// beyond those asked for are closed.
template <class Message>
  requires std::is_trivially_copyable_v<Message>
[[nodiscard]] Received receive(int socket, Message& message, std::optional<Duration> within = {},
                               std::span<Descriptor> descriptors = {}) {
  return receive_bytes(socket, std::as_writable_bytes(std::span(&message, 1)), descriptors, within);
}

}  // namespace courant::media
