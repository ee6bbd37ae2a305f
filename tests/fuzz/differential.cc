// The codec of either role, with and without permessage-deflate, against the slow reference, which starts afresh with
// every byte. Layout of an input: one byte for role and compression, then as fuzz/stream.h says.
#include "fuzz/fuzz.h"
#include "fuzz/stream.h"
#include "support/ws/recorder.h"
#include "support/ws/reference.h"

using namespace clearline;

namespace {

// The reference takes quadratic time, and inflates all of a message for each of its bytes.
constexpr std::size_t stream_bytes_max = 700;
constexpr std::uint64_t message_bytes_max = 4096;

struct Roles {
  explicit Roles(std::uint8_t options)
      : role((options & 1) != 0 ? ws::Role::server : ws::Role::client),
        deflate((options & 2) != 0),
        takeover((options & 4) != 0) {}

  // The window stays at 15 bits: with a smaller one zlib tells a reference behind it only between two calls, not within
  // one, so what is refused would depend on the pieces.
  [[nodiscard]] std::optional<ws::DeflateParameters> parameters() const {
    if (!deflate) return std::nullopt;
    return ws::DeflateParameters{!takeover, !takeover, 15, 15};
  }
  [[nodiscard]] ws::testing::ReferenceDeflate reference_deflate() const {
    if (!deflate) return ws::testing::ReferenceDeflate::none;
    return takeover ? ws::testing::ReferenceDeflate::takeover : ws::testing::ReferenceDeflate::no_takeover;
  }

  ws::Role role;
  bool deflate;
  bool takeover;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const Roles roles(input.take_byte());
  const fuzz::StreamPlan plan(input);
  const auto stream = input.rest().first(std::min(input.rest().size(), stream_bytes_max));
  const std::uint64_t limit = std::min(plan.message_bytes_max, message_bytes_max);
  ws::testing::Session session(roles.role, {.message_bytes_max = limit}, roles.parameters());
  ws::testing::Reference reference(roles.role == ws::Role::server, limit, roles.reference_deflate());
  plan.cut(
      stream,
      [&](std::span<const std::byte> piece) {
        session.feed(piece);
        for (const std::byte byte : piece) reference.push(byte);
        // As many events after every piece shows that none comes late; that they are the same is seen at the end.
        FUZZ_CHECK(session.transcript().size() == reference.transcript().size());
        FUZZ_CHECK((session.protocol.state() == ws::State::closed) == reference.closed());
      },
      [&] {
        session.protocol.close(fuzz::StreamPlan::our_cause, session.recorder);
        reference.start_closing(registry::status_for(fuzz::StreamPlan::our_cause),
                                registry::cause_name(fuzz::StreamPlan::our_cause));
      });
  FUZZ_CHECK(ws::testing::without_failure_texts(session.transcript()) == reference.transcript());
  return 0;
}
