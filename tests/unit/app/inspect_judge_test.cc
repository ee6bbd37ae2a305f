// Every verdict of `clearline inspect` is a row here: what was demanded, what came back, what it is worth.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "app/cli/inspect/came_back.h"
#include "app/cli/inspect/judge.h"
#include "app/cli/inspect/probe_parts.h"
#include "registry/registry.h"

namespace clearline::app::inspect {
namespace {

using registry::Cause;

Observation opened() {
  Observation seen;
  seen.http = HttpAnswer{.status = 101};
  return seen;
}

Observation with_close(std::optional<std::uint16_t> code, std::string reason = {}) {
  Observation seen = opened();
  const std::size_t bytes = code ? 2 + reason.size() : 0;
  seen.reply.close = ReceivedClose{code, std::move(reason), bytes};
  seen.tcp = TcpEnd::fin;
  return seen;
}

Observation with_tcp_end(TcpEnd end) {
  Observation seen = opened();
  seen.tcp = end;
  return seen;
}

Observation with_events(Observation seen, std::vector<Event> events) {
  seen.reply.events = std::move(events);
  return seen;
}

Observation with_http(int status, std::vector<http::Header> headers = {}) {
  Observation seen;
  seen.http = HttpAnswer{.status = status, .headers = std::move(headers)};
  return seen;
}

struct Row {
  const char* name;
  Expectation expect;
  Observation seen;
  Verdict verdict;
  std::string words;  // of the column "came back"
};

void check(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    Probe probe{.name = row.name, .expect = row.expect};
    const Judgement judgement = judge(probe, row.seen);
    EXPECT_EQ(verdict_name(judgement.verdict), verdict_name(row.verdict)) << row.name << ": " << judgement.note;
    EXPECT_EQ(judgement.note.empty(), row.verdict == Verdict::right) << row.name << ": " << judgement.note;
    EXPECT_EQ(came_back(probe, row.seen), row.words) << row.name;
  }
}

Observation with_bad_code(std::uint16_t code) {
  Observation seen = with_close(code);
  seen.reply.violation = Cause::invalid_close_code;
  return seen;
}

Observation late(Observation seen) {
  seen.pauses_before_end = 1;
  return seen;
}

TEST(InspectJudge, OffencesHaveToFailTheConnection) {
  const Expectation bad_opcode = fails_with(Cause::reserved_opcode);
  Expectation bad_reason = fails_with(Cause::invalid_utf8_reason, {registry::protocol_error});
  bad_reason.close_code = registry::normal_closure;
  Expectation early = bad_opcode;
  early.late = Verdict::allowed;
  Expectation not_minimal = fails_with(Cause::non_minimal_length);
  not_minimal.accepted = Verdict::weak;
  Observation silence = opened();
  silence.waited_ms = 5000;
  check({
      {"right code", bad_opcode, with_close(registry::protocol_error, "no"), Verdict::right,
       "Close 1002 \"no\", TCP FIN"},
      {"other code", bad_opcode, with_close(registry::policy_violation), Verdict::wrong, "Close 1008, TCP FIN"},
      {"no code", bad_opcode, with_close(std::nullopt), Verdict::weak, "Close without a code, TCP FIN"},
      {"dropped", bad_opcode, with_tcp_end(TcpEnd::fin), Verdict::weak, "TCP FIN"},
      {"reset", bad_opcode, with_tcp_end(TcpEnd::reset), Verdict::weak, "TCP RST"},
      {"silent", bad_opcode, silence, Verdict::wrong, "nothing for 5.0 s"},
      {"pong", bad_opcode, with_events(opened(), {{EventKind::pong, std::string(marker)}}), Verdict::wrong, "pong"},
      {"accepted, tolerably", not_minimal, with_events(opened(), {{EventKind::text, std::string(marker)}}),
       Verdict::weak, "echo"},
      {"a greeting is no acceptance", bad_opcode,
       with_events(with_close(registry::protocol_error), {{EventKind::text, "welcome"}}), Verdict::right,
       "message, Close 1002, TCP FIN"},
      {"second best code", bad_reason, with_close(registry::protocol_error), Verdict::allowed, "Close 1002, TCP FIN"},
      {"echoed", bad_reason, with_close(registry::normal_closure), Verdict::wrong, "Close 1000, TCP FIN"},
      {"at once", early, with_close(registry::protocol_error), Verdict::right, "Close 1002, TCP FIN"},
      {"late", early, late(with_close(registry::protocol_error)), Verdict::allowed, "Close 1002, TCP FIN"},
      {"dropped late", early, late(with_tcp_end(TcpEnd::fin)), Verdict::weak, "TCP FIN"},
      {"reserved code echoed", fails_with(Cause::invalid_close_code), with_bad_code(5000), Verdict::wrong,
       "Close 5000, TCP FIN"},
  });
}

TEST(InspectJudge, RightInputIsAnsweredAndClosed) {
  const Expectation echo = answers_with({text_answer("a"), text_answer("b")});
  const Expectation pongs = answers_with({pong_answer("1")});
  Expectation many = answers_with({pong_answer("1"), pong_answer("2")});
  many.last_answer_suffices = true;
  Expectation lost = answers_with({text_answer("a")});
  lost.missing = Verdict::weak;
  const std::uint16_t normal = registry::normal_closure;
  const Event a{EventKind::text, "a"};
  const Event b{EventKind::text, "b"};
  Observation data_behind = with_close(normal);
  data_behind.reply.data_after_close = true;
  Observation pong_behind = with_close(normal);
  pong_behind.reply.control_after_close = true;
  Observation broken = opened();
  broken.reply.violation = Cause::masked_frame;
  check({
      {"echoes", echo, with_events(with_close(normal), {a, b}), Verdict::right, "2 messages, Close 1000, TCP FIN"},
      {"greeted before", echo, with_events(with_close(normal), {b, a, {EventKind::ping, ""}, b}), Verdict::right,
       "3 messages, Close 1000, TCP FIN"},
      {"wrong order", echo, with_events(with_close(normal), {b, a}), Verdict::wrong, "2 messages, Close 1000, TCP FIN"},
      {"wrong kind", pongs, with_events(with_close(normal), {{EventKind::text, "1"}}), Verdict::wrong,
       "message, Close 1000, TCP FIN"},
      {"the last alone", many, with_events(with_close(normal), {{EventKind::pong, "2"}}), Verdict::allowed,
       "pong, Close 1000, TCP FIN"},
      {"the first alone", many, with_events(with_close(normal), {{EventKind::pong, "1"}}), Verdict::wrong,
       "pong, Close 1000, TCP FIN"},
      {"echo lost", lost, with_close(normal), Verdict::weak, "Close 1000, TCP FIN"},
      {"refused", lost, with_close(registry::protocol_error), Verdict::wrong, "Close 1002, TCP FIN"},
      {"dropped", lost, with_tcp_end(TcpEnd::fin), Verdict::wrong, "TCP FIN"},
      {"close not answered", answers_with({}), with_tcp_end(TcpEnd::fin), Verdict::weak, "TCP FIN"},
      {"close ignored", answers_with({}), opened(), Verdict::wrong, "nothing for 0.0 s"},
      {"data behind", answers_with({}), data_behind, Verdict::wrong, "Close 1000, TCP FIN"},
      {"pong behind", answers_with({}), pong_behind, Verdict::weak, "Close 1000, TCP FIN"},
      {"masked", answers_with({}), broken, Verdict::wrong, "bytes that break the protocol (masked_frame)"},
  });
}

TEST(InspectJudge, TheAnswerToACloseEchoesItsCode) {
  const Expectation restart = answers_with({}, registry::service_restart);
  const Expectation none = answers_with({}, std::nullopt);
  check({
      {"same", restart, with_close(registry::service_restart), Verdict::right, "Close 1012, TCP FIN"},
      {"1000", restart, with_close(registry::normal_closure), Verdict::allowed, "Close 1000, TCP FIN"},
      {"none", restart, with_close(std::nullopt), Verdict::allowed, "Close without a code, TCP FIN"},
      {"refused", restart, with_close(registry::protocol_error), Verdict::wrong, "Close 1002, TCP FIN"},
      {"none for none", none, with_close(std::nullopt), Verdict::right, "Close without a code, TCP FIN"},
      {"1000 for none", none, with_close(registry::normal_closure), Verdict::allowed, "Close 1000, TCP FIN"},
      {"1005 for none", none, with_bad_code(registry::no_status_received), Verdict::wrong, "Close 1005, TCP FIN"},
  });
}

TEST(InspectJudge, HandshakesAreTakenOrRefusedByHttp) {
  const Expectation taken{.demand = Demand::accept_handshake};
  Expectation declined = taken;
  declined.extension = ExtensionRule::not_granted;
  Expectation granted = taken;
  granted.extension = ExtensionRule::granted_if_supported;
  Expectation subprotocol = taken;
  subprotocol.refused_subprotocol = "x";
  const Expectation refused{.demand = Demand::refuse_handshake, .statuses = {400, 426}};
  Expectation version = refused;
  version.required_field = "Sec-WebSocket-Version";
  Expectation ordinary = refused;
  ordinary.ordinary_http = true;
  Expectation large = refused;
  large.upgraded = Verdict::allowed;
  Observation invalid = with_http(101);
  invalid.http->invalid = "no accept";
  Observation garbage;
  garbage.not_http = "bad version";
  Observation dropped;
  dropped.tcp = TcpEnd::reset;
  const std::vector<http::Header> extension = {{"sec-websocket-extensions", "permessage-deflate"}};
  check({
      {"taken", taken, with_http(101), Verdict::right, "HTTP 101"},
      {"refused", taken, with_http(400), Verdict::wrong, "HTTP 400"},
      {"invalid", taken, invalid, Verdict::wrong, "HTTP 101"},
      {"dropped", taken, dropped, Verdict::wrong, "TCP RST"},
      {"declined", declined, with_http(101), Verdict::right, "HTTP 101"},
      {"granted what is invalid", declined, with_http(101, extension), Verdict::wrong, "HTTP 101"},
      {"granted", granted, with_http(101, extension), Verdict::right, "HTTP 101"},
      {"not granted", granted, with_http(101), Verdict::weak, "HTTP 101"},
      {"unknown subprotocol", subprotocol, with_http(101), Verdict::right, "HTTP 101"},
      {"any subprotocol", subprotocol, with_http(101, {{"Sec-WebSocket-Protocol", "x"}}), Verdict::allowed, "HTTP 101"},
      {"no subprotocol, no connection", subprotocol, with_http(400), Verdict::allowed, "HTTP 400"},
      {"right refusal", refused, with_http(426), Verdict::right, "HTTP 426"},
      {"other refusal", refused, with_http(403), Verdict::allowed, "HTTP 403"},
      {"server's fault", refused, with_http(500), Verdict::weak, "HTTP 500"},
      {"accepted", refused, with_http(101), Verdict::wrong, "HTTP 101"},
      {"accepted, tolerably", large, with_http(101), Verdict::allowed, "HTTP 101"},
      {"refusal dropped", refused, dropped, Verdict::weak, "TCP RST"},
      {"refusal silent", refused, Observation{}, Verdict::wrong, "nothing for 0.0 s"},
      {"refusal is no HTTP", refused, garbage, Verdict::wrong, "no HTTP: bad version"},
      {"version not named", version, with_http(426), Verdict::weak, "HTTP 426"},
      {"version named", version, with_http(426, {{"sec-websocket-version", "13"}}), Verdict::right, "HTTP 426"},
      {"a page", ordinary, with_http(200), Verdict::right, "HTTP 200"},
  });
}

TEST(InspectJudge, TheEndOfTcp) {
  const Expectation end{.demand = Demand::end_transport};
  const Expectation survive{.demand = Demand::survive};
  const Expectation release{.demand = Demand::release};
  Observation alive = opened();
  alive.alive_afterwards = true;
  Observation dead = opened();
  dead.alive_afterwards = false;
  Observation let_go = with_close(registry::normal_closure);
  let_go.released = true;
  let_go.waited_ms = 5100;
  Observation held = let_go;
  held.released = false;
  check({
      {"ended", end, with_tcp_end(TcpEnd::fin), Verdict::right, "TCP FIN"},
      {"open", end, opened(), Verdict::weak, "nothing for 0.0 s"},
      {"alive", survive, alive, Verdict::right, "a new connection"},
      {"dead", survive, dead, Verdict::wrong, "no new connection"},
      {"let go", release, let_go, Verdict::right, "Close 1000, TCP FIN, let go within 5.1 s"},
      {"held", release, held, Verdict::weak, "Close 1000, TCP FIN, held for 5.1 s"},
  });
}

TEST(InspectJudge, AProbeThatDidNotOpenIsNotJudged) {
  Observation lost;
  lost.connect_error = "refused";
  check({
      {"no connection", answers_with({}), lost, Verdict::wrong, "no connection"},
      {"rate limit", answers_with({}), with_http(503), Verdict::not_applicable, "HTTP 503"},
      {"no answer", answers_with({}), Observation{}, Verdict::not_applicable, "nothing for 0.0 s"},
  });
}

TEST(InspectJudge, FilledAnswersAreComparedWhole) {
  Expectation expect = answers_with({{.kind = EventKind::text, .payload = "<", .fill_bytes = 3}});
  Reply reply;
  reply.events = {{EventKind::text, "<xxy"}, {EventKind::text, "<xx"}, {EventKind::text, "<xxxx"}};
  EXPECT_FALSE(answers_complete(expect, reply));
  reply.events.push_back({EventKind::text, "<xxx"});
  EXPECT_TRUE(answers_complete(expect, reply));
}

}  // namespace
}  // namespace clearline::app::inspect
