#include "app/cli/inspect/judge.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "app/cli/inspect/judge_handshake.h"
#include "registry/registry.h"

namespace clearline::app::inspect {

namespace {

using registry::normal_closure;

bool contains(const std::vector<std::uint16_t>& codes, std::uint16_t code) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

bool is_data(EventKind kind) {
  return kind == EventKind::text || kind == EventKind::binary;
}

// --- The server's own faults, whatever was asked --------------------------------------------------------------------

std::optional<Judgement> judge_servers_frames(const Observation& seen) {
  const Reply& reply = seen.reply;
  if (reply.close && reply.close->code && !registry::valid_on_wire_when_received(*reply.close->code))
    return Judgement{Verdict::wrong, fmt::format("sent Close {}, a code that must not be sent", *reply.close->code)};
  if (reply.violation)
    return Judgement{Verdict::wrong,
                     fmt::format("the server's own bytes are wrong: {}", registry::cause_text(*reply.violation))};
  if (reply.data_after_close) return Judgement{Verdict::wrong, "sent data after its Close frame"};
  if (reply.too_much) return Judgement{Verdict::wrong, "sent far more than was asked for"};
  return std::nullopt;
}

Judgement worse_of(Judgement left, Judgement right) {
  return left.verdict >= right.verdict ? std::move(left) : std::move(right);
}

// --- Offences: the server has to fail the connection ----------------------------------------------------------------

Judgement judge_failing_close(const Expectation& expect, const ReceivedClose& close) {
  const std::uint16_t wanted = expect.codes.front();
  if (close.payload_bytes == 0) return {Verdict::weak, fmt::format("a Close without a code instead of {}", wanted)};
  if (*close.code == wanted) return {};
  if (contains(expect.codes, *close.code)) return {Verdict::allowed, fmt::format("{} would say it better", wanted)};
  if (expect.close_code && *close.code == *expect.close_code)
    return {Verdict::wrong, fmt::format("took the Close as if it were right, and echoed {}", *close.code)};
  return {Verdict::wrong, fmt::format("Close {} instead of {}", *close.code, wanted)};
}

Judgement judge_lateness(const Expectation& expect, const Observation& seen) {
  if (seen.pauses_before_end == 0) return {};
  return {expect.late, "only after more input had come"};
}

Judgement judge_failure(const Expectation& expect, const Observation& seen) {
  if (seen.reply.close) return worse_of(judge_failing_close(expect, *seen.reply.close), judge_lateness(expect, seen));
  if (seen.tcp != TcpEnd::none)
    return worse_of({Verdict::weak, "dropped without a Close frame"}, judge_lateness(expect, seen));
  if (shows_acceptance(seen.reply)) return {expect.accepted, "accepted: the server went on"};
  return {expect.silent, "no answer at all"};
}

// --- Correct input: answers, and the closing handshake --------------------------------------------------------------

bool fits(const Event& event, const ExpectedAnswer& expected) {
  if (event.kind != expected.kind || event.payload.size() != expected.payload.size() + expected.fill_bytes)
    return false;
  return event.payload.starts_with(expected.payload) &&
         event.payload.find_first_not_of('x', expected.payload.size()) == std::string::npos;
}

// Messages in their order and pongs in theirs; what a server says beside is its own affair.
std::size_t count_in_order(const std::vector<ExpectedAnswer>& expected, const std::vector<Event>& events, bool data) {
  auto event = events.begin();
  std::size_t found = 0;
  for (const ExpectedAnswer& answer : expected) {
    if (is_data(answer.kind) != data) continue;
    event = std::find_if(event, events.end(), [&](const Event& candidate) { return fits(candidate, answer); });
    if (event == events.end()) break;
    ++event;
    ++found;
  }
  return found;
}

bool has_answer(const std::vector<Event>& events, const ExpectedAnswer& answer) {
  return std::any_of(events.begin(), events.end(), [&](const Event& event) { return fits(event, answer); });
}

std::size_t count_answers(const Expectation& expect, const Reply& reply) {
  return count_in_order(expect.answers, reply.events, true) + count_in_order(expect.answers, reply.events, false);
}

Judgement judge_answers(const Expectation& expect, const Reply& reply) {
  const std::size_t found = count_answers(expect, reply);
  if (found == expect.answers.size()) return {};
  if (expect.last_answer_suffices && has_answer(reply.events, expect.answers.back()))
    return {Verdict::allowed, "answered the last only"};
  const bool one = expect.answers.size() == 1;
  return {expect.missing,
          one ? "the answer did not come" : fmt::format("{} of {} answers came", found, expect.answers.size())};
}

// Our Close was right, so the server answers with the same code, "typically" (RFC 6455 section 5.5.1).
Judgement judge_close_answer(const Expectation& expect, const ReceivedClose& close) {
  if (close.code == expect.close_code && (close.code || close.payload_bytes == 0)) return {};
  if (!close.code) return {Verdict::allowed, "answered without the code"};
  if (*close.code == normal_closure)
    return {Verdict::allowed, fmt::format("answered with {} whatever the code", *close.code)};
  return {Verdict::wrong, expect.close_code
                              ? fmt::format("Close {} although {} was right", *close.code, *expect.close_code)
                              : fmt::format("Close {} although no code was given", *close.code)};
}

Judgement judge_conversation(const Expectation& expect, const Observation& seen) {
  const Judgement answers = judge_answers(expect, seen.reply);
  if (seen.reply.close) {
    Judgement close = judge_close_answer(expect, *seen.reply.close);
    if (seen.reply.control_after_close)
      close = worse_of(std::move(close), {Verdict::weak, "sent a frame after its Close frame"});
    return close.verdict == Verdict::wrong ? close : worse_of(answers, close);
  }
  if (seen.tcp == TcpEnd::none) return worse_of(answers, {Verdict::wrong, "no answer to our Close"});
  const bool answered = answers.verdict <= Verdict::allowed;
  if (!answered) return {Verdict::wrong, "dropped the connection although the input was right"};
  return {Verdict::weak, "dropped TCP instead of answering our Close"};
}

// --- Transport ------------------------------------------------------------------------------------------------------

Judgement judge_transport_end(const Observation& seen) {
  if (seen.tcp != TcpEnd::none) return {};
  return {Verdict::weak, fmt::format("TCP still open after {:.1f} s", static_cast<double>(seen.waited_ms) / 1000)};
}

Judgement judge_survival(const Observation& seen) {
  if (seen.alive_afterwards.value_or(false)) return {};
  return {Verdict::wrong, "the server takes no new connection afterwards"};
}

Judgement judge_release(const Observation& seen) {
  const double seconds = static_cast<double>(seen.waited_ms) / 1000;
  if (seen.released.value_or(false)) return {};
  return {Verdict::weak, fmt::format("still held after {:.1f} s", seconds)};
}

Judgement judge_connection(const Probe& probe, const Observation& seen) {
  if (auto fault = judge_servers_frames(seen)) return *fault;
  switch (probe.expect.demand) {
    case Demand::fail_connection:
      return judge_failure(probe.expect, seen);
    case Demand::answer:
      return judge_conversation(probe.expect, seen);
    case Demand::end_transport:
      return judge_transport_end(seen);
    case Demand::survive:
      return judge_survival(seen);
    default:
      return judge_release(seen);
  }
}

}  // namespace

bool answers_complete(const Expectation& expect, const Reply& reply) {
  return count_answers(expect, reply) == expect.answers.size();
}

Judgement judge(const Probe& probe, const Observation& seen) {
  if (seen.connect_error) return {Verdict::wrong, "the server no longer takes connections: " + *seen.connect_error};
  const Demand demand = probe.expect.demand;
  if (demand == Demand::refuse_handshake || demand == Demand::accept_handshake) return judge_handshake(probe, seen);
  if (!seen.http || seen.http->status != 101 || !seen.http->invalid.empty()) {
    const std::string how = seen.http ? fmt::format("HTTP {}", seen.http->status) : std::string("no answer");
    return {Verdict::not_applicable, "the opening handshake, right as before, got " + how};
  }
  return judge_connection(probe, seen);
}

}  // namespace clearline::app::inspect
