// permessage-deflate (RFC 7692), both roles: the standard's examples, the public suite's sizes under every set of
// parameters, and everything that can be wrong. The other side is zlib itself, held to what was agreed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "support/ws/recorder.h"
#include "support/ws/wire.h"
#include "support/ws/zlib_codec.h"
#include "ws/deflate_negotiation.h"

namespace clearline::ws::testing {
namespace {

using registry::Cause;
using ::testing::ElementsAre;

constexpr unsigned rsv1 = 4;

class Deflate : public ::testing::TestWithParam<Role> {
 protected:
  Bytes from_peer(Frame frame) const {
    frame.masked = GetParam() == Role::server;
    return encode(frame);
  }
  Bytes compressed(unsigned opcode, std::string_view hex, bool fin = true) const {
    return from_peer(
        {.opcode = opcode, .payload = from_hex(hex), .fin = fin, .rsv = opcode == continuation ? 0 : rsv1});
  }

  void expect_failure(Session& session, Cause cause) {
    EXPECT_EQ(session.protocol.state(), State::closed);
    const End end = session.protocol.end();
    EXPECT_EQ(registry::cause_name(end.cause), registry::cause_name(cause));
    EXPECT_EQ(end.sent_code, registry::status_for(cause));
  }
};

Session with_takeover(Role role, Settings settings = {}) {
  return Session(role, settings, DeflateParameters{});
}

// Sections 7.2.3.1 to 7.2.3.6.
TEST_P(Deflate, ReadsTheExamplesOfTheStandard) {
  const std::vector<std::pair<const char*, Bytes>> examples = {
      {"one block", compressed(text, "f248cdc9c90700")},
      {"in fragments", compressed(text, "f248cd", false) + compressed(continuation, "c9c90700")},
      {"without compression", compressed(text, "000500faff48656c6c6f00")},
      {"with a final block", compressed(text, "f348cdc9c9070000")},
      {"two blocks", compressed(text, "f24805000000ffffcac9c90700")},
  };
  for (const auto& [name, bytes] : examples) {
    SCOPED_TRACE(name);
    Session whole = with_takeover(GetParam());
    EXPECT_THAT(whole.feed(bytes).transcript(), ElementsAre("text \"Hello\""));
    Session in_bytes = with_takeover(GetParam());
    EXPECT_THAT(in_bytes.feed_in_pieces(bytes, 1).transcript(), ElementsAre("text \"Hello\""));
  }
  Session empty = with_takeover(GetParam());
  EXPECT_THAT(empty.feed(compressed(text, "00")).transcript(), ElementsAre("text \"\""));
}

// Section 7.2.1 asks for an empty block without compression at the end and does not say that it must not be a final
// one. The tail that the receiver puts back then completes it.
TEST_P(Deflate, ReadsAMessageThatEndsWithAFinalEmptyBlock) {
  for (const char* const hex : {"01", "f248cdc9c90704"}) {
    SCOPED_TRACE(hex);
    const std::string expected = std::string(hex) == "01" ? "text \"\"" : "text \"Hello\"";
    Session whole = with_takeover(GetParam());
    EXPECT_THAT(whole.feed(compressed(text, hex) + compressed(text, "00")).transcript(),
                ElementsAre(expected, "text \"\""));
    Session in_bytes = with_takeover(GetParam());
    EXPECT_THAT(in_bytes.feed_in_pieces(compressed(text, hex), 1).transcript(), ElementsAre(expected));
  }
}

// Section 7.2.3.2: the second "Hello" refers to the first.
TEST_P(Deflate, TakesTheContextOverWhereThatWasAgreed) {
  const Bytes stream = compressed(text, "f248cdc9c90700") + compressed(text, "f200110000");
  Session session = with_takeover(GetParam());
  EXPECT_THAT(session.feed(stream).transcript(), ElementsAre("text \"Hello\"", "text \"Hello\""));
  // Also behind a final block.
  Session final_block = with_takeover(GetParam());
  final_block.feed(compressed(text, "f348cdc9c9070000") + compressed(text, "f200110000"));
  EXPECT_THAT(final_block.transcript(), ElementsAre("text \"Hello\"", "text \"Hello\""));

  Session without(GetParam(), {}, DeflateParameters{true, true, 15, 15});
  without.feed(stream);
  expect_failure(without, Cause::bad_compressed_data);
}

TEST_P(Deflate, MixesCompressedPlainAndControlFrames) {
  Session session = with_takeover(GetParam());
  session.feed(compressed(text, "f248cd", false) + from_peer({.opcode = ping, .payload = bytes_of("p")}) +
               compressed(continuation, "c9c90700") + from_peer({.opcode = text, .payload = bytes_of("plain")}) +
               compressed(text, "f200110000"));
  EXPECT_THAT(session.transcript(),
              ElementsAre("> pong \"p\"", "ping \"p\"", "text \"Hello\"", "text \"plain\"", "text \"Hello\""));
}

TEST_P(Deflate, RefusesReservedBitsThatItDoesNotDefine) {
  const Bytes hello = from_hex("f248cdc9c90700");
  for (const Frame& frame :
       {Frame{.opcode = text, .payload = hello, .rsv = 6}, Frame{.opcode = text, .payload = hello, .rsv = 5},
        Frame{.opcode = ping, .rsv = rsv1}, Frame{.opcode = close, .rsv = rsv1}}) {
    Session session = with_takeover(GetParam());
    session.feed(from_peer(frame));
    expect_failure(session, Cause::reserved_bit);
  }
  Session on_continuation = with_takeover(GetParam());
  on_continuation.feed(compressed(text, "f248cd", false) +
                       from_peer({.opcode = continuation, .payload = from_hex("c9c90700"), .rsv = rsv1}));
  expect_failure(on_continuation, Cause::reserved_bit);
  Session not_agreed(GetParam());
  not_agreed.feed(compressed(text, "f248cdc9c90700"));
  expect_failure(not_agreed, Cause::reserved_bit);
}

TEST_P(Deflate, RefusesWhatCannotBeInflated) {
  for (const char* hex : {"ff", "06", "0705", "00050000004865", "f248cdc9c9", "f2", "f248", "000500faff4865",
                          "f200110000", "f348cdc9c907", "ed"}) {
    SCOPED_TRACE(hex);
    Session session = with_takeover(GetParam());
    session.feed(compressed(binary, hex));
    expect_failure(session, Cause::bad_compressed_data);
    Session in_bytes = with_takeover(GetParam());
    in_bytes.feed_in_pieces(compressed(binary, hex), 1);
    expect_failure(in_bytes, Cause::bad_compressed_data);
  }
}

TEST_P(Deflate, ChecksUtf8OfWhatComesOut) {
  ZlibDeflater zlib(15, true);
  const Bytes good = bytes_of("\xE4\xBD\xA0\xE5\xA5\xBD, hello hello hello");
  const Bytes first = zlib.message(good);
  const Bytes bad = zlib.message(good + from_hex("eda080") + good);
  Session session = with_takeover(GetParam());
  session.feed(from_peer({.opcode = text, .payload = first, .rsv = rsv1}));
  session.feed(from_peer({.opcode = text, .payload = bad, .rsv = rsv1}));
  EXPECT_EQ(session.transcript()[0], describe(text, good));
  expect_failure(session, Cause::invalid_utf8);

  // Fail fast, in the middle of a frame: the compressed bytes of the bad place are there, its frame is not complete.
  Bytes long_bad = bytes_of("x") + from_hex("ff");
  std::mt19937 random(1);
  for (int i = 0; i < 100000; ++i) long_bad.push_back(static_cast<std::byte>('a' + random() % 26));
  ZlibDeflater other(15, true);
  const Bytes frame = from_peer({.opcode = text, .payload = other.message(long_bad), .rsv = rsv1});
  Session early = with_takeover(GetParam());
  early.feed(std::span(frame).first(frame.size() / 2));
  expect_failure(early, Cause::invalid_utf8);
}

TEST_P(Deflate, StopsABombAtTheLimit) {
  constexpr std::uint64_t limit = 100000;
  for (const std::size_t size : {limit - 1, limit, limit + 1, std::size_t{4000000}}) {
    SCOPED_TRACE(size);
    ZlibDeflater zlib(15, true);
    const Bytes bomb = zlib.message(Bytes(size));
    Session whole = with_takeover(GetParam(), {.message_bytes_max = limit});
    whole.feed(from_peer({.opcode = binary, .payload = bomb, .rsv = rsv1}));
    Session in_pieces = with_takeover(GetParam(), {.message_bytes_max = limit});
    in_pieces.feed_in_pieces(from_peer({.opcode = binary, .payload = bomb, .rsv = rsv1}), 7);
    if (size <= limit) {
      EXPECT_THAT(whole.transcript(), ElementsAre(describe(binary, Bytes(size))));
      EXPECT_THAT(in_pieces.transcript(), ElementsAre(describe(binary, Bytes(size))));
    } else {
      expect_failure(whole, Cause::message_too_big);
      expect_failure(in_pieces, Cause::message_too_big);
    }
  }
}

TEST_P(Deflate, RefusesAFrameThatCannotFitByItsHeader) {
  Session session = with_takeover(GetParam(), {.message_bytes_max = 1000});
  session.feed(from_peer({.opcode = binary, .rsv = rsv1, .length_claimed = 1075}));
  expect_failure(session, Cause::message_too_big);
  // Bytes that do not compress make a frame slightly longer than the message.
  std::mt19937 random(2);
  Bytes noise(1000);
  for (std::byte& byte : noise) byte = static_cast<std::byte>(random());
  ZlibDeflater zlib(15, true);
  const Bytes stored = zlib.message(noise);
  ASSERT_GT(stored.size(), noise.size());
  Session fits = with_takeover(GetParam(), {.message_bytes_max = 1000});
  fits.feed(from_peer({.opcode = binary, .payload = stored, .rsv = rsv1}));
  EXPECT_THAT(fits.transcript(), ElementsAre(describe(binary, noise)));
}

Bytes json_of(std::size_t size) {
  std::string out = "[";
  for (int i = 0; out.size() < size; ++i) {
    out += "{\"seq\":" + std::to_string(i * 7919) +
           ",\"from\":\"agent\",\"text\":\"\xE4\xBD\xA0\xE5\xA5\xBD, how may I help you " + std::to_string(i % 13) +
           "?\"},";
  }
  out.resize(size, ' ');
  // The cut may have left part of a code point.
  for (auto end = out.rbegin(); end != out.rend() && (static_cast<unsigned char>(*end) & 0x80) != 0; ++end) *end = ' ';
  return bytes_of(out);
}

// Of the public suite's sizes, what compresses and what does not.
std::vector<Bytes> make_payloads() {
  std::vector<Bytes> all{Bytes{}};
  std::mt19937 random(3);
  for (const std::size_t size : {16UL, 64UL, 256UL, 1024UL, 4096UL, 8192UL, 16384UL, 32768UL, 65536UL, 131072UL}) {
    all.push_back(json_of(size));
    Bytes noise(size);
    for (std::byte& byte : noise) byte = static_cast<std::byte>(random());
    all.push_back(noise);
  }
  return all;
}

const std::vector<Bytes>& payloads() {
  static const std::vector<Bytes> all = make_payloads();
  return all;
}

std::vector<DeflateParameters> parameter_sets() {
  std::vector<DeflateParameters> sets;
  for (const bool server : {false, true}) {
    for (const bool client : {false, true}) {
      for (const int bits : {8, 9, 12, 15})
        sets.push_back({server, client, static_cast<std::uint8_t>(bits), static_cast<std::uint8_t>(23 - bits)});
    }
  }
  return sets;
}

// What we send must be readable by a peer that inflates with exactly what was promised.
TEST_P(Deflate, SendsWhatItPromised) {
  const bool is_server = GetParam() == Role::server;
  for (const DeflateParameters& parameters : parameter_sets()) {
    Session session(GetParam(), {.message_bytes_max = 1 << 20, .compressed_bytes_min = 20}, parameters);
    ZlibInflater peer(is_server ? parameters.server_window_bits : parameters.client_window_bits,
                      is_server ? !parameters.server_no_context_takeover : !parameters.client_no_context_takeover);
    session.recorder.inflate = [&](const Bytes& payload) { return peer.message(payload); };
    std::vector<std::string> expected;
    // Twice, so that the context of the first round is there in the second.
    for (int round = 0; round < 2; ++round) {
      for (const Bytes& payload : payloads()) {
        session.protocol.send_message(MessageKind::binary, payload, session.recorder);
        expected.push_back("> " + describe(binary, payload));
      }
    }
    EXPECT_EQ(session.transcript(), expected);
    const bool can_compress = (is_server ? parameters.server_window_bits : parameters.client_window_bits) >= 9;
    EXPECT_EQ(session.recorder.compressed_frames() > 10, can_compress);
  }
}

TEST_P(Deflate, ReadsWhatAPeerMaySend) {
  const bool is_server = GetParam() == Role::server;
  for (const DeflateParameters& parameters : parameter_sets()) {
    const int bits = is_server ? parameters.client_window_bits : parameters.server_window_bits;
    if (bits == 8) continue;  // zlib cannot write it
    ZlibDeflater peer(bits,
                      is_server ? !parameters.client_no_context_takeover : !parameters.server_no_context_takeover);
    Session session(GetParam(), {}, parameters);
    std::vector<std::string> expected;
    std::size_t fragment_bytes = 64;
    for (const Bytes& payload : payloads()) {
      const Bytes bytes = peer.message(payload);
      for (std::size_t from = 0; from == 0 || from < bytes.size(); from += fragment_bytes) {
        const std::size_t size = std::min(fragment_bytes, bytes.size() - from);
        const auto piece = std::span(bytes).subspan(from, size);
        session.feed_in_pieces(from_peer({.opcode = from == 0 ? binary : continuation,
                                          .payload = Bytes(piece.begin(), piece.end()),
                                          .fin = from + size == bytes.size(),
                                          .rsv = from == 0 ? rsv1 : 0}),
                               1000);
      }
      expected.push_back(describe(binary, payload));
      fragment_bytes = fragment_bytes == 64 ? 1024 : fragment_bytes == 1024 ? 1 << 20 : 64;
    }
    EXPECT_EQ(session.transcript(), expected);
  }
}

TEST_P(Deflate, LeavesShortMessagesAlone) {
  Session session(GetParam(), {.message_bytes_max = 1 << 20, .compressed_bytes_min = 100}, DeflateParameters{});
  session.protocol.send_message(MessageKind::text, Bytes(99, std::byte{'a'}), session.recorder);
  EXPECT_EQ(session.transcript().size(), 1U);
  EXPECT_EQ(session.recorder.compressed_frames(), 0U);
}

TEST_P(Deflate, GivesItsContextsUpWhenItCloses) {
  Session session = with_takeover(GetParam());
  session.feed(compressed(text, "f248cd", false));
  session.protocol.close(Cause::drain, session.recorder);
  session.feed(compressed(continuation, "c9c90700") + compressed(text, "f200110000") +
               from_peer({.opcode = close, .payload = close_payload(1012)}));
  EXPECT_TRUE(session.protocol.end().clean);
}

// A message may be cut anywhere while others on the same thread use its contexts.
TEST_P(Deflate, ConnectionsOfAThreadDoNotDisturbEachOther) {
  const DeflateParameters no_takeover{true, true, 15, 15};
  const Bytes payload = json_of(5000);
  ZlibDeflater peer(15, false);
  const Bytes frame = from_peer({.opcode = text, .payload = peer.message(payload), .rsv = rsv1});
  std::vector<std::unique_ptr<Session>> sessions;
  for (int i = 0; i < 10; ++i) sessions.push_back(std::make_unique<Session>(GetParam(), Settings{}, no_takeover));
  for (std::size_t from = 0; from < frame.size(); from += 17) {
    const auto piece = std::span(frame).subspan(from, std::min<std::size_t>(17, frame.size() - from));
    for (const auto& session : sessions) session->feed(piece);
  }
  for (const auto& session : sessions) EXPECT_THAT(session->transcript(), ElementsAre(describe(text, payload)));
}

INSTANTIATE_TEST_SUITE_P(BothRoles, Deflate, ::testing::Values(Role::server, Role::client),
                         [](const auto& role) { return role.param == Role::server ? "server" : "client"; });

}  // namespace
}  // namespace clearline::ws::testing
