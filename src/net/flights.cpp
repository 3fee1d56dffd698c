#include "net/flights.hpp"

namespace courant::net {

bool Flights::board(std::string const& flight, std::function<void()> resume) {
  std::lock_guard const lock(mutex_);
  auto const [found, leads] = waiting_.try_emplace(flight);
  if (!leads) found->second.push_back(std::move(resume));
  return leads;
}

void Flights::land(std::string const& flight) {
  std::vector<std::function<void()>> passengers;
  {
    std::lock_guard const lock(mutex_);
    auto const found = waiting_.find(flight);
    passengers = std::move(found->second);
    waiting_.erase(found);
  }
  for (auto& resume : passengers) resume();
}

}  // namespace courant::net
