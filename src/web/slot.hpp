// Slots: typed places in a page that a lower feature offers and higher features fill. Keep them few.
//
//     inline constexpr web::Slot<ArticleView> kBelowBody{"articles.below_body"};        // in articles.hpp
//     site.slots().fill(kBelowBody, [](ArticleView const& article, PageContext& page) -> Result<TrustedHtml> {…});
#pragma once
#include <any>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "web/context.hpp"

namespace courant::web {

template <class Argument>
struct Slot {
  std::string_view name;
};

class Slots {
 public:
  template <class Argument>
  using Filler = std::function<Result<TrustedHtml>(Argument const&, PageContext&)>;

  template <class Argument>
  void fill(Slot<Argument> slot, Filler<Argument> filler) {
    fillers_[std::string(slot.name)].emplace_back(std::move(filler));
  }
  /// All fillers' HTML in the order of filling. not_in_memory passes through.
  template <class Argument>
  Result<TrustedHtml> render(Slot<Argument> slot, Argument const& argument, PageContext& page) const {
    TrustedHtml out;
    auto const found = fillers_.find(std::string(slot.name));
    if (found == fillers_.end()) return out;
    for (auto const& filler : found->second)
      out.html += TRY(std::any_cast<Filler<Argument> const&>(filler)(argument, page)).html;
    return out;
  }

 private:
  std::unordered_map<std::string, std::vector<std::any>> fillers_;
};

/// In the masthead, the front page's frame and the footer of every page.
struct Frame {};
inline constexpr Slot<Frame> kMastheadChannels{"web.masthead_channels"};  ///< list items
inline constexpr Slot<Frame> kMastheadAccount{"web.masthead_account"};    ///< sign in / account, write

}  // namespace courant::web
