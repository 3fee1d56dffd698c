// The words of the command line, one function each. Every one returns the process's exit status.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/config.hpp"

namespace courant::app {

struct ServeOptions {
  std::filesystem::path demo;  ///< folder with the demo's authors and articles; empty: an empty, real site
  bool demo_public = false;    ///< demo accounts may sign in through a non-loopback listener
};
int serve(Config config, ServeOptions const& options);

struct UserOptions {
  std::string login;
  std::string name;      ///< display name; empty: the login
  std::string role;      ///< a web::Role by name
  std::string password;  ///< empty: read from standard input, or made and printed when that is a terminal
};
int user_add(Config const& config, UserOptions const& options);
int user_role(Config const& config, UserOptions const& options);
int user_password(Config const& config, UserOptions const& options);
/// A suspended account can sign in and read, and do nothing else; all its sessions end.
int user_suspend(Config const& config, UserOptions const& options);
int user_reinstate(Config const& config, UserOptions const& options);
int user_list(Config const& config);
int audit_verify(Config const& config);

struct ImportOptions {
  std::string format;  ///< "wxr" or "jsonl"
  std::filesystem::path file;
  std::filesystem::path report;  ///< where the report goes; empty: beside the data, named by time
  std::string channel;           ///< for items that name none
  bool dry_run = false;
};
int import_file(Config const& config, ImportOptions const& options);

int backup(Config const& config, std::filesystem::path const& target);
struct RestoreOptions {
  std::filesystem::path source;
  bool verify_only = false;
};
int restore(Config const& config, RestoreOptions const& options);

int migrate(Config const& config, std::string const& step_back_owner);

}  // namespace courant::app
