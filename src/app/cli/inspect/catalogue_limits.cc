// The server's message limit, when --message-bytes-max names it: RFC 6455 section 10.4, and 7.4.1 for the code.
#include "app/cli/inspect/catalogue.h"
#include "app/cli/inspect/probe_parts.h"
#include "app/cli/inspect/raw_frame.h"
#include "ws/deflate.h"
#include "ws/protocol.h"

namespace clearline::app::inspect {

namespace {

using registry::Cause;

Step send_filled(ws::Opcode opcode, bool fin, std::uint64_t bytes) {
  RawFrame frame{.opcode = opcode, .fin = fin, .mask_key = 0};  // a mask of zeros: the fill goes out as it is
  frame.announced_bytes = bytes;
  return {.action = Step::Action::send, .bytes = encode(frame), .fill_bytes = bytes};
}

Probe limit_probe(std::string_view name, std::string_view sent) {
  Probe probe{.name = std::string(name), .group = Group::limits, .section = "RFC 6455 10.4"};
  probe.sent = sent;
  probe.needs.message_limit = true;
  probe.expect = fails_with(Cause::message_too_big);
  return probe;
}

// A small message that inflates to twice the limit.
Probe bomb_probe(std::uint64_t limit) {
  Probe probe = limit_probe("deflate-bomb", "compressed zeros, twice the limit when inflated");
  probe.needs.compression = true;
  probe.offers_compression = true;
  const std::vector<std::byte> zeros(static_cast<std::size_t>(2 * limit));
  ws::Deflater deflater({});
  const std::string deflated(ws::as_text(deflater.compress(zeros)));
  probe.steps = {send(encode({.opcode = ws::Opcode::binary, .payload = deflated, .reserved_bits = rsv1}))};
  return probe;
}

}  // namespace

void append_limit_probes(std::vector<Probe>& probes, std::optional<std::uint64_t> message_bytes_max) {
  const std::uint64_t limit = message_bytes_max.value_or(0);

  Probe longest = limit_probe("longest-message", "text as long as the limit");
  longest.needs.echo = true;
  longest.steps = {send_filled(ws::Opcode::text, true, limit), await_answers(),
                   send(close_frame(registry::normal_closure))};
  longest.expect = answers_with({{.kind = EventKind::text, .fill_bytes = limit}});
  probes.push_back(std::move(longest));

  Probe header = limit_probe("too-long-header", "header of a text one byte too long; payload withheld");
  RawFrame frame{};
  frame.announced_bytes = limit + 1;
  Step payload{.action = Step::Action::send, .fill_bytes = limit + 1};
  header.steps = {send(encode(frame)), pause(), payload};
  header.expect.late = Verdict::allowed;
  header.expect.words += ", at best at once";
  probes.push_back(std::move(header));

  Probe whole = limit_probe("too-long-message", "text one byte longer than the limit");
  whole.steps = {send_filled(ws::Opcode::text, true, limit + 1)};
  probes.push_back(std::move(whole));

  Probe fragments = limit_probe("too-long-fragments", "two fragments, together one byte too long");
  fragments.steps = {send_filled(ws::Opcode::text, false, limit), send_filled(ws::Opcode::continuation, true, 1)};
  probes.push_back(std::move(fragments));

  // A client that does not read while it sends, as most do: the Close has to survive what the server leaves unread.
  Probe upload = limit_probe("too-long-upload", "text of twice the limit, sent whole; then we read");
  upload.steps = {send_filled(ws::Opcode::text, true, 2 * limit)};
  upload.steps.front().action = Step::Action::send_without_reading;
  probes.push_back(std::move(upload));

  probes.push_back(bomb_probe(limit));
}

}  // namespace clearline::app::inspect
