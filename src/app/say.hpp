// What the command line says to a person: an error's sentence from the English catalogue, with its detail.
#pragma once
#include <string>

#include "base/error.hpp"

namespace courant::app {

[[nodiscard]] std::string say(Error const& error);

/// Prints "courant: …" on standard error and gives the exit status: 1.
int fail(Error const& error);

}  // namespace courant::app
