#include "ws/protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/ws/recorder.h"
#include "support/ws/wire.h"

namespace clearline::ws::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

Frame message(std::string_view payload) {
  return {.opcode = text, .payload = bytes_of(payload)};
}

TEST(Protocol, HandsOnATextMessage) {
  Session session(Role::server);
  session.feed(encode(message("hello")));
  EXPECT_THAT(session.transcript(), ElementsAre("text \"hello\""));
  EXPECT_EQ(session.protocol.state(), State::open);
}

TEST(Protocol, AnswersAPingBeforeItTellsOfIt) {
  Session session(Role::client);
  session.feed(encode({.opcode = ping, .payload = bytes_of("are you there"), .masked = false}));
  EXPECT_THAT(session.transcript(), ElementsAre("> pong \"are you there\"", "ping \"are you there\""));
}

TEST(Protocol, WritesMessagesOfEveryLengthEncoding) {
  for (const Role role : {Role::server, Role::client}) {
    for (const std::size_t size : {0UL, 1UL, 125UL, 126UL, 4096UL, 4097UL, 65535UL, 65536UL, 200000UL}) {
      Session session(role);
      const std::string payload(size, 'x');
      EXPECT_TRUE(session.protocol.send_message(MessageKind::text, as_payload(payload), session.recorder));
      EXPECT_THAT(session.transcript(), ElementsAre("> " + describe(text, as_payload(payload)))) << size;
    }
  }
}

TEST(Protocol, ReadsWhatTheOtherRoleWrites) {
  for (const Role role : {Role::server, Role::client}) {
    Session sender(role);
    Session receiver(role == Role::server ? Role::client : Role::server);
    const std::string payload(70000, 'y');
    sender.protocol.send_message(MessageKind::text, as_payload(payload), sender.recorder);
    sender.protocol.send_message(MessageKind::binary, as_payload("\x00\xFF"), sender.recorder);
    sender.protocol.send_ping(as_payload("p"), sender.recorder);
    sender.protocol.send_pong(as_payload("q"), sender.recorder);
    receiver.feed(sender.recorder.output());
    EXPECT_THAT(receiver.transcript(),
                ElementsAre(describe(text, as_payload(payload)), describe(binary, as_payload("\x00\xFF")),
                            "> pong \"p\"", "ping \"p\"", "pong \"q\""));
  }
}

TEST(Protocol, AnswersACloseWithItsCodeAlone) {
  Session session(Role::server);
  session.feed(encode({.opcode = close, .payload = close_payload(4001, "bye")}));
  EXPECT_THAT(session.transcript(), ElementsAre("> close 4001", "closing"));
  EXPECT_EQ(session.protocol.state(), State::closed);

  const End end = session.protocol.end();
  EXPECT_EQ(end.status, 4001);
  EXPECT_EQ(end.received_code, 4001);
  EXPECT_EQ(end.sent_code, 4001);
  EXPECT_EQ(end.origin, registry::Origin::peer);
  EXPECT_EQ(end.cause, registry::Cause::peer_closed);
  EXPECT_EQ(end.reason, "bye");
  EXPECT_TRUE(end.clean);
}

TEST(Protocol, AnswersAnEmptyCloseWithAnEmptyOne) {
  Session session(Role::client);
  session.feed(encode({.opcode = close, .masked = false}));
  EXPECT_THAT(session.transcript(), ElementsAre("> close", "closing"));
  const End end = session.protocol.end();
  EXPECT_EQ(end.status, registry::no_status_received);
  EXPECT_FALSE(end.received_code.has_value());
  EXPECT_FALSE(end.sent_code.has_value());
  EXPECT_TRUE(end.clean);
}

TEST(Protocol, IgnoresEverythingAfterAClose) {
  Session session(Role::server);
  session.feed(encode({.opcode = close, .payload = close_payload(1000)}) +
               encode({.opcode = close, .payload = close_payload(1001)}) + encode({.opcode = ping}) +
               encode(message("late")) + bytes_of("and noise"));
  session.feed(bytes_of("more noise"));
  EXPECT_THAT(session.transcript(), ElementsAre("> close 1000", "closing"));
  EXPECT_EQ(session.protocol.end().received_code, 1000);
}

TEST(Protocol, WritesRepliesBeforeTheAnswerToAClose) {
  Session session(Role::server);
  session.recorder.when_message = [&](MessageKind kind, std::span<const std::byte> payload) {
    session.protocol.send_message(kind, payload, session.recorder);
  };
  session.feed(encode(message("one")) + encode({.opcode = ping, .payload = bytes_of("p")}) + encode(message("two")) +
               encode({.opcode = close, .payload = close_payload(4001)}));
  EXPECT_THAT(session.transcript(), ElementsAre("text \"one\"", "> text \"one\"", "> pong \"p\"", "ping \"p\"",
                                                "text \"two\"", "> text \"two\"", "> close 4001", "closing"));
}

TEST(Protocol, SendsNothingButPongsAfterItsOwnClose) {
  Session session(Role::server);
  session.protocol.close(registry::Cause::drain, session.recorder);
  EXPECT_FALSE(session.protocol.may_send());
  EXPECT_FALSE(session.protocol.send_message(MessageKind::text, as_payload("no"), session.recorder));
  EXPECT_FALSE(session.protocol.send_ping({}, session.recorder));
  EXPECT_FALSE(session.protocol.send_pong({}, session.recorder));
  session.protocol.close(registry::Cause::internal_error, session.recorder);
  session.protocol.close_without_code(registry::Cause::internal_error, session.recorder);
  session.feed(encode(message("crossing")) + encode({.opcode = ping, .payload = bytes_of("p")}));
  EXPECT_THAT(session.transcript(), ElementsAre("> close 1012 \"drain\"", "> pong \"p\"", "ping \"p\""));
  EXPECT_EQ(session.protocol.state(), State::closing);
}

