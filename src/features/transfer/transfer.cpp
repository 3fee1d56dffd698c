#include "features/transfer/transfer.hpp"

#include "web/embedded.hpp"

namespace courant::transfer {

std::vector<store::Migration> migrations() { return web::migrations_of("transfer"); }

}  // namespace courant::transfer
