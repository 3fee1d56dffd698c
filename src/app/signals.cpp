#include "app/signals.hpp"

#include <signal.h>

namespace courant::app {
namespace {

sigset_t handled() {
  sigset_t set;
  sigemptyset(&set);
  for (int const one : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&set, one);
  return set;
}

}  // namespace

void block_signals() {
  auto const set = handled();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

Signal next_signal() {
  auto const set = handled();
  for (;;) {
    int number = 0;
    if (::sigwait(&set, &number) != 0) continue;
    if (number == SIGHUP) return Signal::reload;
    if (number == SIGUSR1) return Signal::reopen;
    return Signal::stop;
  }
}

}  // namespace courant::app