TEST(Protocol, TakesTheAnswerToItsOwnClose) {
  Session session(Role::server);
  session.protocol.close(registry::Cause::drain, session.recorder);
  session.feed(encode({.opcode = close, .payload = close_payload(1001, "leaving")}));
  EXPECT_EQ(session.protocol.state(), State::closed);
  const End end = session.protocol.end();
  EXPECT_EQ(end.status, registry::service_restart);
  EXPECT_EQ(end.sent_code, registry::service_restart);
  EXPECT_EQ(end.received_code, registry::going_away);
  EXPECT_EQ(end.cause, registry::Cause::drain);
  EXPECT_EQ(end.origin, registry::Origin::us);
  EXPECT_TRUE(end.clean);
  EXPECT_THAT(session.transcript(), ElementsAre("> close 1012 \"drain\""));
}

TEST(Protocol, RecordsWhatThePeerDoesWrongAfterOurClose) {
  Session session(Role::server);
  session.protocol.close(registry::Cause::drain, session.recorder);
  session.feed(encode({.opcode = 3}));
  EXPECT_EQ(session.protocol.state(), State::closed);
  const End end = session.protocol.end();
  EXPECT_EQ(end.status, registry::service_restart);
  EXPECT_EQ(end.unclean_cause, registry::Cause::reserved_opcode);
  EXPECT_FALSE(end.clean);
}

TEST(Protocol, AHandlerMayCloseInsideACallback) {
  Session session(Role::server);
  session.recorder.when_message = [&](MessageKind, std::span<const std::byte> payload) {
    session.protocol.close(registry::Cause::unsupported_data, session.recorder);
    EXPECT_EQ(as_text(payload), "ab") << "the payload outlives the close";
  };
  session.feed(encode({.opcode = text, .payload = bytes_of("a"), .fin = false}) +
               encode({.opcode = continuation, .payload = bytes_of("b")}) + encode(message("never handed on")));
  EXPECT_THAT(session.transcript(), ElementsAre("text \"ab\"", "> close 1003 \"unsupported_data\""));
}

TEST(Protocol, AHandlerMayCloseBetweenFragments) {
  Session session(Role::server);
  session.recorder.when_ping = [&] { session.protocol.close(registry::Cause::policy, session.recorder); };
  session.feed(encode({.opcode = text, .payload = bytes_of("a"), .fin = false}) + encode({.opcode = ping}) +
               encode({.opcode = continuation, .payload = bytes_of("b")}) +
               encode({.opcode = close, .payload = close_payload(1008)}));
  EXPECT_THAT(session.transcript(), ElementsAre("> pong \"\"", "ping \"\"", "> close 1008 \"policy\""));
  EXPECT_TRUE(session.protocol.end().clean);
}

TEST(Protocol, CutsAReasonAtACodePoint) {
  Session session(Role::server);
  std::string reason;
  for (int i = 0; i < 50; ++i) reason += "\xE2\x82\xAC";  // 3 bytes each: 41 fit into 123
  session.protocol.close(4000, reason, registry::Cause::application_closed, session.recorder);
  EXPECT_THAT(session.transcript(), ElementsAre("> close 4000 \"" + reason.substr(0, 123) + "\""));

  Session other(Role::server);
  other.protocol.close(4000, "x" + reason, registry::Cause::application_closed, other.recorder);
  EXPECT_EQ(other.protocol.end().reason.size(), 121U);
}

TEST(Protocol, LeavesOutAReasonThatIsNotText) {
  Session session(Role::server);
  session.protocol.close(4000, "\xFF", registry::Cause::application_closed, session.recorder);
  EXPECT_THAT(session.transcript(), ElementsAre("> close 4000"));
}

TEST(Protocol, SaysWhatWasWrongInItsClose) {
  Session session(Role::server);
  session.feed(encode({.opcode = text, .masked = false}));
  ASSERT_EQ(session.transcript().size(), 2U);
  EXPECT_THAT(session.transcript()[0], StartsWith("> close 1002 \"unmasked_frame: "));
  EXPECT_EQ(session.transcript()[1], "closing");
  EXPECT_EQ(session.protocol.end().cause, registry::Cause::unmasked_frame);
  EXPECT_EQ(session.protocol.end().status, registry::protocol_error);
}

TEST(Protocol, LimitsAWholeMessageByItsHeader) {
  Session session(Role::server, {.message_bytes_max = 10});
  session.feed(encode({.opcode = text, .payload = bytes_of("0123456789")}));
  Bytes header = encode({.opcode = text, .length_claimed = 11});
  session.feed(header);
  ASSERT_EQ(session.transcript().size(), 3U);
  EXPECT_THAT(session.transcript()[1], StartsWith("> close 1009"));
  EXPECT_EQ(session.protocol.end().cause, registry::Cause::message_too_big);
}

TEST(Protocol, LimitsTheSumOfFragments) {
  Session session(Role::server, {.message_bytes_max = 10});
  session.feed(encode({.opcode = binary, .payload = Bytes(6), .fin = false}));
  session.feed(encode({.opcode = continuation, .payload = Bytes(4), .fin = false}));
  EXPECT_THAT(session.transcript(), IsEmpty());
  session.feed(encode({.opcode = continuation, .fin = false}));
  EXPECT_THAT(session.transcript(), IsEmpty());
  session.feed(encode({.opcode = continuation, .length_claimed = 1}));
  EXPECT_EQ(session.protocol.end().cause, registry::Cause::message_too_big);
}

}  // namespace
}  // namespace clearline::ws::testing
