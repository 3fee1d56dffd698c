// How often somebody may guess at one account. Kept in memory, by node; the routes' own limits by client come before
// it.
//
// It counts tries by what was typed as login, whether such an account exists or not, so it tells nobody which do.
// The price: a stranger who keeps guessing locks the owner's next sign-in out for up to a quarter of an hour. Sessions
// that are open stay open.
#pragma once
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.hpp"

namespace courant::accounts {

class SignInLimit {
 public:
  SignInLimit();

  static constexpr int kMostTries = 10;
  static constexpr Duration kWindow = 15min;

  /// Counts a try before its work is done, so that many at once are no way round. Which one it is within the window, 1
  /// to kMostTries; nothing: no more tries now.
  [[nodiscard]] std::optional<int> take_try(std::string_view login_key, Time now);
  /// It was the right password: counting begins anew.
  void note_success(std::string_view login_key);

 private:
  struct Tries {
    int count = 0;
    Time until;  // the window's end; counting begins anew after it
  };
  void forget_old(Time now);
  [[nodiscard]] std::uint64_t key_of(std::string_view login_key) const;

  std::mutex mutex_;
  std::string const salt_;  // so that nobody can name an account that shares another's count
  std::unordered_map<std::uint64_t, Tries> tries_;
};

}  // namespace courant::accounts
