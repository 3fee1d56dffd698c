// What people see of accounts: sign-up, sign-in, the account page, and who they are for the small script of cached
// pages.
#pragma once
#include <vector>

#include "base/result.hpp"
#include "features/accounts/accounts.hpp"
#include "web/context.hpp"
#include "web/request.hpp"
#include "web/response.hpp"
#include "web/slot.hpp"

namespace courant::accounts::pages {

/// What features have added to the signed-in person's links; kept by the site.
struct ViewerLinks {
  std::vector<ViewerLink> links;
};

Result<web::Response> show_sign_up(web::Request const& request, web::WorkerContext& page);
Result<web::Response> sign_up(web::Request const& request, web::CommandContext& context);
Result<web::Response> show_sign_in(web::Request const& request, web::WorkerContext& page);
Result<web::Response> sign_in(web::Request const& request, web::CommandContext& context);
Result<web::Response> sign_out(web::Request const& request, web::CommandContext& context);

Result<web::Response> show_account(web::Request const& request, web::WorkerContext& page);
Result<web::Response> rename(web::Request const& request, web::CommandContext& context);
/// Field "session": the one to end; empty: all but this one.
Result<web::Response> end_sessions(web::Request const& request, web::CommandContext& context);
Result<web::Response> show_password(web::Request const& request, web::WorkerContext& page);
Result<web::Response> change_password(web::Request const& request, web::CommandContext& context);
Result<web::Response> show_confirm(web::Request const& request, web::WorkerContext& page);
Result<web::Response> confirm(web::Request const& request, web::CommandContext& context);

/// GET /api/v1/viewer: who asks, their rights, token and links; described in docs/api/viewer.md.
Result<web::Response> show_viewer(web::Request const& request, web::WorkerContext& page);
/// Fills web::kMastheadAccount.
Result<web::TrustedHtml> masthead(web::Frame const& frame, web::PageContext& page);

/// GET /admin/audit: the audit log, newest first; query "before" is a position.
Result<web::Response> show_audit(web::Request const& request, web::WorkerContext& page);

}  // namespace courant::accounts::pages
