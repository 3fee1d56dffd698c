#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "base/crypto.hpp"
#include "base/log.hpp"

int main(int argc, char** argv) {
  if (!courant::crypto::set_up()) return 1;
  courant::log::set_up(courant::log::Level::error, courant::log::Style::plain);
  return doctest::Context(argc, argv).run();
}
