// Single flight: of those who want the same page at once, one has it made and the others wait without a thread.
#pragma once
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace courant::net {

class Flights {
 public:
  /// True: the caller leads and must call land(). False: somebody leads already; `resume` is called, from any thread,
  /// when that one has landed.
  [[nodiscard]] bool board(std::string const& flight, std::function<void()> resume);
  void land(std::string const& flight);

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::vector<std::function<void()>>> waiting_;
};

}  // namespace courant::net
