// The command line: words, options and help.
#pragma once

namespace courant::app {

/// Reads the arguments and does what they say. Returns the exit status: 0 done, 1 failed, 2 not understood.
int run_command_line(int argc, char** argv);

}  // namespace courant::app
