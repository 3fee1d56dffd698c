// A write that waits for its turn.
#pragma once
#include <chrono>
#include <functional>

#include "store/store.hpp"

namespace courant::store {

struct Command {
  std::function<Done(Transaction&)> work;
  std::function<void(Done)> done;
  Priority priority = Priority::command;
  std::chrono::steady_clock::time_point since{};
};

}  // namespace courant::store
