// RFC 6455 sections 5.5.1 and 7: the form of Close frames, what comes around them, and the end of TCP.
#include "app/cli/inspect/catalogue.h"
#include "app/cli/inspect/probe_parts.h"
#include "app/cli/inspect/raw_frame.h"

namespace clearline::app::inspect {

namespace {

using registry::Cause;
using registry::normal_closure;
using Action = Step::Action;
using ws::Opcode;

const std::string ordinary_close = close_frame(normal_closure);

Probe closing_probe(std::string_view name, std::string_view section, std::string_view sent) {
  Probe probe{.name = std::string(name), .group = Group::closing};
  probe.section = section;
  probe.sent = sent;
  return probe;
}

void append_payload_offences(std::vector<Probe>& probes) {
  const std::string longest_reason(ws::close_reason_bytes_max, 'r');
  const std::string bad_reason = close_frame(normal_closure, "bad \xFF\xFE");
  for (const Offence& offence : {
           Offence{"payload-one-byte", "RFC 6455 5.5.1", "Close with a payload of one byte",
                   Cause::close_payload_one_byte, encode({.opcode = Opcode::close, .payload = "\x03"})},
           Offence{"reason-124-bytes", "RFC 6455 5.5", "Close with a reason of 124 bytes", Cause::control_too_long,
                   encode({.opcode = Opcode::close, .payload = close_payload(normal_closure, longest_reason + "r")})},
           Offence{"reason-invalid-utf8", "RFC 6455 5.5.1", "Close with a reason that is no UTF-8",
                   Cause::invalid_utf8_reason, bad_reason},
           Offence{"reason-incomplete-utf8", "RFC 6455 5.5.1", "Close whose reason ends inside a code point",
                   Cause::invalid_utf8_reason, close_frame(normal_closure, "cut \xE2\x82")},
       }) {
    Probe probe = offence_probe(Group::closing, offence);
    probe.steps = {send(offence.bytes)};
    // The RFC demands to fail the connection, and has a code for bad text as well as one for a broken protocol.
    if (offence.cause == Cause::invalid_utf8_reason)
      probe.expect = fails_with(offence.cause, {registry::protocol_error});
    if (offence.cause != Cause::close_payload_one_byte) probe.expect.close_code = normal_closure;
    probes.push_back(std::move(probe));
  }
}

// Right ones: the whole answer is the code.
void append_forms(std::vector<Probe>& probes) {
  const auto append = [&](Probe probe, std::string bytes, Expectation expect) {
    probe.steps = {send(std::move(bytes))};
    probe.expect = std::move(expect);
    probes.push_back(std::move(probe));
  };
  append(closing_probe("without-code", "RFC 6455 5.5.1", "Close without a payload"), close_frame(std::nullopt),
         answers_with({}, std::nullopt));
  append(closing_probe("reason", "RFC 6455 5.5.1", "Close with a reason"),
         close_frame(normal_closure, "done \xE2\x9C\x93"), answers_with({}));
  append(closing_probe("reason-123-bytes", "RFC 6455 5.5", "Close with a reason of 123 bytes"),
         close_frame(normal_closure, std::string(ws::close_reason_bytes_max, 'r')), answers_with({}));
  append(closing_probe("inside-message", "RFC 6455 5.4", "first fragment, Close"),
         text_frame("first", false) + ordinary_close, answers_with({}));
}

// What stands before a Close is answered, what comes behind is not.
void append_neighbours(std::vector<Probe>& probes) {
  const auto append = [&](Probe probe, std::string bytes, std::vector<ExpectedAnswer> answers) {
    probe.steps = {send(std::move(bytes))};
    probe.expect = answers_with(std::move(answers));
    probe.expect.missing = Verdict::weak;
    probes.push_back(std::move(probe));
  };
  append(closing_probe("ping-then-close", "RFC 6455 5.5.2", "ping and Close at once"),
         ping_frame("before") + ordinary_close, {pong_answer("before")});
  Probe echo = closing_probe("text-then-close", "RFC 6455 5.5.1", "text and Close at once");
  echo.needs.echo = true;
  append(std::move(echo), text_frame("before") + ordinary_close, {text_answer("before")});
  append(closing_probe("close-then-text", "RFC 6455 5.5.1", "Close and text at once"),
         ordinary_close + text_frame(marker), {});
  append(closing_probe("close-then-ping", "RFC 6455 5.5.2", "Close and ping at once"),
         ordinary_close + ping_frame(marker), {});
  append(closing_probe("close-then-violation", "RFC 6455 7.1.7", "Close and a frame of opcode 3 at once"),
         ordinary_close + encode({.opcode = static_cast<Opcode>(3)}), {});
  append(closing_probe("close-twice", "RFC 6455 5.5.1", "two Closes, the second with another code"),
         ordinary_close + close_frame(registry::going_away), {});
}

void append_half_closes(std::vector<Probe>& probes) {
  Probe behind = closing_probe("fin-after-close", "RFC 6455 7.1.2", "Close, then TCP FIN at once");
  behind.steps = {send(ordinary_close), {.action = Action::shut_down_sending}};
  behind.expect = answers_with({});
  probes.push_back(std::move(behind));

  const auto append = [&](std::string_view name, std::string_view sent, std::string bytes) {
    Probe probe = closing_probe(name, "RFC 6455 7.1.5", sent);
    if (!bytes.empty()) probe.steps.push_back(send(std::move(bytes)));
    probe.steps.push_back({.action = Action::shut_down_sending});
    probe.steps.push_back({.action = Action::await_tcp_end});
    probe.expect = {.demand = Demand::end_transport, .words = "TCP closed"};
    probes.push_back(std::move(probe));
  };
  append("fin-without-close", "TCP FIN without a Close", "");
  append("fin-inside-frame", "half a frame, TCP FIN", text_frame(marker).substr(0, 10));
  append("fin-inside-message", "first fragment, TCP FIN", text_frame("first", false));
}

void append_tcp_ends(std::vector<Probe>& probes) {
  Probe reset = closing_probe("reset", "RFC 6455 7.1.5", "TCP RST without a Close");
  reset.steps = {{.action = Action::reset}};
  reset.expect = {.demand = Demand::survive, .words = "a new connection is taken"};
  probes.push_back(std::move(reset));

  Probe server_first = closing_probe("server-closes-tcp", "RFC 6455 7.1.1", "Close; then we wait for TCP FIN");
  server_first.steps = {send(ordinary_close), {.action = Action::await_tcp_end}};
  server_first.expect = {.demand = Demand::end_transport, .words = "TCP closed by the server"};
  probes.push_back(std::move(server_first));

  // The memory of a server whose clients never close is the operating system's to give, so it has to let go.
  Probe held = closing_probe("held-after-close", "RFC 6455 7.1.1", "Close; then we never close TCP");
  held.steps = {send(ordinary_close), {.action = Action::hold}};
  held.expect = {.demand = Demand::release, .words = "TCP closed all the same"};
  probes.push_back(std::move(held));

  Probe held_failure = closing_probe("held-after-violation", "RFC 6455 7.1.7", "opcode 3; then we never close TCP");
  held_failure.steps = {send(encode({.opcode = static_cast<Opcode>(3)})), {.action = Action::hold}};
  held_failure.expect = {.demand = Demand::release, .words = "TCP closed all the same"};
  probes.push_back(std::move(held_failure));
}

// A server that closes TCP with unread input makes its kernel send a reset, which may destroy the Close on its way.
void append_unread_input(std::vector<Probe>& probes) {
  constexpr std::uint64_t behind_bytes = std::uint64_t{1} << 20;
  Probe probe = closing_probe("close-outlives-input", "RFC 6455 7.1.1", "opcode 3, 1 MiB behind it; then we read");
  RawFrame behind{.mask_key = 0};
  behind.announced_bytes = behind_bytes;
  probe.steps = {{.action = Action::send_without_reading,
                  .bytes = encode({.opcode = static_cast<Opcode>(3)}) + encode(behind),
                  .fill_bytes = behind_bytes}};
  probe.expect = fails_with(Cause::reserved_opcode);
  probes.push_back(std::move(probe));
}

}  // namespace

void append_closing_probes(std::vector<Probe>& probes) {
  append_forms(probes);
  append_payload_offences(probes);
  append_neighbours(probes);
  append_half_closes(probes);
  append_tcp_ends(probes);
  append_unread_input(probes);
}

}  // namespace clearline::app::inspect
