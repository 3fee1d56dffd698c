// courant import wxr | jsonl: opens the file, shows progress, writes the report, and tells what has become of
// everything.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "app/commands.hpp"
#include "app/ground.hpp"
#include "app/say.hpp"
#include "features/accounts/audit.hpp"
#include "features/transfer/import.hpp"
#include "features/transfer/jsonl.hpp"
#include "features/transfer/wxr.hpp"
#include "media/descriptor.hpp"

namespace courant::app {
namespace {

Result<text::XmlSource> open_source(std::filesystem::path const& path) {
  auto const descriptor = std::make_shared<media::Descriptor>(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (descriptor->get() < 0)
    return invalid("app.file_unreadable", fmt::format("{}: {}", path.string(), std::strerror(errno)));
  return text::XmlSource([descriptor, path](std::span<char> buffer) -> Result<std::size_t> {
    for (;;) {
      auto const count = ::read(descriptor->get(), buffer.data(), buffer.size());
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR) return unavailable(fmt::format("{}: {}", path.string(), std::strerror(errno)));
    }
  });
}

/// One line on a terminal, drawn again at most five times a second.
class ProgressBar {
 public:
  explicit ProgressBar(std::uint64_t whole, Clock const& clock)
      : whole_(std::max<std::uint64_t>(whole, 1)),
        clock_(clock),
        began_(clock.now()),
        shown_(::isatty(STDERR_FILENO) != 0) {}

  void show(std::uint64_t bytes, transfer::Totals const& totals) {
    auto const now = clock_.now();
    if (!shown_ || now - last_ < 200ms) return;
    last_ = now;
    constexpr int kWidth = 30;
    auto const part = std::min(1.0, static_cast<double>(bytes) / static_cast<double>(whole_));
    std::int64_t items = 0;
    for (auto const& [outcome, count] : totals.items) items += count;
    auto const seconds = std::max(1e-3, static_cast<double>((now - began_).count()) / 1e6);
    fmt::print(stderr, "\r[{:<{}}] {:3.0f} %  {} items, {:.0f}/s ",
               std::string(static_cast<std::size_t>(part * kWidth), '#'), kWidth, part * 100, items,
               static_cast<double>(items) / seconds);
  }
  void end() const {
    if (shown_) fmt::print(stderr, "\r{:70}\r", "");
  }

 private:
  std::uint64_t whole_;
  Clock const& clock_;
  Time began_, last_;
  bool shown_;
};

std::filesystem::path report_path(Config const& config, ImportOptions const& options, Time now) {
  if (!options.report.empty()) return options.report;
  auto name = rfc3339(now);  // 2026-11-22T15:04:05Z; the microseconds keep two in one second apart
  std::erase(name, ':');
  return config.data / fmt::format("import-{}-{:06}.jsonl", name, now.microseconds % 1'000'000);
}

std::unique_ptr<transfer::Reader> reader_for(ImportOptions const& options, text::XmlSource source) {
  if (options.format == "wxr") return transfer::read_wxr(std::move(source));
  return transfer::read_jsonl(std::move(source), options.file.stem().string());
}

void print_totals(transfer::Totals const& totals, std::filesystem::path const& report) {
  using transfer::Outcome;
  for (auto const outcome :
       {Outcome::created, Outcome::would_create, Outcome::already_there, Outcome::skipped, Outcome::failed})
    if (totals.of(outcome) > 0) fmt::print("{:<17} {}\n", transfer::name_of(outcome), totals.of(outcome));
  if (totals.drafts > 0) fmt::print("  of the created, drafts: {}\n", totals.drafts);
  fmt::print("characters        in {} + added {} = stored {} + reported {}\n", totals.characters_in,
             totals.characters_added, totals.characters_stored, totals.characters_reported);
  fmt::print("report            {}\n", report.string());
}

Done import_all(Config const& config, ImportOptions const& options) {
  auto const floor = TRY(GroundFloor::open(config, Process::command));
  auto const lock = TRY(DataLock::take(config.data, "command"));
  auto const reader = reader_for(options, TRY(open_source(options.file)));
  auto const path = report_path(config, options, floor->clock.now());
  auto report = TRY(transfer::Report::open(path, [](std::string_view key, MessageArguments const& arguments) {
    return say(Error{ErrorKind::invalid, std::string(key), {}, arguments, {}});
  }));

  std::error_code error;
  auto const size = std::filesystem::file_size(options.file, error);
  ProgressBar bar(error ? 0 : size, floor->clock);
  transfer::ImportPlan plan;
  plan.run = options.dry_run ? transfer::Run::dry : transfer::Run::write;
  plan.default_channel = options.channel;
  plan.progress = [&](std::uint64_t bytes, transfer::Totals const& totals) { bar.show(bytes, totals); };
  auto const done = transfer::import_items(*reader, {*floor->store, *floor->ids, floor->clock}, plan, report);
  bar.end();
  print_totals(report.totals(), path);
  if (!options.dry_run)
    TRY(floor->store->write([&](store::Transaction& transaction) -> Done {
      TRY(audit::record(transaction, floor->clock,
                        {"accounts.imported",
                         audit::by_command_line(),
                         {},
                         {{"created", report.totals().of(transfer::Outcome::created)}}}));
      return {};
    }));
  if (!done.ok()) return Error(done.error());
  if (auto const failed = report.totals().of(transfer::Outcome::failed); failed > 0)
    return invalid({}, fmt::format("{} items could not be brought; the report says which and why", failed));
  return {};
}

}  // namespace

int import_file(Config const& config, ImportOptions const& options) {
  auto const done = import_all(config, options);
  return done.ok() ? 0 : fail(done.error());
}

}  // namespace courant::app
