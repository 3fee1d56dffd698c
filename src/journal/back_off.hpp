// How long somebody who failed leaves it alone: longer each time, measured on the clock that was handed in.
#pragma once
#include <algorithm>
#include <optional>

#include "base/time.hpp"

namespace courant::journal {

/// For one thread.
class BackOff {
 public:
  BackOff(Clock const& clock, Duration shortest, Duration longest) noexcept
      : clock_(clock), shortest_(shortest), longest_(longest) {}

  [[nodiscard]] bool holds() const { return until_ && clock_.now() < *until_; }
  void grow() {
    step_ = std::clamp(step_ * 2, shortest_, longest_);
    until_ = clock_.now() + step_;
  }
  void end() {
    step_ = Duration::zero();
    until_.reset();
  }

 private:
  Clock const& clock_;
  Duration shortest_;
  Duration longest_;
  Duration step_{0};
  std::optional<Time> until_;
};

}  // namespace courant::journal
