// RFC 6455 section 5.5: pings, pongs and the limits of control frames.
#include "app/cli/inspect/catalogue.h"
#include "app/cli/inspect/probe_parts.h"
#include "app/cli/inspect/raw_frame.h"

namespace clearline::app::inspect {

namespace {

using registry::Cause;
using ws::Opcode;

const std::string longest(ws::control_payload_bytes_max, 'p');
const std::string too_long(ws::control_payload_bytes_max + 1, 'p');

std::string without_fin(Opcode opcode, std::string payload) {
  return encode({.opcode = opcode, .payload = std::move(payload), .fin = false});
}

void append_offences(std::vector<Probe>& probes) {
  const std::string close = close_payload(registry::normal_closure);
  for (const Offence& offence : {
           Offence{"fragmented-ping", "RFC 6455 5.5", "ping without FIN", Cause::control_fragmented,
                   without_fin(Opcode::ping, std::string(marker))},
           Offence{"fragmented-pong", "RFC 6455 5.5", "pong without FIN", Cause::control_fragmented,
                   without_fin(Opcode::pong, std::string(marker))},
           Offence{"fragmented-close", "RFC 6455 5.5", "Close without FIN", Cause::control_fragmented,
                   without_fin(Opcode::close, close)},
           Offence{"long-ping", "RFC 6455 5.5", "ping of 126 bytes", Cause::control_too_long,
                   encode({.opcode = Opcode::ping, .payload = too_long})},
           Offence{"long-pong", "RFC 6455 5.5", "pong of 126 bytes", Cause::control_too_long,
                   encode({.opcode = Opcode::pong, .payload = too_long})},
       }) {
    probes.push_back(offence_probe(Group::control, offence));
    if (offence.name == "fragmented-close") probes.back().expect.close_code = registry::normal_closure;
  }
}

void append_exchanges(std::vector<Probe>& probes) {
  for (const Exchange& exchange : {
           Exchange{"ping-empty", "RFC 6455 5.5.2", "empty ping", ping_frame(""), {pong_answer("")}},
           Exchange{"ping", "RFC 6455 5.5.2", "ping with a text", ping_frame("Hello"), {pong_answer("Hello")}},
           Exchange{"ping-binary",
                    "RFC 6455 5.5.2",
                    "ping with bytes that are no text",
                    ping_frame(std::string_view("\x00\xFF\xFE\xFD", 4)),
                    {pong_answer(std::string_view("\x00\xFF\xFE\xFD", 4))}},
           Exchange{"ping-longest", "RFC 6455 5.5.2", "ping of 125 bytes", ping_frame(longest), {pong_answer(longest)}},
           Exchange{"pong-unsolicited",
                    "RFC 6455 5.5.3",
                    "pong that nobody asked for, then ping",
                    pong_frame("unsolicited") + ping_frame("asked"),
                    {pong_answer("asked")}},
           Exchange{"ping-inside-message",
                    "RFC 6455 5.4",
                    "ping behind a first fragment",
                    text_frame("first", false) + ping_frame("inside"),
                    {pong_answer("inside")}},
       }) {
    probes.push_back(exchange_probe(Group::control, exchange));
  }
}

// Section 5.5.3: pongs for all of them, or for the most recent alone.
void append_many_pings(std::vector<Probe>& probes) {
  Exchange exchange{"ping-ten", "RFC 6455 5.5.3", "ten pings at once", "", {}};
  for (char digit = '0'; digit <= '9'; ++digit) {
    exchange.bytes += ping_frame(std::string(1, digit));
    exchange.answers.push_back(pong_answer(std::string(1, digit)));
  }
  probes.push_back(exchange_probe(Group::control, exchange));
  probes.back().expect.last_answer_suffices = true;
}

}  // namespace

void append_control_probes(std::vector<Probe>& probes) {
  append_exchanges(probes);
  append_many_pings(probes);
  append_offences(probes);
}

}  // namespace clearline::app::inspect
