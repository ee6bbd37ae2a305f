// RFC 7692: offers that have to be declined, messages as its examples have them, and compressed nonsense.
#include <fmt/core.h>

#include <array>

#include "app/cli/inspect/catalogue.h"
#include "app/cli/inspect/probe_parts.h"
#include "app/cli/inspect/raw_frame.h"

namespace clearline::app::inspect {

namespace {

using registry::Cause;
using ws::Opcode;
using namespace std::string_view_literals;

// "Hello" as the RFC compresses it.
constexpr std::string_view hello = "\xF2\x48\xCD\xC9\xC9\x07\x00"sv;                         // section 7.2.3.1
constexpr std::string_view hello_stored = "\x00\x05\x00\xFA\xFF\x48\x65\x6C\x6C\x6F\x00"sv;  // 7.2.3.3
constexpr std::string_view hello_final = "\xF3\x48\xCD\xC9\xC9\x07\x00\x00"sv;               // 7.2.3.4
constexpr std::string_view hello_two_blocks = "\xF2\x48\x05\x00\x00\x00\xFF\xFF\xCA\xC9\xC9\x07\x00"sv;  // 7.2.3.5

std::string compressed(std::string_view deflated, bool fin = true, std::uint8_t bits = rsv1) {
  return encode({.opcode = Opcode::text, .payload = std::string(deflated), .fin = fin, .reserved_bits = bits});
}

// --- Offers ---------------------------------------------------------------------------------------------------------

Probe offer_probe(std::string_view name, std::string_view offer, ExtensionRule rule) {
  Probe probe{.name = fmt::format("offer-{}", name), .group = Group::compression, .section = "RFC 7692 7.1"};
  probe.sent = fmt::format("offer: {}", offer);
  probe.request.with = {{"Sec-WebSocket-Extensions", std::string(offer)}};
  probe.expect.demand = Demand::accept_handshake;
  probe.expect.extension = rule;
  probe.expect.words = rule == ExtensionRule::not_granted ? "101, offer declined" : "101, offer granted";
  probe.needs.compression = rule == ExtensionRule::granted_if_supported;
  return probe;
}

void append_offers(std::vector<Probe>& probes) {
  constexpr std::array<std::array<std::string_view, 2>, 9> declined = {{
      {"unknown-parameter", "permessage-deflate; unknown"},
      {"parameter-twice", "permessage-deflate; server_no_context_takeover; server_no_context_takeover"},
      {"flag-with-value", "permessage-deflate; server_no_context_takeover=1"},
      {"window-without-value", "permessage-deflate; server_max_window_bits"},
      {"window-7", "permessage-deflate; server_max_window_bits=7"},
      {"window-16", "permessage-deflate; server_max_window_bits=16"},
      {"window-leading-zero", "permessage-deflate; server_max_window_bits=08"},
      {"client-window-16", "permessage-deflate; client_max_window_bits=16"},
      {"client-window-no-number", "permessage-deflate; client_max_window_bits=x"},
  }};
  for (const auto& [name, offer] : declined) probes.push_back(offer_probe(name, offer, ExtensionRule::not_granted));
  constexpr std::array<std::array<std::string_view, 2>, 4> granted = {{
      {"plain", "permessage-deflate"},
      {"second", "permessage-deflate; unknown, permessage-deflate"},
      {"quoted-window", "permessage-deflate; server_max_window_bits=\"10\""},
      {"all-parameters",
       "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
       "server_max_window_bits=12; client_max_window_bits=12"},
  }};
  for (const auto& [name, offer] : granted)
    probes.push_back(offer_probe(name, offer, ExtensionRule::granted_if_supported));
}

// --- Messages -------------------------------------------------------------------------------------------------------

Probe with_compression(Probe probe) {
  probe.offers_compression = true;
  probe.needs.compression = true;
  return probe;
}

void append_messages(std::vector<Probe>& probes) {
  const std::vector<ExpectedAnswer> answers = {text_answer("Hello")};
  const std::string cut = compressed(hello.substr(0, 3), false) + continuation_frame(hello.substr(3));
  for (const Exchange& exchange : {
           Exchange{"message", "RFC 7692 7.2.3.1", "compressed \"Hello\"", compressed(hello), answers},
           Exchange{"message-fragments", "RFC 7692 7.2.3.1", "compressed \"Hello\" in two fragments", cut, answers},
           Exchange{"message-stored", "RFC 7692 7.2.3.3", "\"Hello\" in a stored block", compressed(hello_stored),
                    answers},
           Exchange{"message-final-block", "RFC 7692 7.2.3.4", "\"Hello\" in a final block", compressed(hello_final),
                    answers},
           Exchange{"message-two-blocks", "RFC 7692 7.2.3.5", "\"Hello\" in two blocks", compressed(hello_two_blocks),
                    answers},
           Exchange{
               "message-empty", "RFC 7692 7.2.3.6", "compressed empty text", compressed("\x00"sv), {text_answer("")}},
           Exchange{"message-plain", "RFC 7692 6", "text without compression, though agreed", text_frame("Hello"),
                    answers},
       }) {
    probes.push_back(with_compression(echo_probe(Group::compression, exchange)));
  }
}

// --- Offences -------------------------------------------------------------------------------------------------------

void append_offences(std::vector<Probe>& probes) {
  const std::string start = compressed(hello.substr(0, 3), false);
  const std::string rest(hello.substr(3));
  for (const Offence& offence : {
           Offence{"compressed-ping", "RFC 7692 6.1", "ping with RSV1", Cause::reserved_bit,
                   encode({.opcode = Opcode::ping, .payload = std::string(hello), .reserved_bits = rsv1})},
           Offence{"compressed-continuation", "RFC 7692 6.1", "continuation with RSV1", Cause::reserved_bit,
                   start + encode({.opcode = Opcode::continuation, .payload = rest, .reserved_bits = rsv1})},
           Offence{"reserved-bit-2-compressed", "RFC 6455 5.2", "compressed text with RSV2", Cause::reserved_bit,
                   compressed(hello, true, rsv1 | rsv2)},
           // "Hello" in a stored block, with FF in place of its second letter.
           Offence{"compressed-invalid-utf8", "RFC 6455 8.1", "compressed text that is no UTF-8", Cause::invalid_utf8,
                   compressed("\x00\x05\x00\xFA\xFF\x48\xFF\x6C\x6C\x6F\x00"sv)},
           // Block type 3 does not exist (RFC 1951 section 3.2.3).
           Offence{"bad-data", "RFC 7692 7.2.2", "compressed data of no block type", Cause::bad_compressed_data,
                   compressed("\xFF\xFF\xFF\xFF")},
       }) {
    Probe probe = with_compression(offence_probe(Group::compression, offence));
    // Neither RFC has a code of its own for this.
    if (offence.cause == Cause::bad_compressed_data)
      probe.expect = fails_with(offence.cause, {registry::protocol_error});
    probes.push_back(std::move(probe));
  }
}

}  // namespace

void append_compression_probes(std::vector<Probe>& probes) {
  append_offers(probes);
  append_messages(probes);
  append_offences(probes);
}

}  // namespace clearline::app::inspect
