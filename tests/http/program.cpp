// main() of the test program: it is its own media worker, as the real program is.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <string_view>

#include "base/crypto.hpp"
#include "base/log.hpp"
#include "media/worker.hpp"

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "media-worker")
    return courant::media::run_worker(courant::media::kWorkerSocket);
  if (!courant::crypto::set_up()) return 1;
  courant::log::set_up(courant::log::Level::error, courant::log::Style::plain);
  return doctest::Context(argc, argv).run();
}
