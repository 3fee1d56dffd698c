// Whatever goes in, what comes out holds allowed elements only, is the same when sanitised again, is read by another
// parser as the same tree, and no character is unaccounted for.
#include "fuzz.hpp"
#include "text/html_check.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string const fault = courant::text::check::fault_of_sanitizing(as_text(data, size));
  must_hold(fault.empty(), fault);
  return 0;
}
