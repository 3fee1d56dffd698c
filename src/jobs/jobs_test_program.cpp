// jobs_test_program URL NOW: runs the queue of an existing database at NOW (microseconds), and dies, as by a power cut,
// in the middle of the first job of kind "fatal".
#include <unistd.h>

#include <string>

#include "base/bell.hpp"
#include "base/log.hpp"
#include "jobs/jobs.hpp"

using namespace courant;

int main(int count, char** arguments) {
  if (count != 3) return 2;
  log::set_up(log::Level::off, log::Style::plain);
  auto store = store::Store::open({.url = arguments[1]});
  if (!store.ok()) return 3;
  ManualClock const clock(Time{std::stoll(arguments[2])});
  IdSource ids(clock, 7);
  jobs::WorkerPool pool(1);
  auto queue = jobs::Jobs::open(**store, clock, ids, pool);
  if (!queue.ok()) return 4;
  (*queue)->handle("fatal", [](std::string_view) -> Done { _exit(9); });
  if (!(*queue)->start().ok()) return 5;
  Bell never;
  never.wait(60s);
  return 6;
}
