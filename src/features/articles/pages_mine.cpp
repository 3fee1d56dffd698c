// An author's own list, and the small acts on one article.
#include <limits>

#include "features/articles/pages.hpp"
#include "features/articles/sql.hpp"

namespace courant::articles::pages {
namespace {

constexpr int kMine = 30;

void add_row(web::Model& model, web::PageContext& page, Article const& article) {
  auto& row = model.add("ARTICLE");
  row.set("TITLE", article.title).set("EDIT_PATH", "/write/" + article.id.str());
  row.set("STATE", page.text("articles.state_" + std::string(name_of(article.state))));
  row.set("AT", page.show(article.updated_at)).set("AT_ISO", rfc3339(article.updated_at));
  if (article.state == State::published) row.add("PUBLIC").set("PATH", path_of(article.id, article.slug));
  row.show("CORRECTING", article.state == State::published && article.newest_revision > article.live_revision);
}

Result<std::vector<Article>> articles_of(web::WorkerContext& page, Id<Author> author, Place before) {
  return store::read_value(page.store(), [&](store::Connection& connection) {
    return sql::of_author(connection, author, before.published_at, before.id, kMine + 1);
  });
}

template <class Command>
Answer act(web::Request const& request, web::CommandContext& page, Command&& command, std::string_view then) {
  auto const id = Id<Article>::parse(request.part("id"));
  if (!id) return missing("articles.no_such_article");
  Actor const actor = actor_of(page);
  Tools const tools = tools_of(page);
  auto const changed = TRY(store::write_value(
      page.store(), [&](store::Transaction& transaction) { return command(transaction, tools, actor, *id); }));
  auto response = web::see_other("/write/" + id->str() + std::string(then));
  response.after = changed.event;
  return response;
}

}  // namespace

Answer show_mine(web::Request const& request, web::WorkerContext& page) {
  Id<Author> const author = actor_of(page).author;
  if (!author) return web::see_other("/account/author");
  auto const asked = request.parameter("before");
  auto const place = asked ? Place::parse(*asked) : std::nullopt;
  Place const newest{{std::numeric_limits<std::int64_t>::max()}, {std::numeric_limits<std::int64_t>::max()}};
  auto articles = TRY(articles_of(page, author, place.value_or(newest)));

  web::Model model;
  bool const more = articles.size() > kMine;
  if (more) {
    articles.resize(kMine);
    model.add("OLDER").set("PATH",
                           "/my/articles?before=" + Place{articles.back().updated_at, articles.back().id}.str());
  }
  model.show("EMPTY", articles.empty()).show("TABLE", !articles.empty());
  for (auto const& article : articles) add_row(model, page, article);
  web::PageHead head;
  head.title = page.text("articles.mine_title");
  auto response = TRY(page.page(head, TRY(page.render("articles/mine.html", model))));
  response.caching = web::Caching::none;
  return response;
}

Answer withdraw(web::Request const& request, web::CommandContext& page) {
  return act(request, page, articles::withdraw, "");
}

Answer undo(web::Request const& request, web::CommandContext& page) {
  return act(request, page, articles::undo_withdrawal, "?done=restored");
}

Answer remove(web::Request const& request, web::CommandContext& page) {
  auto const id = Id<Article>::parse(request.part("id"));
  if (!id) return missing("articles.no_such_article");
  Actor const actor = actor_of(page);
  Tools const tools = tools_of(page);
  TRY(page.store().write(
      [&](store::Transaction& transaction) { return delete_draft(transaction, tools, actor, *id); }));
  return web::see_other("/my/articles");
}

}  // namespace courant::articles::pages
