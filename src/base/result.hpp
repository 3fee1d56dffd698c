// Result<T>: a value or an Error that cannot be overlooked. The shape of std::expected, ours because gcc 12 has no
// monadic members and clang-tidy does not see through the library's.
#pragma once
#include <cassert>
#include <memory>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/error.hpp"

namespace courant {

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::make_unique<Error>(std::move(error))) {}
  template <class U>
    requires(std::is_convertible_v<U &&, T> && !std::is_same_v<std::remove_cvref_t<U>, T> &&
             !std::is_same_v<std::remove_cvref_t<U>, Error> && !std::is_same_v<std::remove_cvref_t<U>, Result>)
  Result(U&& value) : state_(std::in_place_index<0>, std::forward<U>(value)) {}

  [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }

  [[nodiscard]] T& value() & { return assert(ok()), std::get<0>(state_); }
  [[nodiscard]] T const& value() const& { return assert(ok()), std::get<0>(state_); }
  [[nodiscard]] T&& value() && { return assert(ok()), std::get<0>(std::move(state_)); }
  [[nodiscard]] T& operator*() & { return value(); }
  [[nodiscard]] T const& operator*() const& { return value(); }
  [[nodiscard]] T&& operator*() && { return std::move(*this).value(); }
  [[nodiscard]] T* operator->() { return &value(); }
  [[nodiscard]] T const* operator->() const { return &value(); }
  [[nodiscard]] T value_or(T other) const& { return ok() ? value() : std::move(other); }

  [[nodiscard]] Error& error() & { return assert(!ok()), *std::get<1>(state_); }
  [[nodiscard]] Error const& error() const& { return assert(!ok()), *std::get<1>(state_); }
  [[nodiscard]] Error&& error() && { return assert(!ok()), std::move(*std::get<1>(state_)); }

 private:
  std::variant<T, std::unique_ptr<Error>> state_;  // a pointer, so that the good case stays small
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : error_(std::make_unique<Error>(std::move(error))) {}

  [[nodiscard]] bool ok() const noexcept { return error_ == nullptr; }
  explicit operator bool() const noexcept { return ok(); }
  void value() const { assert(ok()); }

  [[nodiscard]] Error& error() & { return assert(!ok()), *error_; }
  [[nodiscard]] Error const& error() const& { return assert(!ok()), *error_; }
  [[nodiscard]] Error&& error() && { return assert(!ok()), std::move(*error_); }

 private:
  std::unique_ptr<Error> error_;
};

using Done = Result<void>;  ///< for functions that either do what they say or tell why not

namespace detail {
template <class T>
T take(Result<T>&& result) {
  if constexpr (!std::is_void_v<T>) return std::move(result).value();
}
}  // namespace detail

}  // namespace courant

/// Unwraps a Result or returns its error from the enclosing function: `auto body = TRY(bodies.find(id));`
/// Never around co_await: gcc 12 crashes on a statement expression that suspends.
#define TRY(...)                                       \
  ({                                                   \
    auto try_result_ = (__VA_ARGS__);                  \
    if (!try_result_.ok()) [[unlikely]]                \
      return ::std::move(try_result_).error();         \
    ::courant::detail::take(::std::move(try_result_)); \
  })
