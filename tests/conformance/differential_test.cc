// The engine against the slow, obvious reference: random streams of frames, right and wrong, in random pieces. After
// every piece both must have done the same.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <string>

#include "support/ws/recorder.h"
#include "support/ws/reference.h"

namespace clearline::ws::testing {
namespace {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  template <typename T, std::size_t size>
  const T& pick(const T (&items)[size]) {
    return items[below(size)];
  }

 private:
  std::mt19937_64 engine_;
};

Bytes random_payload(Random& random) {
  static constexpr std::string_view pieces[] = {
      "a", "hello ", "\xC3\xA9", "\xE4\xBD\xA0\xE5\xA5\xBD", "\xF0\x9F\x98\x80", "\x7F"};
  Bytes payload;
  const std::uint64_t count = random.one_in(10) ? random.below(150) : random.below(12);
  for (std::uint64_t i = 0; i < count; ++i) payload = payload + bytes_of(random.pick(pieces));
  if (random.one_in(12) && !payload.empty())
    payload[random.below(payload.size())] = static_cast<std::byte>(random.below(256));
  return payload;
}

Bytes random_close_payload(Random& random) {
  static constexpr unsigned codes[] = {1000, 1001, 1005, 1006, 1011, 1014, 1015, 2999, 3000, 4999, 5000};
  if (random.one_in(4)) return Bytes(random.below(2));
  return close_payload(random.pick(codes), random.one_in(2) ? "why" : random.one_in(3) ? "\xED\xA0\x80" : "");
}

// Most frames are right, so that streams live long; `unfinished` says whether a message is.
Frame random_frame(Random& random, bool& unfinished) {
  static constexpr unsigned controls[] = {ping, pong, ping, pong, close};
  Frame frame;
  frame.masked = true;
  for (auto& byte : frame.key) byte = static_cast<std::uint8_t>(random.below(256));
  if (random.one_in(4)) {
    frame.opcode = random.pick(controls);
    frame.payload = frame.opcode == close ? random_close_payload(random) : random_payload(random);
    if (!random.one_in(20)) frame.payload.resize(std::min<std::size_t>(frame.payload.size(), 125));
  } else {
    frame.opcode = unfinished ? continuation : random.one_in(3) ? binary : text;
    frame.payload = random_payload(random);
    frame.fin = !random.one_in(3);
    unfinished = !frame.fin;
  }
  if (random.one_in(60)) frame.opcode = static_cast<unsigned>(random.below(16));
  if (random.one_in(60)) frame.rsv = static_cast<unsigned>(random.below(8));
  if (random.one_in(60)) frame.fin = !frame.fin;
  if (random.one_in(60)) frame.masked = false;
  if (random.one_in(60)) frame.length_bytes = random.one_in(2) ? 2 : 8;
  if (random.one_in(80)) frame.length_claimed = random.below(1) << 63 | random.below(100000);
  return frame;
}

void run_one_stream(std::uint64_t seed) {
  Random random(seed);
  const bool is_server = random.one_in(2);
  const std::uint64_t limit = random.one_in(3) ? 100 : 5000;
  Session session(is_server ? Role::server : Role::client, {.message_bytes_max = limit});
  Reference reference(is_server, limit);
  Bytes stream;
  bool unfinished = false;
  for (std::uint64_t i = random.below(20); i > 0; --i) {
    Frame frame = random_frame(random, unfinished);
    if (!is_server) frame.masked = !frame.masked;
    stream = stream + encode(frame);
  }
  const std::uint64_t piece_max = random.one_in(3) ? 1 : random.one_in(2) ? 20 : 3000;
  for (std::size_t from = 0; from < stream.size();) {
    const std::size_t size = std::min<std::size_t>(1 + random.below(piece_max), stream.size() - from);
    if (random.one_in(100)) {
      session.protocol.close(registry::Cause::policy, session.recorder);
      reference.start_closing(registry::status_for(registry::Cause::policy), "policy");
    }
    session.feed(std::span(stream).subspan(from, size));
    for (std::size_t i = 0; i < size; ++i) reference.push(stream[from + i]);
    from += size;
    ASSERT_EQ(without_failure_texts(session.transcript()), reference.transcript()) << "after byte " << from;
    ASSERT_EQ(session.protocol.state() == State::closed, reference.closed()) << "after byte " << from;
  }
}

TEST(Differential, RandomStreamsDoTheSameAsInTheReference) {
  const std::uint64_t first_seed = std::random_device{}();
  for (std::uint64_t round = 0; round < 2000; ++round) {
    SCOPED_TRACE("seed " + std::to_string(first_seed + round));
    run_one_stream(first_seed + round);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace clearline::ws::testing
