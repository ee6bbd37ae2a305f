#include "app/cli/inspect/inspection.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "app/cli/inspect/probe_parts.h"
#include "app/cli/inspect/raw_frame.h"
#include "app/cli/inspect/safe_text.h"
#include "base/clock.h"
#include "http/response.h"

namespace clearline::app::inspect {

namespace {

constexpr std::size_t error_text_bytes_max = 200;

std::string field_of(const HttpAnswer& answer, std::string_view name) {
  for (const http::Header& header : answer.headers)
    if (http::equal_without_case(header.name, name)) return safe_text(header.value, error_text_bytes_max);
  return {};
}

// Text and binary, and a ping: they come back together, or they do not.
Probe first_look() {
  const ExpectedAnswer binary{EventKind::binary, std::string(marker)};
  return echo_probe(Group::messages,
                    {"first-look", "", "", text_frame(marker) + binary_frame(marker), {text_answer(marker), binary}});
}

Probe compression_look() {
  Probe probe;
  probe.offers_compression = true;
  probe.expect.demand = Demand::accept_handshake;
  return probe;
}

Result<void> check_opening(const Observation& seen, const RunTimes& times) {
  if (seen.connect_error) return fail(ErrorCode::unavailable, *seen.connect_error);
  if (!seen.not_http.empty()) return fail(ErrorCode::unavailable, "the server does not speak HTTP: " + seen.not_http);
  if (!seen.http && seen.tcp != TcpEnd::none)
    return fail(ErrorCode::unavailable, "the server closed the connection without an answer to the opening handshake");
  if (!seen.http)
    return fail(ErrorCode::unavailable,
                fmt::format("no answer to the opening handshake within {} ms", times.timeout_ms));
  if (seen.http->status != 101)
    return fail(ErrorCode::unavailable, fmt::format("no WebSocket there: the opening handshake got HTTP {} {}",
                                                    seen.http->status, http::status_text(seen.http->status)));
  if (!seen.http->invalid.empty())
    return fail(ErrorCode::unavailable, "the answer to the opening handshake is not valid: " + seen.http->invalid);
  return {};
}

std::optional<std::string> why_not(const Needs& needs, const InspectionPlan& plan) {
  if (needs.message_limit && !plan.message_limit_known) return "give the server's limit with --message-bytes-max";
  if (needs.compression && !plan.facts.grants_compression) return "the server does not grant permessage-deflate";
  if (needs.echo && !plan.facts.echoes) return "the server does not send messages back";
  return std::nullopt;
}

// What the threads share.
class Work {
 public:
  Work(const InspectionPlan& plan, std::vector<ProbeResult>& results) : plan_(plan), results_(results) {}

  // A thread's life: one probe after the other, until there are no more.
  void run() {
    while (ProbeResult* result = take()) {
      result->seen = run_probe(result->probe, plan_.target, plan_.times);
      result->judgement = judge(result->probe, result->seen);
      result->made = true;
      const std::lock_guard lock(mutex_);
      ++progress_.done;
      if (result->judgement.verdict == Verdict::wrong) ++progress_.wrong;
      changed_.notify_one();
    }
  }

  [[nodiscard]] InspectionProgress wait_for_progress(std::size_t all) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::milliseconds(200), [&] { return progress_.done == all; });
    progress_.all = all;
    return progress_;
  }

 private:
  ProbeResult* take() {
    const std::lock_guard lock(mutex_);
    while (next_ < results_.size() && results_[next_].judgement.verdict == Verdict::not_applicable) ++next_;
    return next_ < results_.size() ? &results_[next_++] : nullptr;
  }

  const InspectionPlan& plan_;
  std::vector<ProbeResult>& results_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t next_ = 0;  // guarded by mutex_, as is what follows
  InspectionProgress progress_;
};

}  // namespace

Result<ServerFacts> look_at_server(const Target& target, const RunTimes& times) {
  const Probe look = first_look();
  const Observation seen = run_probe(look, target, times);
  CLEARLINE_CHECK(check_opening(seen, times));
  ServerFacts facts{.server = field_of(*seen.http, "Server")};
  facts.echoes = answers_complete(look.expect, seen.reply);
  const Observation offered = run_probe(compression_look(), target, times);
  facts.grants_compression =
      offered.http && offered.http->status == 101 && !field_of(*offered.http, "Sec-WebSocket-Extensions").empty();
  return facts;
}

InspectionResult inspect_server(const InspectionPlan& plan,
                                const std::function<void(const InspectionProgress&)>& show) {
  const MonotonicTime start = monotonic_now();
  InspectionResult inspection{.facts = plan.facts};
  std::size_t to_make = 0;
  for (const Probe& probe : plan.probes) {
    ProbeResult result{.probe = probe};
    if (const auto reason = why_not(probe.needs, plan)) {
      result.judgement = {Verdict::not_applicable, *reason};
    } else {
      ++to_make;
    }
    inspection.results.push_back(std::move(result));
  }

  Work work(plan, inspection.results);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < std::min(plan.concurrency, to_make); ++i) threads.emplace_back([&work] { work.run(); });
  for (InspectionProgress progress; progress.done < to_make;) {
    progress = work.wait_for_progress(to_make);
    show(progress);
  }
  for (std::thread& thread : threads) thread.join();

  for (const ProbeResult& result : inspection.results)
    ++inspection.counts[static_cast<std::size_t>(result.judgement.verdict)];
  inspection.seconds = static_cast<double>(monotonic_now().ms - start.ms) / 1000;
  return inspection;
}

}  // namespace clearline::app::inspect
