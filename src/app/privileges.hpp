// Nothing serves as root.
#pragma once
#include <filesystem>
#include <string>

#include "base/result.hpp"

namespace courant::app {

/// Started as root: makes `data` belong to the account `name` (when that is new or root's) and becomes that account for
/// good. Started as anybody else: does nothing. Errors: invalid with what to do.
Done leave_root(std::string const& name, std::filesystem::path const& data);

}  // namespace courant::app
