// Fills an empty site with the demo's authors and articles (the folder demo/ of the source).
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "app/ground.hpp"

namespace courant::app {

struct DemoAccount {
  std::string login;
  std::string password;
  std::string role;
};

struct Demo {
  bool filled = false;                ///< now; false: the site had something already
  std::vector<DemoAccount> accounts;  ///< with passwords only when just made
  std::filesystem::path passwords;    ///< the file (0600) that keeps them
};

/// Does nothing when there is any account or article. Passwords are random for each data directory and kept in
/// DATA/demo-passwords.txt (0600). Article times count back from now. Errors: invalid for a malformed demo file
/// (named).
Result<Demo> fill_with_demo(GroundFloor& floor, web::Settings const& settings, std::filesystem::path const& folder);

}  // namespace courant::app
