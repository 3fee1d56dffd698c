// The front door of transfer.
#pragma once
#include <vector>

#include "features/transfer/import.hpp"
#include "store/store.hpp"

namespace courant::transfer {

std::vector<store::Migration> migrations();

}  // namespace courant::transfer
