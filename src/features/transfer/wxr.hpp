// Reads WordPress exports: WXR 1.0 to 1.2, RSS 2.0 with WordPress's elements.
#pragma once
#include <memory>

#include "features/transfer/item.hpp"
#include "text/xml.hpp"

namespace courant::transfer {

/// Bodies longer than this are an error of their item.
inline constexpr std::size_t kLongestBody = 16u << 20;  // bytes

/// Prefixes are taken by their namespace, so that files that name them otherwise are read too.
std::unique_ptr<Reader> read_wxr(text::XmlSource source);

}  // namespace courant::transfer
