// The codec on any bytes: whole and in any pieces it must do the same, to the byte, and what it says of the end must
// hold together. Fast, so that it runs often; target `differential` says whether what it does is right. Layout of an
// input: one byte of options, one that seeds the sizes of the pieces, then the stream.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>

#include "fuzz/fuzz.h"
#include "fuzz/stream.h"
#include "support/ws/digest.h"

namespace clearline::fuzz {

// A protocol and what it did.
class Run {
 public:
  Run(ws::Role role, const ws::Settings& settings) : protocol(role, settings) {}

  void feed(std::span<const std::byte> bytes) {
    // A copy of exactly this size, so that a sanitizer sees every byte read beyond it; it is unmasked in place.
    const auto copy = std::make_unique_for_overwrite<std::byte[]>(bytes.size());
    if (!bytes.empty()) std::memcpy(copy.get(), bytes.data(), bytes.size());
    const std::uint64_t before = digest.value();
    const bool was_closed = protocol.state() == ws::State::closed;
    protocol.receive({copy.get(), bytes.size()}, digest);
    if (was_closed) FUZZ_CHECK(digest.value() == before);
  }

  void check_end() const {
    const ws::End end = protocol.end();
    const bool closed = protocol.state() == ws::State::closed;
    FUZZ_CHECK(protocol.may_send() == (protocol.state() == ws::State::open));
    FUZZ_CHECK(end.sent_close == !protocol.may_send());
    FUZZ_CHECK(!end.received_close || closed);
    FUZZ_CHECK(end.clean == (end.sent_close && end.received_close));
    if (end.sent_code) FUZZ_CHECK(registry::valid_on_wire_when_received(*end.sent_code));
    if (end.received_code) FUZZ_CHECK(registry::valid_on_wire_when_received(*end.received_code));
    if (closed && !end.received_close) FUZZ_CHECK(end.origin == registry::Origin::us);
  }

  ws::Protocol protocol;
  ws::testing::Digest digest;
};

inline void fuzz_codec(ws::Role role, Input input) {
  const StreamPlan plan(input);
  const ws::Settings settings{.message_bytes_max = plan.message_bytes_max};
  const auto stream = input.rest();
  Run in_pieces(role, settings);
  plan.cut(
      stream, [&](std::span<const std::byte> piece) { in_pieces.feed(piece); },
      [&] { in_pieces.protocol.close(StreamPlan::our_cause, in_pieces.digest); });

  Run whole(role, settings);
  const std::size_t first = std::min(plan.close_at, stream.size());
  whole.feed(stream.first(first));
  if (plan.close_at < stream.size()) whole.protocol.close(StreamPlan::our_cause, whole.digest);
  whole.feed(stream.subspan(first));

  FUZZ_CHECK(whole.digest.value() == in_pieces.digest.value());
  FUZZ_CHECK(whole.digest.events() == in_pieces.digest.events());
  FUZZ_CHECK(whole.digest.bytes_written() == in_pieces.digest.bytes_written());
  FUZZ_CHECK(whole.protocol.state() == in_pieces.protocol.state());
  whole.check_end();
  in_pieces.check_end();
  const ws::End end = whole.protocol.end();
  const ws::End other = in_pieces.protocol.end();
  FUZZ_CHECK(end.status == other.status && end.cause == other.cause && end.reason == other.reason);
  FUZZ_CHECK(end.unclean_cause == other.unclean_cause && end.received_code == other.received_code);
}

}  // namespace clearline::fuzz
