// The codec on any bytes in any pieces, against the reference decoder. Layout of an input: one byte of options, one
// that seeds the sizes of the pieces, then the stream.
#pragma once

#include <algorithm>
#include <random>

#include "fuzz/fuzz.h"
#include "support/ws/recorder.h"
#include "support/ws/reference.h"

namespace clearline::fuzz {

// The reference starts afresh with every byte, so long inputs are compared with the engine itself only.
inline constexpr std::size_t reference_bytes_max = 700;

inline void fuzz_codec(ws::Role role, Input input) {
  using ws::testing::Session;
  const std::uint8_t options = input.take_byte();
  std::minstd_rand pieces(input.take_byte() + 1U);
  const auto stream = input.rest();
  const std::uint64_t limit = (options & 1) != 0 ? 64 : 100000;
  // Where our own Close goes out, if it does.
  const std::size_t close_at = (options & 2) != 0 ? (options >> 2) * 3U : stream.size() + 1;
  const auto close_ours = [&](Session& session) { session.protocol.close(registry::Cause::policy, session.recorder); };

  Session in_pieces(role, {.message_bytes_max = limit});
  Session whole(role, {.message_bytes_max = limit});
  ws::testing::Reference reference(role == ws::Role::server, limit);
  const bool compare = stream.size() <= reference_bytes_max;
  for (std::size_t from = 0; from < stream.size();) {
    if (from == close_at) {
      close_ours(in_pieces);
      reference.start_closing(registry::status_for(registry::Cause::policy), "policy");
    }
    std::size_t size = std::min<std::size_t>(1 + pieces() % 40, stream.size() - from);
    if (from < close_at) size = std::min(size, close_at - from);
    in_pieces.feed(stream.subspan(from, size));
    from += size;
    if (!compare) continue;
    for (const std::byte byte : stream.subspan(from - size, size)) reference.push(byte);
    // As many events after every piece shows that none comes late; that they are the same is seen at the end.
    FUZZ_CHECK(in_pieces.transcript().size() == reference.transcript().size());
    FUZZ_CHECK((in_pieces.protocol.state() == ws::State::closed) == reference.closed());
  }
  if (compare) FUZZ_CHECK(ws::testing::without_failure_texts(in_pieces.transcript()) == reference.transcript());
  const std::size_t first = std::min(close_at, stream.size());
  whole.feed(stream.first(first));
  if (close_at < stream.size()) close_ours(whole);
  whole.feed(stream.subspan(first));
  FUZZ_CHECK(whole.transcript() == in_pieces.transcript());
  FUZZ_CHECK(whole.protocol.state() == in_pieces.protocol.state());
  if (whole.protocol.state() == ws::State::closed) {
    FUZZ_CHECK(whole.protocol.end().status == in_pieces.protocol.end().status);
    FUZZ_CHECK(whole.protocol.end().cause == in_pieces.protocol.end().cause);
  }
}

}  // namespace clearline::fuzz
