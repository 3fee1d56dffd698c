#include "app/privileges.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/log.hpp"

namespace courant::app {
namespace {

/// Hands the tree over; symbolic links are changed themselves and never followed.
Done hand_over(std::filesystem::path const& path, uid_t user, gid_t group) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error)
    return invalid("app.no_data_directory", fmt::format("{} cannot be made: {}", path.string(), error.message()));
  auto const give = [&](std::filesystem::path const& one) { return ::lchown(one.c_str(), user, group) == 0; };
  if (!give(path))
    return invalid("app.no_data_directory",
                   fmt::format("{} cannot be given to the serving account: {}", path.string(), std::strerror(errno)));
  for (auto const& entry : std::filesystem::recursive_directory_iterator(path, error))
    if (!give(entry.path()))
      return invalid("app.no_data_directory", fmt::format("{}: {}", entry.path().string(), std::strerror(errno)));
  return {};
}

bool belongs_to(std::filesystem::path const& path, uid_t user) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && status.st_uid == user;
}

}  // namespace

Done leave_root(std::string const& name, std::filesystem::path const& data) {
  if (::geteuid() != 0) return {};
  auto const* const account = ::getpwnam(name.c_str());
  if (account == nullptr || account->pw_uid == 0)
    return invalid(
        "app.no_such_account",
        fmt::format("Serving as root is refused and \"{}\" is no account to change to. Name one with --set run_as=…",
                    name));
  auto const user = account->pw_uid;
  auto const group = account->pw_gid;
  // A tree that is the account's already may be large; leave it.
  if (!belongs_to(data, user)) TRY(hand_over(data, user, group));
  if (::setgroups(0, nullptr) != 0 || ::setresgid(group, group, group) != 0 || ::setresuid(user, user, user) != 0 ||
      ::setuid(0) == 0)
    return broken(fmt::format("cannot become {}: {}", name, std::strerror(errno)));
  if (::access(data.c_str(), R_OK | W_OK | X_OK) != 0)
    return invalid("app.no_data_directory", fmt::format("The account {} that serves cannot use {}: {}. Put the data "
                                                        "elsewhere (--data), or start as another account.",
                                                        name, data.string(), std::strerror(errno)));
  log::info("started as root; serving as {}", name);
  return {};
}

}  // namespace courant::app
