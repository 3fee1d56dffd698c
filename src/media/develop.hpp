// The work itself, inside a worker: one file's bytes become encoded sizes.
#pragma once
#include <string_view>

#include "media/protocol.hpp"
#include "media/vips.hpp"

namespace courant::media {

/// Decodes `bytes` as the job says and writes what it asks for, one after the other, to the descriptor `out`. Every
/// failure is an outcome with a detail.
[[nodiscard]] Reply develop(Vips const& vips, Job const& job, std::string_view bytes, int out);

}  // namespace courant::media
