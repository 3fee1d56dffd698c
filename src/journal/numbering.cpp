#include "journal/numbering.hpp"

#include "base/log.hpp"

namespace courant::journal {
namespace {

constexpr Duration kLease = 2s;
constexpr Duration kRenewBelow = kLease * 2 / 3;
constexpr Duration kLookForLease = 500ms;
constexpr int kBatch = 2'000;

}  // namespace

void Numbering::start(std::function<void()> at_numbered) {
  at_numbered_ = std::move(at_numbered);
  look_again_ = Time{};
  stopping_ = false;
  thread_ = std::thread([this] { run(); });
}

void Numbering::end() {
  stopping_ = true;
  bell_.ring();
  if (thread_.joinable()) thread_.join();
}

void Numbering::stop() {
  end();
  if (epoch_ == 0) return;
  auto const done = store_.write([&](store::Transaction& transaction) -> Done {
    auto lease = TRY(sql::lock_lease(transaction));
    if (lease.epoch != epoch_) return {};
    lease.until = Time{};
    return sql::set_lease(transaction, lease);
  });
  epoch_ = 0;
  if (!done.ok()) log::warn("journal: the numbering lease runs out by itself: {}", describe(done.error()));
}

void Numbering::run() {
  while (!stopping_) {
    step();
    bell_.wait(epoch_ != 0 ? options_.number_every : kLookForLease);
  }
}

void Numbering::step() {
  auto const now = clock_.now();
  if (epoch_ != 0 && now >= held_until_) give_up("could not be renewed in time");
  if (epoch_ == 0) {
    if (now < look_again_ && now + kLookForLease >= look_again_) return;
    look_again_ = now + kLookForLease;
    if (auto const done = take_lease_if_free(); !done.ok())
      return log::warn("journal: cannot look for the numbering lease: {}", describe(done.error()));
  }
  if (epoch_ == 0) return;
  if (auto const done = number_waiting(); !done.ok())
    log::warn("journal: cannot number events: {}", describe(done.error()));
}

Done Numbering::take_lease_if_free() {
  auto const seen = TRY(read_value(store_, [](store::Connection& connection) { return sql::lease(connection); }));
  if (clock_.now() < seen.until) return {};
  sql::Lease mine;
  bool taken = false;
  TRY(store_.write([&](store::Transaction& transaction) -> Done {
    mine = TRY(sql::lock_lease(transaction));
    taken = mine.epoch == seen.epoch;
    if (!taken) return {};  // another node was quicker
    mine = {seen.epoch + 1, options_.node, clock_.now() + kLease, mine.last};
    return sql::set_lease(transaction, mine);
  }));
  if (!taken) return {};
  epoch_ = mine.epoch;
  held_until_ = mine.until;
  log::info("journal: node {} numbers events from position {} (epoch {})", mine.node, mine.last + 1, epoch_);
  return {};
}

Done Numbering::number_waiting() {
  while (!stopping_ && epoch_ != 0) {
    bool const any =
        TRY(read_value(store_, [](store::Connection& connection) { return sql::any_unnumbered(connection); }));
    if (!any && held_until_ - clock_.now() > kRenewBelow) return {};
    std::int64_t numbered = 0;
    TRY(write_as_holder([&](store::Transaction& transaction, Position last) -> Result<std::int64_t> {
      return numbered = TRY(sql::number(transaction, last, kBatch));
    }));
    if (numbered > 0) at_numbered_();
    if (numbered < kBatch) return {};
  }
  return {};
}

/// Runs `number` if the lease is still ours, notes how far it has come, and renews the lease.
Done Numbering::write_as_holder(std::function<Result<std::int64_t>(store::Transaction&, Position last)> const& number) {
  bool lost = false;
  Time until;
  TRY(store_.write([&](store::Transaction& transaction) -> Done {
    auto lease = TRY(sql::lock_lease(transaction));
    lost = lease.epoch != epoch_;
    if (lost) return {};
    lease.last += TRY(number(transaction, lease.last));
    lease.until = until = clock_.now() + kLease;
    return sql::set_lease(transaction, lease);
  }));
  if (lost)
    give_up("was taken over by another node");
  else
    held_until_ = until;
  return {};
}

void Numbering::give_up(char const* why) {
  log::warn("journal: node {} stops numbering: its lease (epoch {}) {}", options_.node, epoch_, why);
  epoch_ = 0;
  look_again_ = Time{};
}

}  // namespace courant::journal
