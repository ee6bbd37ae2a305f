// RFC 6455 sections 5.1, 5.2 and 5.4: masks, reserved bits and opcodes, lengths, fragments out of place.
#include <fmt/core.h>

#include "app/cli/inspect/catalogue.h"
#include "app/cli/inspect/probe_parts.h"
#include "app/cli/inspect/raw_frame.h"

namespace clearline::app::inspect {

namespace {

using registry::Cause;
using ws::Opcode;

const std::string payload(marker);

std::string unmasked(Opcode opcode, std::string text) {
  return encode({.opcode = opcode, .payload = std::move(text), .masked = false});
}

std::string with_reserved_bits(Opcode opcode, std::uint8_t bits) {
  return encode({.opcode = opcode, .payload = payload, .reserved_bits = bits});
}

std::string with_length_form(LengthForm form, Opcode opcode = Opcode::text) {
  return encode({.opcode = opcode, .payload = payload, .length_form = form});
}

// Only the header: nothing behind it, so that an answer is an answer to the header.
std::string header_only(RawFrame frame, std::uint64_t announced_bytes) {
  frame.announced_bytes = announced_bytes;
  return encode(frame);
}

void append_masks(std::vector<Probe>& probes) {
  const std::string close = unmasked(Opcode::close, close_payload(registry::normal_closure));
  for (const Offence& offence : {
           Offence{"unmasked-text", "RFC 6455 5.1", "text without a mask", Cause::unmasked_frame,
                   unmasked(Opcode::text, payload)},
           Offence{"unmasked-empty-text", "RFC 6455 5.1", "empty text without a mask", Cause::unmasked_frame,
                   unmasked(Opcode::text, "")},
           Offence{"unmasked-ping", "RFC 6455 5.1", "ping without a mask", Cause::unmasked_frame,
                   unmasked(Opcode::ping, payload)},
           Offence{"unmasked-close", "RFC 6455 5.1", "Close without a mask", Cause::unmasked_frame, close},
       }) {
    probes.push_back(offence_probe(Group::framing, offence));
  }
  probes.back().expect.close_code = registry::normal_closure;
}

void append_reserved_bits(std::vector<Probe>& probes) {
  for (const Offence& offence : {
           Offence{"reserved-bit-1", "RFC 6455 5.2", "text with RSV1, no extension agreed", Cause::reserved_bit,
                   with_reserved_bits(Opcode::text, rsv1)},
           Offence{"reserved-bit-2", "RFC 6455 5.2", "text with RSV2", Cause::reserved_bit,
                   with_reserved_bits(Opcode::text, rsv2)},
           Offence{"reserved-bit-3", "RFC 6455 5.2", "text with RSV3", Cause::reserved_bit,
                   with_reserved_bits(Opcode::text, rsv3)},
           Offence{"reserved-bits-all", "RFC 6455 5.2", "binary with RSV1, RSV2 and RSV3", Cause::reserved_bit,
                   with_reserved_bits(Opcode::binary, rsv1 | rsv2 | rsv3)},
           Offence{"reserved-bit-of-ping", "RFC 6455 5.2", "ping with RSV1", Cause::reserved_bit,
                   with_reserved_bits(Opcode::ping, rsv1)},
           Offence{"reserved-bit-of-close", "RFC 6455 5.2", "Close with RSV2", Cause::reserved_bit,
                   encode({.opcode = Opcode::close,
                   .payload = close_payload(registry::normal_closure),
                   .reserved_bits = rsv2})},
       }) {
    probes.push_back(offence_probe(Group::framing, offence));
  }
  probes.back().expect.close_code = registry::normal_closure;
}

void append_reserved_opcodes(std::vector<Probe>& probes) {
  for (const int number : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
    const auto opcode = static_cast<Opcode>(number);
    const std::string name = fmt::format("reserved-opcode-{}", number);
    const std::string sent = fmt::format("frame with opcode {}", number);
    probes.push_back(offence_probe(Group::framing, {name, "RFC 6455 5.2", sent, Cause::reserved_opcode,
                                                    encode({.opcode = opcode, .payload = payload})}));
  }
}

// Section 5.2 binds the sender to the shortest length and says nothing of a receiver who takes a longer one.
void append_lengths(std::vector<Probe>& probes) {
  for (const Offence& offence : {
           Offence{"length-16-not-minimal", "RFC 6455 5.2", "text of 17 bytes, length in 16 bits",
                   Cause::non_minimal_length, with_length_form(LengthForm::bits_16)},
           Offence{"length-64-not-minimal", "RFC 6455 5.2", "text of 17 bytes, length in 64 bits",
                   Cause::non_minimal_length, with_length_form(LengthForm::bits_64)},
           Offence{"length-of-ping-not-minimal", "RFC 6455 5.5", "ping of 17 bytes, length in 16 bits",
                   Cause::non_minimal_length, with_length_form(LengthForm::bits_16, Opcode::ping)},
       }) {
    probes.push_back(offence_probe(Group::framing, offence));
    probes.back().expect.accepted = Verdict::weak;
  }
  Probe top_bit = offence_probe(Group::framing, {"length-top-bit", "RFC 6455 5.2",
                                                 "header: length with the top bit set", Cause::length_top_bit, ""});
  top_bit.steps = {send(header_only({}, std::uint64_t{1} << 63 | payload.size()))};
  top_bit.expect = fails_with(Cause::length_top_bit, {registry::status_for(Cause::message_too_big)});
  probes.push_back(std::move(top_bit));

  // 10.4 asks for a limit; who waits for these bytes waits for ever.
  Probe huge = offence_probe(
      Group::framing, {"length-beyond-all", "RFC 6455 10.4", "header: 2^62 bytes to come", Cause::message_too_big, ""});
  huge.steps = {send(header_only({}, std::uint64_t{1} << 62))};
  huge.expect.silent = Verdict::weak;
  probes.push_back(std::move(huge));
}

void append_fragments(std::vector<Probe>& probes) {
  const std::string start = text_frame("first", false);
  for (const Offence& offence : {
           Offence{"continuation-first", "RFC 6455 5.4", "continuation with nothing to continue",
                   Cause::unexpected_continuation, continuation_frame(payload)},
           Offence{"continuation-first-unfinished", "RFC 6455 5.4", "continuation without FIN, nothing to continue",
                   Cause::unexpected_continuation, continuation_frame(payload, false)},
           Offence{"text-inside-message", "RFC 6455 5.4", "text inside a fragmented message",
                   Cause::expected_continuation, start + text_frame(payload)},
           Offence{"binary-inside-message", "RFC 6455 5.4", "binary inside a fragmented text",
                   Cause::expected_continuation, start + binary_frame(payload)},
           Offence{"fragment-inside-message", "RFC 6455 5.4", "a second first fragment", Cause::expected_continuation,
                   start + text_frame(payload, false)},
       }) {
    probes.push_back(offence_probe(Group::framing, offence));
  }
}

// The header alone shows what is wrong. Nothing demands an answer before the payload, so a late one is allowed.
void append_early(std::vector<Probe>& probes) {
  constexpr std::uint64_t withheld_bytes = 100;
  const auto append = [&](std::string_view name, std::string_view sent, Cause cause, const RawFrame& frame) {
    Probe probe = offence_probe(Group::framing, {name, "RFC 6455 5.2", sent, cause, ""});
    probe.steps = {send(header_only(frame, withheld_bytes)), pause(),
                   send(std::string(withheld_bytes, 'x') + ping_frame(marker))};
    probe.expect.late = Verdict::allowed;
    probe.expect.words += ", at once";
    probes.push_back(std::move(probe));
  };
  append("early-reserved-bit", "header with RSV2; payload withheld", Cause::reserved_bit, {.reserved_bits = rsv2});
  append("early-reserved-opcode", "header with opcode 3; payload withheld", Cause::reserved_opcode,
         {.opcode = static_cast<Opcode>(3)});
  append("early-unmasked", "header without a mask; payload withheld", Cause::unmasked_frame, {.masked = false});
}

}  // namespace

void append_framing_probes(std::vector<Probe>& probes) {
  append_masks(probes);
  append_reserved_bits(probes);
  append_reserved_opcodes(probes);
  append_lengths(probes);
  append_fragments(probes);
  append_early(probes);
}

}  // namespace clearline::app::inspect
