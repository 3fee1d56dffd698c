// What others hand in may throw by a mistake of theirs; here that becomes an Error, and the thread goes on.
#pragma once
#include <exception>
#include <string>

#include "base/result.hpp"

namespace courant {

template <class F>
Done guarded(F&& work) {
  try {
    return work();
  } catch (std::exception const& exception) {
    return broken(std::string("an exception: ") + exception.what());
  } catch (...) {
    return broken("an exception of unknown type");
  }
}

}  // namespace courant
