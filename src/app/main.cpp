#include <cstdlib>
#include <exception>
#include <string_view>

#include "app/command_line.hpp"
#include "base/crypto.hpp"
#include "base/log.hpp"
#include "media/worker.hpp"

int main(int argc, char** argv) {
  // The picture worker is this program started anew; it must not set up anything but itself.
  if (argc > 1 && std::string_view(argv[1]) == "media-worker")
    return courant::media::run_worker(courant::media::kWorkerSocket);
  try {
    if (!courant::crypto::set_up()) return EXIT_FAILURE;
    return courant::app::run_command_line(argc, argv);
  } catch (std::exception const& bug) {
    courant::log::error("ended by a bug: {}", bug.what());
    return EXIT_FAILURE;
  }
}
