// The front door of accounts: who may sign in, and who is asking.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "features/accounts/account.hpp"
#include "store/store.hpp"
#include "web/context.hpp"
#include "web/response.hpp"
#include "web/site.hpp"

namespace courant::accounts {

std::vector<store::Migration> migrations();

/// Tables that a backup leaves empty: who is signed in on this machine is nobody else's business.
std::vector<std::string> tables_not_backed_up();

/// Adds routes, the session source, the masthead's account slot and the journal's follower. Call it before the journal
/// starts and before any feature that adds viewer links.
Done install(web::Site& site);

/// A link that signed-in people get in the masthead and in /api/v1/viewer, such as "write" for authors.
struct ViewerLink {
  std::string path;     ///< own path
  std::string message;  ///< catalogue key of its text
  web::Access access = web::Access::signed_in;
};
/// In install() of a feature that comes after accounts; shown in the order of adding, before "account" and "sign out".
void add_viewer_link(web::Site& site, ViewerLink link);

/// For commands that change rights or credentials: nothing when the person has signed in within 10 minutes, else the
/// redirect to the page that asks for the password again and then goes on to `path` (an own path of a GET route).
[[nodiscard]] std::optional<web::Response> ask_for_password(web::WorkerContext const& context, std::string_view path);

}  // namespace courant::accounts
