// The import itself: reads items, cleans them, writes them in groups, reports each.
#pragma once
#include <functional>
#include <string>

#include "base/id.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "features/transfer/item.hpp"
#include "features/transfer/report.hpp"
#include "store/store.hpp"

namespace courant::transfer {

struct ImportTools {
  store::Store& store;
  IdSource& ids;
  Clock const& clock;
};

enum class Run : std::uint8_t { write, dry };

struct ImportPlan {
  Run run = Run::write;
  std::string default_channel = "news";  ///< slug or name
  std::string default_author;            ///< display name for items that name none; empty: the source's name
  std::function<void(std::uint64_t bytes_read, Totals const&)> progress;  ///< now and then; may be null
};

/// Reads to the end. What one item lacks is in the report and the rest goes on. Safe to run again after any end.
/// Errors: unavailable when the database cannot be written (what was reported as created is there); when the file
/// cannot be read on, everything before is kept, the report says where, and the error is returned.
Done import_items(Reader& reader, ImportTools tools, ImportPlan const& plan, Report& report);

}  // namespace courant::transfer
