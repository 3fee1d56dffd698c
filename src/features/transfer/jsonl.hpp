// Reads JSON lines: one article a line. The format is described in docs/operate/import.md.
#pragma once
#include <memory>
#include <string>

#include "features/transfer/item.hpp"
#include "text/xml.hpp"

namespace courant::transfer {

/// Longer lines are passed over and reported.
inline constexpr std::size_t kLongestLine = 32u << 20;  // bytes

/// `name` tells this archive from others: with an item's id it says whether the item is there already.
std::unique_ptr<Reader> read_jsonl(text::XmlSource source, std::string name);

}  // namespace courant::transfer
