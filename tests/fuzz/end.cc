// Every combination of Close frames and transport ends has one answer, and it keeps the promises of end.h.
#include "ws/end.h"

#include "fuzz/fuzz.h"

using namespace clearline;

namespace {

std::optional<registry::Cause> take_cause(fuzz::Input& input) {
  const std::uint8_t choice = input.take_byte();
  const auto causes = registry::causes();
  if (choice >= causes.size()) return std::nullopt;
  return causes[choice].cause;
}

std::optional<ws::CloseFrame> take_close(fuzz::Input& input) {
  const std::uint8_t options = input.take_byte();
  if ((options & 1) == 0) return std::nullopt;
  ws::CloseFrame frame;
  const std::uint16_t code = input.take_u16();
  if ((options & 2) != 0 && registry::valid_on_wire_when_received(code)) frame.code = code;
  if ((options & 4) != 0) frame.reason = "a reason";
  return frame;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  ws::Closing closing;
  closing.sent = take_close(input);
  closing.received = take_close(input);
  closing.sent_first = closing.sent && (!closing.received || (input.take_byte() & 1) != 0);
  if (closing.sent_first) closing.cause = take_cause(input);
  closing.violation = take_cause(input);
  const ws::TransportEnd transport{take_cause(input), (input.take_byte() & 1) != 0};

  const ws::End end = ws::classify_end(closing, transport);
  FUZZ_CHECK(end.clean == (end.sent_close && end.received_close));
  FUZZ_CHECK(end.received_close == closing.received.has_value());
  FUZZ_CHECK(end.sent_close == (closing.sent.has_value() && transport.close_frame_left));
  FUZZ_CHECK(!end.sent_code || end.sent_close);
  FUZZ_CHECK(!end.received_code || end.received_close);
  // A status that is no verdict was on the wire; a verdict was not.
  const bool verdict = end.status == registry::no_status_received || end.status == registry::abnormal_closure ||
                       end.status == registry::tls_handshake;
  FUZZ_CHECK(verdict != (end.status == end.sent_code || end.status == end.received_code));
  FUZZ_CHECK((end.status == registry::abnormal_closure || end.status == registry::tls_handshake) ==
             (!end.sent_close && !end.received_close));
  if (end.clean) FUZZ_CHECK(!end.unclean_cause);
  // What was told when the Close went out still stands.
  if (end.sent_close || (end.received_close && !closing.sent_first)) {
    const ws::End at_once = ws::classify_end(closing, {});
    FUZZ_CHECK(at_once.status == end.status && at_once.cause == end.cause && at_once.origin == end.origin);
    FUZZ_CHECK(at_once.reason == end.reason);
  }
  return 0;
}
