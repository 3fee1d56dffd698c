#include "app/operations.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>

namespace courant::app {
namespace {

constexpr std::int64_t kMostLag = 10'000;  // events: further behind than this a node shows a past nobody wants to read

web::Reply text_reply(int status, std::string_view content_type, std::string body) {
  auto const reason = status == 200   ? "OK"
                      : status == 404 ? "Not Found"
                      : status == 503 ? "Service Unavailable"
                                      : "Bad Request";
  web::Reply reply;
  reply.status = status;
  reply.head = std::make_shared<std::string const>(
      fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\nCache-Control: no-store\r\nX-Content-Type-Options: "
                  "nosniff\r\nContent-Length: {}\r\n",
                  status, reason, content_type, body.size()));
  reply.body = std::make_shared<std::string const>(std::move(body));
  return reply;
}

/// Resident memory of this process in bytes (proc(5), second field of statm in pages).
std::int64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::int64_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

double cpu_seconds() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

/// Prometheus text format 0.0.4.
class Lines {
 public:
  void metric(std::string_view name, std::string_view type, std::string_view help) {
    out_ += fmt::format("# HELP courant_{0} {1}\n# TYPE courant_{0} {2}\n", name, help, type);
  }
  template <class T>
  void value(std::string_view name, T number, std::string_view labels = {}) {
    out_ += labels.empty() ? fmt::format("courant_{} {}\n", name, number)
                           : fmt::format("courant_{}{{{}}} {}\n", name, labels, number);
  }
  template <class T>
  void single(std::string_view name, std::string_view type, std::string_view help, T number) {
    metric(name, type, help);
    value(name, number);
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

}  // namespace

Operations::Operations(web::Site& site, std::function<WireCounts()> wire) : site_(site), wire_(std::move(wire)) {}

std::variant<web::Reply, web::NeedsWorker> Operations::answer_now(web::Request& request) {
  if (request.path == "/healthz") return text_reply(200, "text/plain; charset=utf-8", "ok\n");
  if (request.path == "/readyz") {
    auto const reason = unready_because();
    return reason.empty() ? text_reply(200, "text/plain; charset=utf-8", "ready\n")
                          : text_reply(503, "text/plain; charset=utf-8", reason + "\n");
  }
  if (request.path == "/metrics") return text_reply(200, "text/plain; version=0.0.4; charset=utf-8", metrics());
  return text_reply(404, "text/plain; charset=utf-8", "try /healthz, /readyz or /metrics\n");
}

web::Reply Operations::answer(web::Request& request) { return std::get<web::Reply>(answer_now(request)); }

web::Reply Operations::refusal(int status) {
  auto reply = text_reply(status, "text/plain; charset=utf-8", "bad request\n");
  reply.close = true;
  return reply;
}

std::string Operations::unready_because() const {
  if (!accepting_) return "stopping";
  for (auto const& consumer : site_.ground().journal.stats()) {
    if (!consumer.healthy) return fmt::format("{} has passed an event over; restart to load it anew", consumer.name);
    if (consumer.lag > kMostLag) return fmt::format("{} is {} events behind", consumer.name, consumer.lag);
  }
  return {};
}

std::string Operations::metrics() const {
  Lines lines;
  auto const wire = wire_();
  lines.single("connections", "gauge", "Open connections.", wire.connections);
  lines.single("requests_total", "counter", "Requests answered.", wire.requests);
  lines.single("requests_refused_total", "counter", "Requests refused before they reached a page.", wire.refused);
  lines.single("sent_bytes_total", "counter", "Bytes sent.", wire.bytes_sent);

  auto const pages = site_.pages().stats();
  lines.single("page_cache_hits_total", "counter", "Pages answered from the cache.", pages.hits);
  lines.single("page_cache_misses_total", "counter", "Pages that had to be made.", pages.misses);
  lines.single("page_cache_evictions_total", "counter", "Pages evicted.", pages.evictions);
  lines.single("page_cache_entries", "gauge", "Pages in the cache.", pages.entries);
  lines.single("page_cache_bytes", "gauge", "Bytes in the cache.", pages.bytes);

  auto const store = site_.ground().store.stats();
  lines.single("store_commits_total", "counter", "Transactions committed.", store.commits);
  lines.single("store_commands_total", "counter", "Commands in them.", store.commands);
  lines.single("store_failed_total", "counter", "Commands that were refused or rolled back.", store.failed);
  lines.single("store_group_size_last", "gauge", "Commands in the last group.", store.last_group);
  lines.single("store_group_size_average", "gauge", "Commands in a group, over the last 1,000 groups.",
               store.average_group);
  lines.single("store_waiting", "gauge", "Commands waiting for the writer.", store.waiting);
  lines.single("store_size_bytes", "gauge", "Size of the database.", store.size_bytes);
  lines.single("store_wal_bytes", "gauge", "Size of the write-ahead log (SQLite).", store.wal_bytes);

  auto const consumers = site_.ground().journal.stats();
  lines.metric("journal_position", "gauge", "Last event applied, by consumer.");
  for (auto const& consumer : consumers)
    lines.value("journal_position", consumer.position, fmt::format("consumer=\"{}\"", consumer.name));
  lines.metric("journal_lag", "gauge", "Events not yet applied, by consumer.");
  for (auto const& consumer : consumers)
    lines.value("journal_lag", consumer.lag, fmt::format("consumer=\"{}\"", consumer.name));
  lines.metric("journal_errors_total", "counter", "Failed tries, by consumer.");
  for (auto const& consumer : consumers)
    lines.value("journal_errors_total", consumer.errors, fmt::format("consumer=\"{}\"", consumer.name));

  auto const jobs = site_.ground().jobs.stats();
  lines.single("jobs_waiting", "gauge", "Jobs to do.", jobs.waiting);
  lines.single("jobs_running", "gauge", "Jobs under way.", jobs.running);
  lines.single("jobs_failed", "gauge", "Jobs given up.", jobs.failed);

  auto const pictures = site_.ground().pictures.counts();
  lines.single("pictures_taken_in_total", "counter", "Pictures taken in.", pictures.taken_in);
  lines.single("pictures_refused_total", "counter", "Pictures refused.", pictures.refused);
  lines.single("media_workers_lost_total", "counter", "Picture workers that crashed or were ended.",
               pictures.workers_lost);

  lines.single("process_resident_bytes", "gauge", "Resident memory of this process.", resident_bytes());
  lines.single("process_cpu_seconds_total", "counter", "CPU time of this process.", cpu_seconds());
  return lines.take();
}

}  // namespace courant::app
