// How a connection ends, stimulus by stimulus: malformed and unusual inputs that servers and libraries in wide use take
// for good, answer with a wrong code, or with none. Here: what RFC 6455 and the registry ask. Both roles, each input
// whole and cut at every byte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/ws/recorder.h"
#include "support/ws/wire.h"

namespace clearline::ws::testing {
namespace {

using registry::Cause;

// What the peer of `role` sends. A server's peer masks.
Bytes from_peer(Role role, Frame frame) {
  if (role == Role::client) frame.masked = !frame.masked;
  return encode(frame);
}

struct Failure {
  const char* name;
  std::vector<Frame> frames;
  unsigned code;
  Cause cause;
};

std::vector<Failure> failures() {
  const Bytes payload = bytes_of("some payload");
  const Bytes bad_text = from_hex("cebaf4908080");
  return {
      {"wrong mask, empty", {{.opcode = text, .masked = false}}, 1002, Cause::unmasked_frame},
      {"wrong mask, 2 bytes",
       {{.opcode = text, .payload = bytes_of("ab"), .masked = false}},
       1002,
       Cause::unmasked_frame},
      {"wrong mask, 20 bytes",
       {{.opcode = text, .payload = Bytes(20, std::byte{'a'}), .masked = false}},
       1002,
       Cause::unmasked_frame},
      {"wrong mask on a ping", {{.opcode = ping, .masked = false}}, 1002, Cause::unmasked_frame},
      {"wrong mask on a close",
       {{.opcode = close, .payload = close_payload(1000), .masked = false}},
       1002,
       Cause::unmasked_frame},
      {"RSV1", {{.opcode = text, .payload = payload, .rsv = 4}}, 1002, Cause::reserved_bit},
      {"RSV2", {{.opcode = text, .payload = payload, .rsv = 2}}, 1002, Cause::reserved_bit},
      {"RSV3", {{.opcode = binary, .payload = payload, .rsv = 1}}, 1002, Cause::reserved_bit},
      {"opcode 3", {{.opcode = 3, .payload = payload}}, 1002, Cause::reserved_opcode},
      {"opcode 11", {{.opcode = 11, .payload = payload}}, 1002, Cause::reserved_opcode},
      {"fragmented ping", {{.opcode = ping, .payload = payload, .fin = false}}, 1002, Cause::control_fragmented},
      {"fragmented close", {{.opcode = close, .fin = false}}, 1002, Cause::control_fragmented},
      {"ping of 126 bytes", {{.opcode = ping, .payload = Bytes(126)}}, 1002, Cause::control_too_long},
      {"close of 126 bytes",
       {{.opcode = close, .payload = close_payload(1000, std::string(124, 'r'))}},
       1002,
       Cause::control_too_long},
      {"continuation of nothing", {{.opcode = continuation, .payload = payload}}, 1002, Cause::unexpected_continuation},
      {"text inside fragments",
       {{.opcode = text, .payload = payload, .fin = false}, {.opcode = text, .payload = payload}},
       1002,
       Cause::expected_continuation},
      {"binary inside fragments",
       {{.opcode = text, .fin = false}, {.opcode = binary}},
       1002,
       Cause::expected_continuation},
      {"continuation after the last",
       {{.opcode = text, .fin = false}, {.opcode = continuation, .fin = true}, {.opcode = continuation}},
       1002,
       Cause::unexpected_continuation},
      {"invalid UTF-8", {{.opcode = text, .payload = bad_text}}, 1007, Cause::invalid_utf8},
      {"truncated UTF-8", {{.opcode = text, .payload = from_hex("616263e282")}}, 1007, Cause::invalid_utf8},
      {"surrogate", {{.opcode = text, .payload = from_hex("eda080")}}, 1007, Cause::invalid_utf8},
      {"invalid UTF-8 in a first fragment",
       {{.opcode = text, .payload = bad_text, .fin = false}},
       1007,
       Cause::invalid_utf8},
      {"invalid UTF-8 over fragments",
       {{.opcode = text, .payload = from_hex("f4"), .fin = false},
        {.opcode = continuation, .payload = from_hex("90"), .fin = false}},
       1007,
       Cause::invalid_utf8},
      {"text ends inside a code point",
       {{.opcode = text, .payload = from_hex("e282"), .fin = false}, {.opcode = continuation}},
       1007,
       Cause::invalid_utf8},
      {"5 in 16 bits",
       {{.opcode = text, .payload = bytes_of("hello"), .length_bytes = 2}},
       1002,
       Cause::non_minimal_length},
      {"125 in 16 bits",
       {{.opcode = text, .payload = Bytes(125, std::byte{'a'}), .length_bytes = 2}},
       1002,
       Cause::non_minimal_length},
      {"65535 in 64 bits",
       {{.opcode = binary, .length_bytes = 8, .length_claimed = 65535}},
       1002,
       Cause::non_minimal_length},
      {"5 in 64 bits",
       {{.opcode = text, .payload = bytes_of("hello"), .length_bytes = 8}},
       1002,
       Cause::non_minimal_length},
      {"200 in 64 bits",
       {{.opcode = binary, .payload = Bytes(200), .length_bytes = 8}},
       1002,
       Cause::non_minimal_length},
      {"top bit of the length",
       {{.opcode = binary, .length_bytes = 8, .length_claimed = 1ULL << 63}},
       1002,
       Cause::length_top_bit},
      {"oversize by its header", {{.opcode = text, .length_claimed = (1U << 20) + 1}}, 1009, Cause::message_too_big},
      {"oversize, 62 bits", {{.opcode = text, .length_claimed = 1ULL << 62}}, 1009, Cause::message_too_big},
      {"oversize by a later fragment",
       {{.opcode = binary, .payload = Bytes(1), .fin = false}, {.opcode = continuation, .length_claimed = 1U << 20}},
       1009,
       Cause::message_too_big},
      {"close of 1 byte", {{.opcode = close, .payload = Bytes(1)}}, 1002, Cause::close_payload_one_byte},
      {"bad UTF-8 in a reason",
       {{.opcode = close, .payload = close_payload(1000, "\xFF")}},
       1007,
       Cause::invalid_utf8_reason},
      {"reason ends inside a code point",
       {{.opcode = close, .payload = close_payload(1000, "\xE2\x82")}},
       1007,
       Cause::invalid_utf8_reason},
  };
}

Bytes stream_of(Role role, const std::vector<Frame>& frames) {
  Bytes stream;
  for (const Frame& frame : frames) stream = stream + from_peer(role, frame);
  return stream;
}

// Causes are worded for a server; a client sees the other wrong mask.
Cause cause_for(Role role, Cause cause) {
  return role == Role::client && cause == Cause::unmasked_frame ? Cause::masked_frame : cause;
}

class Endings : public ::testing::TestWithParam<Role> {
 protected:
  void expect_failure(Session& session, const Failure& failure) {
    const Cause cause = cause_for(GetParam(), failure.cause);
    EXPECT_EQ(session.protocol.state(), State::closed);
    const End end = session.protocol.end();
    EXPECT_EQ(registry::cause_name(end.cause), registry::cause_name(cause));
    EXPECT_EQ(end.status, failure.code);
    EXPECT_EQ(end.sent_code, failure.code);
    EXPECT_FALSE(end.received_close);
    EXPECT_EQ(end.origin, registry::Origin::us);
    EXPECT_FALSE(end.clean);
    const auto& transcript = session.transcript();
    ASSERT_GE(transcript.size(), 2U);
    const std::string expected =
        "> close " + std::to_string(failure.code) + " \"" + std::string(registry::cause_name(cause)) + ": ";
    EXPECT_THAT(transcript[transcript.size() - 2], ::testing::StartsWith(expected));
    EXPECT_EQ(transcript.back(), "closing");
  }
};

TEST_P(Endings, EveryFailureIsToldAtOnce) {
  for (const Failure& failure : failures()) {
    SCOPED_TRACE(failure.name);
    const Bytes stream = stream_of(GetParam(), failure.frames);
    Session whole(GetParam());
    whole.feed(stream);
    expect_failure(whole, failure);
    for (std::size_t cut = 1; cut < stream.size(); ++cut) {
      Session session(GetParam());
      session.feed(std::span(stream).first(cut)).feed(std::span(stream).subspan(cut));
      expect_failure(session, failure);
    }
  }
}

TEST_P(Endings, NothingAfterAFailureIsTaken) {
  for (const Failure& failure : failures()) {
    SCOPED_TRACE(failure.name);
    Session session(GetParam());
    session.feed(stream_of(GetParam(), failure.frames));
    const std::vector<std::string> before = session.transcript();
    session.feed(from_peer(GetParam(), {.opcode = ping}));
    session.feed(from_peer(GetParam(), {.opcode = close, .payload = close_payload(1000)}));
    session.protocol.close(Cause::drain, session.recorder);
    EXPECT_EQ(session.transcript(), before);
    expect_failure(session, failure);
  }
}

bool valid_when_received(unsigned code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

TEST_P(Endings, EveryCloseCodeIsEchoedOrRefused) {
  for (unsigned code = 0; code <= 65535; ++code) {
    Session session(GetParam());
    session.feed(from_peer(GetParam(), {.opcode = close, .payload = close_payload(code, "why")}));
    ASSERT_EQ(session.protocol.state(), State::closed) << code;
    const End end = session.protocol.end();
    if (valid_when_received(code)) {
      ASSERT_EQ(session.transcript(), (std::vector<std::string>{"> close " + std::to_string(code), "closing"}));
      ASSERT_EQ(end.status, code);
      ASSERT_EQ(end.received_code, code);
      ASSERT_EQ(end.cause, Cause::peer_closed) << code;
      ASSERT_EQ(end.reason, "why") << code;
      ASSERT_TRUE(end.clean) << code;
    } else {
      ASSERT_EQ(end.status, 1002) << code;
      ASSERT_EQ(end.cause, Cause::invalid_close_code) << code;
      ASSERT_EQ(end.received_code, std::nullopt) << code;
    }
  }
}

TEST_P(Endings, EveryCloseCodeThatMayBeSentIsSent) {
  for (unsigned value = 0; value <= 65535; ++value) {
    const auto code = static_cast<std::uint16_t>(value);
    // A server must not send 1010; everything else may be sent that may be received.
    const bool may_be_sent = valid_when_received(code) && (code != 1010 || GetParam() == Role::client);
    ASSERT_EQ(registry::may_be_sent(code, GetParam()), may_be_sent) << code;
    if (!may_be_sent) continue;
    Session session(GetParam());
    session.protocol.close(code, "because", Cause::application_closed, session.recorder);
    ASSERT_EQ(session.transcript(), (std::vector<std::string>{"> close " + std::to_string(code) + " \"because\""}));
    ASSERT_EQ(session.protocol.end().status, code);
  }
}

TEST_P(Endings, VerdictsAreNeverSent) {
  for (const std::uint16_t code : {registry::no_status_received, registry::abnormal_closure, registry::tls_handshake}) {
    Session session(GetParam());
    EXPECT_DEATH(session.protocol.close(code, "", Cause::application_closed, session.recorder), "may_be_sent") << code;
  }
}

// Good input of every kind: what it does must not depend on where it is cut.
std::vector<std::vector<Frame>> good_streams() {
  const Bytes mixed = from_hex("48656c6c6f2dc2b540c39fe4bda0f09f9880");
  std::vector<std::vector<Frame>> streams = {
      {{.opcode = text, .payload = mixed}, {.opcode = text, .payload = mixed}, {.opcode = binary, .payload = mixed}},
      {{.opcode = text}, {.opcode = binary}, {.opcode = ping}, {.opcode = pong}},
      {{.opcode = ping, .payload = Bytes(125, std::byte{'p'})}, {.opcode = pong, .payload = bytes_of("q")}},
      {{.opcode = text, .payload = Bytes(125, std::byte{'a'})},
       {.opcode = text, .payload = Bytes(126, std::byte{'b'})},
       {.opcode = text, .payload = Bytes(127, std::byte{'c'})}},
      {{.opcode = binary, .fin = false}, {.opcode = continuation, .fin = false}, {.opcode = continuation}},
      {{.opcode = text, .payload = bytes_of("x")}, {.opcode = close, .payload = close_payload(4001, "bye")}},
      {{.opcode = ping, .payload = bytes_of("p")}, {.opcode = close}},
      {{.opcode = close, .payload = close_payload(1000, std::string(123, 'r'))}, {.opcode = text, .payload = mixed}},
  };
  // A text in fragments of one byte, with a ping behind each.
  std::vector<Frame> fragments;
  for (std::size_t i = 0; i < mixed.size(); ++i) {
    fragments.push_back(
        {.opcode = i == 0 ? text : continuation, .payload = Bytes{mixed[i]}, .fin = i + 1 == mixed.size()});
    fragments.push_back({.opcode = ping, .payload = Bytes{static_cast<std::byte>('a' + i)}});
  }
  streams.push_back(fragments);
  return streams;
}

TEST_P(Endings, GoodInputDoesTheSameHoweverItIsCut) {
  for (const auto& frames : good_streams()) {
    const Bytes stream = stream_of(GetParam(), frames);
    Session whole(GetParam());
    const std::vector<std::string> expected = whole.feed(stream).transcript();
    for (std::size_t first = 0; first <= stream.size(); ++first) {
      Session in_two(GetParam());
      in_two.feed(std::span(stream).first(first)).feed(std::span(stream).subspan(first));
      ASSERT_EQ(in_two.transcript(), expected) << "cut at " << first;
      Session in_three(GetParam());
      const std::size_t second = first + (stream.size() - first) / 2;
      in_three.feed(std::span(stream).first(first))
          .feed(std::span(stream).subspan(first, second - first))
          .feed(std::span(stream).subspan(second));
      ASSERT_EQ(in_three.transcript(), expected) << "cut at " << first << " and " << second;
    }
    for (std::size_t piece = 1; piece <= 20; ++piece) {
      Session in_pieces(GetParam());
      ASSERT_EQ(in_pieces.feed_in_pieces(stream, piece).transcript(), expected) << "pieces of " << piece;
    }
  }
}

TEST_P(Endings, LargeGoodInputDoesTheSameHoweverItIsCut) {
  for (const std::size_t size : {65535UL, 65536UL, 300000UL}) {
    const Bytes stream = from_peer(GetParam(), {.opcode = text, .payload = Bytes(size, std::byte{'t'})}) +
                         from_peer(GetParam(), {.opcode = ping});
    Session whole(GetParam());
    const std::vector<std::string> expected = whole.feed(stream).transcript();
    std::vector<std::size_t> cuts;
    for (std::size_t i = 1; i < 20; ++i) cuts.insert(cuts.end(), {i, stream.size() - i, i * 1447, i * 3000});
    for (const std::size_t cut : cuts) {
      Session in_two(GetParam());
      in_two.feed(std::span(stream).first(cut)).feed(std::span(stream).subspan(cut));
      ASSERT_EQ(in_two.transcript(), expected) << cut;
    }
    for (const std::size_t piece : {1447UL, 16384UL}) {
      Session in_pieces(GetParam());
      ASSERT_EQ(in_pieces.feed_in_pieces(stream, piece).transcript(), expected) << piece;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(BothRoles, Endings, ::testing::Values(Role::server, Role::client),
                         [](const auto& role) { return role.param == Role::server ? "server" : "client"; });

}  // namespace
}  // namespace clearline::ws::testing
