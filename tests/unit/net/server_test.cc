// The server against a peer of plain bytes: echo, every split, and every way in which a connection can end.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/net/server_fixture.h"

namespace clearline::net {
namespace {

using registry::Cause;
using registry::Origin;
using ws::Opcode;

TEST_F(ServerTest, AnswersTheExampleOfTheRfc) {
  listen();
  RawPeer peer(server->port());
  peer.send(upgrade_request());
  std::optional<std::string> response;
  pump_until([&] { return (response = peer.take_response()).has_value(); }, "the answer");
  EXPECT_NE(response->find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), std::string::npos);
  EXPECT_EQ(handler.opened.size(), 1U);
  EXPECT_EQ(server->open_count(), 1U);
}

TEST_F(ServerTest, EchoesMessagesOfAllSizes) {
  options.limits.message_bytes_max = 1 << 20;
  handler.message_hook = echo;
  listen();
  auto peer = connect();
  for (const std::size_t size : {0, 1, 125, 126, 4095, 4096, 4097, 65535, 65536, 600'000}) {
    const std::string payload(size, 'x');
    peer->send(client_frame(Opcode::binary, payload));
    const ServerFrame frame = next_frame(*peer);
    EXPECT_EQ(frame.opcode, Opcode::binary);
    EXPECT_EQ(frame.payload, payload) << size;
  }
}

TEST_F(ServerTest, TakesFramesByteByByte) {
  handler.message_hook = echo;
  listen();
  auto peer = connect();
  const std::string frames = client_frame(Opcode::text, "hel", false) + client_frame(Opcode::ping, "p") +
                             client_frame(Opcode::continuation, "lo");
  for (const char byte : frames) {
    peer->send({&byte, 1});
    loop->run_once(0);
  }
  EXPECT_EQ(next_frame(*peer).opcode, Opcode::pong);
  EXPECT_EQ(next_frame(*peer).payload, "hello");
}

TEST_F(ServerTest, TakesManyFramesOfOneSegmentAndKeepsTheirOrder) {
  handler.message_hook = echo;
  listen();
  auto peer = connect();
  std::string frames;
  for (int i = 0; i < 2000; ++i) frames += client_frame(Opcode::text, std::to_string(i));
  peer->send(frames);
  for (int i = 0; i < 2000; ++i) ASSERT_EQ(next_frame(*peer).payload, std::to_string(i));
}

// Big payloads are sent from where they lie in the receive buffer, which the next read overwrites.
TEST_F(ServerTest, DoesNotMixUpBigPayloadsOfManyPeers) {
  handler.message_hook = echo;
  handler.record_messages = false;
  options.limits.message_bytes_max = 1 << 20;
  listen();
  std::vector<std::unique_ptr<RawPeer>> peers;
  for (int i = 0; i < 8; ++i) peers.push_back(connect());
  for (int round = 0; round < 20; ++round) {
    for (std::size_t i = 0; i < peers.size(); ++i) {
      const char letter = static_cast<char>('a' + i);
      peers[i]->send(client_frame(Opcode::text, std::string(5000, letter)) +
                     client_frame(Opcode::text, std::string(20'000, letter)));
    }
    for (std::size_t i = 0; i < peers.size(); ++i) {
      const char letter = static_cast<char>('a' + i);
      ASSERT_EQ(next_frame(*peers[i]).payload, std::string(5000, letter));
      ASSERT_EQ(next_frame(*peers[i]).payload, std::string(20'000, letter));
    }
  }
}

// A message of one connection that is forwarded to another still lies in the receive buffer.
TEST_F(ServerTest, ForwardsBigPayloadsToOthers) {
  handler.record_messages = false;
  handler.message_hook = [&](Connection&, ws::MessageKind, std::string_view payload) {
    server->for_each([&](Connection& other) { other.send_text(payload); });
  };
  listen();
  std::vector<std::unique_ptr<RawPeer>> peers;
  for (int i = 0; i < 4; ++i) peers.push_back(connect());
  for (std::size_t i = 0; i < peers.size(); ++i) {
    peers[i]->send(client_frame(Opcode::text, std::string(30'000, static_cast<char>('a' + i))));
  }
  for (auto& peer : peers) {
    std::string letters;
    for (std::size_t i = 0; i < peers.size(); ++i) {
      const ServerFrame frame = next_frame(*peer);
      ASSERT_EQ(frame.payload, std::string(30'000, frame.payload.at(0)));
      letters += frame.payload[0];
    }
    std::sort(letters.begin(), letters.end());
    EXPECT_EQ(letters, "abcd");
  }
}

TEST_F(ServerTest, ParsesFramesRightBehindTheHandshake) {
  handler.message_hook = echo;
  listen();
  RawPeer peer(server->port());
  peer.send(upgrade_request() + client_frame(Opcode::text, "early") + client_frame(Opcode::close, close_payload(1000)));
  std::optional<std::string> response;
  pump_until([&] { return (response = peer.take_response()).has_value(); }, "the answer");
  EXPECT_EQ(next_frame(peer).payload, "early");
  EXPECT_EQ(next_frame(peer).opcode, Opcode::close);
  EXPECT_EQ(wait_for_end().status, 1000);
}

TEST_F(ServerTest, TakesAHandshakeThatIsCutAnywhere) {
  handler.message_hook = echo;
  listen();
  const std::string input = upgrade_request() + client_frame(Opcode::text, "hi");
  for (std::size_t cut = 1; cut < input.size(); cut += 7) {
    RawPeer peer(server->port());
    peer.send(std::string_view(input).substr(0, cut));
    pump_until([&] { return server->connection_count() >= 1; }, "the connection");
    pump_idle();
    peer.send(std::string_view(input).substr(cut));
    std::optional<std::string> response;
    pump_until([&] { return (response = peer.take_response()).has_value(); }, "the answer");
    ASSERT_EQ(next_frame(peer).payload, "hi") << cut;
    peer.close();
    wait_until_gone();
  }
}

TEST_F(ServerTest, SendsSharedFramesToMany) {
  listen();
  std::vector<std::unique_ptr<RawPeer>> peers;
  for (int i = 0; i < 50; ++i) peers.push_back(connect());
  const std::string large(100'000, 'L');
  const auto small_frame = ws::make_shared_frame(Opcode::text, ws::as_payload("small"));
  const auto large_frame = ws::make_shared_frame(Opcode::text, ws::as_payload(large));
  server->for_each([&](Connection& connection) {
    EXPECT_TRUE(connection.send(small_frame));
    EXPECT_TRUE(connection.send(large_frame));
    EXPECT_TRUE(connection.send_text("own"));
  });
  for (auto& peer : peers) {
    EXPECT_EQ(next_frame(*peer).payload, "small");
    EXPECT_EQ(next_frame(*peer).payload, large);
    EXPECT_EQ(next_frame(*peer).payload, "own");
  }
}

TEST_F(ServerTest, PingsAndHearsThePong) {
  handler.open_hook = [](Connection& connection) { EXPECT_TRUE(connection.send_ping("are you there")); };
  listen();
  auto peer = connect();
  const ServerFrame ping = next_frame(*peer);
  EXPECT_EQ(ping.opcode, Opcode::ping);
  peer->send(client_frame(Opcode::pong, ping.payload));
  pump_until([&] { return !handler.pongs.empty(); }, "on_pong");
  EXPECT_EQ(handler.pongs.at(0), "are you there");
}

// --- Ends
// -------------------------------------------------------------------------------------------------------------

TEST_F(ServerTest, PeerClosesProperly) {
  listen();
  auto peer = connect();
  int user = 0;
  only_connection().set_user(&user);
  peer->send(client_frame(Opcode::close, close_payload(4001, "gone home")));
  const ServerFrame reply = next_frame(*peer);
  EXPECT_EQ(reply.opcode, Opcode::close);
  EXPECT_EQ(reply.payload.substr(0, 2), close_payload(4001));
  const ws::End& end = wait_for_end();
  EXPECT_EQ(end.status, 4001);
  EXPECT_EQ(end.reason, "gone home");
  EXPECT_EQ(end.origin, Origin::peer);
  EXPECT_EQ(end.cause, Cause::peer_closed);
  EXPECT_TRUE(end.clean);
  EXPECT_EQ(handler.ends.at(0).user, &user);
  EXPECT_EQ(server->find(handler.opened.at(0)), nullptr);
  pump_until([&] { return peer->eof(); }, "the server closes TCP first");
  peer->close();
  wait_until_gone();
}

TEST_F(ServerTest, EndIsToldBeforeThePeerLetsGoOfTcp) {
  options.limits.close_timeout_ms = 1'000'000;
  listen();
  auto peer = connect();
  peer->send(client_frame(Opcode::close, close_payload(1000)));
  EXPECT_EQ(wait_for_end().status, 1000);
  EXPECT_EQ(server->open_count(), 0U);
  EXPECT_EQ(server->connection_count(), 1U) << "the transport is still drained";
}

TEST_F(ServerTest, PeerThatNeverLetsGoOfTcpIsCutOff) {
  options.limits.close_timeout_ms = 50;
  listen();
  auto peer = connect();
  peer->send(client_frame(Opcode::close, close_payload(1000)));
  EXPECT_EQ(wait_for_end().status, 1000);
  wait_until_gone();
}

TEST_F(ServerTest, RepliesThatWereQueuedBeforeTheCloseAreFlushed) {
  handler.message_hook = echo;
  listen();
  auto peer = connect();
  peer->send(client_frame(Opcode::text, "last words") + client_frame(Opcode::close, close_payload(4001)));
  EXPECT_EQ(next_frame(*peer).payload, "last words");
  EXPECT_EQ(next_frame(*peer).opcode, Opcode::close);
}

TEST_F(ServerTest, ProtocolErrorsAreAnsweredWithTheirCode) {
  struct Case {
    std::string bytes;
    std::uint16_t code;
    Cause cause;
  };
  const std::vector<Case> cases = {
      {std::string("\x81\x02hi", 4), 1002, Cause::unmasked_frame},
      {std::string("\x83\x80\0\0\0\0", 6), 1002, Cause::reserved_opcode},
      {client_frame(Opcode::continuation, "x"), 1002, Cause::unexpected_continuation},
      {client_frame(Opcode::text, "\xff"), 1007, Cause::invalid_utf8},
      {client_frame(Opcode::binary, std::string(1001, 'x')), 1009, Cause::message_too_big},
      {client_frame(Opcode::close, close_payload(1005)), 1002, Cause::invalid_close_code},
  };
  options.limits.message_bytes_max = 1000;
  listen();
  std::size_t count = 0;
  for (const Case& test : cases) {
    auto peer = connect();
    peer->send(test.bytes);
    const ServerFrame frame = next_frame(*peer);
    EXPECT_EQ(frame.opcode, Opcode::close);
    EXPECT_EQ(frame.payload.substr(0, 2), close_payload(test.code));
    const ws::End& end = wait_for_end(++count);
    EXPECT_EQ(end.status, test.code);
    EXPECT_EQ(end.cause, test.cause);
    EXPECT_EQ(end.origin, Origin::us);
    EXPECT_FALSE(end.clean);
    pump_until([&] { return peer->eof(); }, "the server closes TCP");
    EXPECT_FALSE(peer->reset());
  }
  wait_until_gone();
}

// The Close must arrive although the peer goes on sending into the connection that it is about to lose.
TEST_F(ServerTest, CloseSurvivesAPeerThatKeepsSending) {
  options.limits.message_bytes_max = 1000;
  listen();
  auto peer = connect();
  peer->send(client_frame(Opcode::binary, std::string(100'000, 'x')));
  const ServerFrame frame = next_frame(*peer);
  EXPECT_EQ(frame.payload.substr(0, 2), close_payload(1009));
  for (int i = 0; i < 20; ++i) {
    peer->send(std::string(50'000, 'x'));
    pump_idle();
  }
  pump_until([&] { return peer->eof(); }, "the server's FIN");
  EXPECT_FALSE(peer->reset());
  peer->close();
  wait_until_gone();
}

TEST_F(ServerTest, DrainHasALimit) {
  options.limits.message_bytes_max = 1000;
  options.limits.drain_bytes_max = 200'000;
  options.limits.close_timeout_ms = 1'000'000;
  listen();
  auto peer = connect();
  peer->send(client_frame(Opcode::binary, std::string(100'000, 'x')));
  next_frame(*peer);
  const std::string more(50'000, 'x');
  pump_until(
      [&] {
        if (server->connection_count() > 0) {
          (void)!::send(peer->fd(), more.data(), more.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        }
        return server->connection_count() == 0;
      },
      "the server gives up");
}

TEST_F(ServerTest, FinWithoutCloseIs1006) {
  handler.message_hook = echo;
  listen();
  auto peer = connect();
  peer->send(client_frame(Opcode::text, "last"));
  peer->shut_down_sending();
  const ws::End& end = wait_for_end();
  EXPECT_EQ(end.status, 1006);
  EXPECT_EQ(end.cause, Cause::eof_without_close);
  EXPECT_EQ(end.origin, Origin::network);
  EXPECT_EQ(next_frame(*peer).payload, "last") << "only the peer's sending was over";
  pump_until([&] { return peer->eof(); }, "the end of the connection");
  wait_until_gone();
}

TEST_F(ServerTest, ResetIs1006) {
  listen();
  auto peer = connect();
  peer->reset_connection();
  const ws::End& end = wait_for_end();
  EXPECT_EQ(end.status, 1006);
  EXPECT_EQ(end.cause, Cause::connection_reset);
  EXPECT_EQ(end.origin, Origin::network);
  wait_until_gone();
}

TEST_F(ServerTest, CloseThatArrivedBeforeTheResetIsHeard) {
  handler.open_hook = [](Connection& connection) { connection.send_text("hello"); };
  listen();
  auto peer = connect();
  peer->send(client_frame(Opcode::close, close_payload(4002)));
  peer->close();  // with "hello" unread: the kernel resets
  const ws::End& end = wait_for_end();
  EXPECT_EQ(end.status, 4002);
  wait_until_gone();
}

TEST_F(ServerTest, WeCloseAndThePeerAnswers) {
  listen();
  auto peer = connect();
  only_connection().close(Cause::drain);
  EXPECT_FALSE(only_connection().is_open());
  EXPECT_FALSE(only_connection().send_text("too late"));
  const ServerFrame frame = next_frame(*peer);
  EXPECT_EQ(frame.opcode, Opcode::close);
  EXPECT_EQ(frame.payload.substr(0, 2), close_payload(registry::status_for(Cause::drain)));
  EXPECT_TRUE(handler.ends.empty()) << "whether it is clean is not known yet";
  peer->send(client_frame(Opcode::close, frame.payload));
  const ws::End& end = wait_for_end();
  EXPECT_EQ(end.status, 1012);
  EXPECT_EQ(end.cause, Cause::drain);
  EXPECT_EQ(end.origin, Origin::us);
  EXPECT_TRUE(end.clean);
  pump_until([&] { return peer->eof(); }, "the server closes TCP first");
  EXPECT_EQ(handler.ends.size(), 1U);
}

TEST_F(ServerTest, WeCloseAndThePeerIsSilent) {
  options.limits.close_timeout_ms = 50;
  listen();
  auto peer = connect();
  only_connection().close(4000, Cause::conversation_ended, "over");
  EXPECT_EQ(next_frame(*peer).payload, close_payload(4000, "over"));
  const ws::End& end = wait_for_end();
  EXPECT_EQ(end.status, 4000);
  EXPECT_EQ(end.cause, Cause::conversation_ended);
  EXPECT_FALSE(end.clean);
  EXPECT_EQ(end.unclean_cause, Cause::close_timeout);
  wait_until_gone();
}

TEST_F(ServerTest, AbortResets) {
  listen();
  auto peer = connect();
  only_connection().abort(Cause::heartbeat_timeout);
  EXPECT_TRUE(handler.ends.empty()) << "never inside the call";
  const ws::End& end = wait_for_end();
  EXPECT_EQ(end.status, 1006);
  EXPECT_EQ(end.cause, Cause::heartbeat_timeout);
  pump_until([&] { return peer->reset(); }, "the reset");
}

TEST_F(ServerTest, SilentPeerMeetsItsDeadline) {
  handler.open_hook = [&](Connection& connection) { connection.set_deadline({connection.loop().now().ms + 30}); };
  handler.deadline_hook = [&](Connection& connection) {
    if (handler.deadlines == 1) connection.set_deadline({connection.loop().now().ms + 1});
    if (handler.deadlines == 2) connection.close(Cause::heartbeat_timeout);
  };
  listen();
  auto peer = connect();
  EXPECT_EQ(next_frame(*peer).payload.substr(0, 2), close_payload(3008));
  EXPECT_EQ(handler.deadlines, 2);
}

TEST_F(ServerTest, ClearedDeadlineDoesNotFire) {
  listen();
  auto first = connect();
  auto second = connect();
  Connection& cleared = *server->find(handler.opened.at(0));
  Connection& kept = *server->find(handler.opened.at(1));
  cleared.set_deadline({loop->now().ms + 1});
  cleared.clear_deadline();
  kept.set_deadline({loop->now().ms + 1});
  handler.deadline_hook = [&](Connection& connection) { EXPECT_EQ(connection.id(), handler.opened.at(1)); };
  pump_until([&] { return handler.deadlines == 1; }, "the other one's deadline");
}

// Both are due in the same sweep; the first one's callback closes the second, which then has its time to answer.
TEST_F(ServerTest, DeadlineThatWasReplacedMeanwhileDoesNotFire) {
  listen();
  auto first = connect();
  auto second = connect();
  handler.deadline_hook = [&](Connection&) {
    server->for_each([](Connection& connection) { connection.close(Cause::drain); });
  };
  server->for_each([&](Connection& connection) { connection.set_deadline({loop->now().ms}); });
  for (auto* peer : {first.get(), second.get()}) {
    const ServerFrame frame = next_frame(*peer);
    EXPECT_EQ(frame.opcode, Opcode::close);
    peer->send(client_frame(Opcode::close, frame.payload));
  }
  wait_for_end(2);
  EXPECT_EQ(handler.deadlines, 1);
  for (const RecordedEnd& recorded : handler.ends) EXPECT_TRUE(recorded.end.clean);
}

// --- Shutting down
// -----------------------------------------------------------------------------------------------------

TEST_F(ServerTest, ShutDownIsDoneWhenTheLastConnectionIsGone) {
  listen();
  auto first = connect();
  auto second = connect();
  const RawPeer idle(server->port());
  pump_until([&] { return server->connection_count() == 3; }, "the idle connection");
  bool done = false;
  server->shut_down(Cause::server_stopped, [&] {
    EXPECT_EQ(server->connection_count(), 0U);
    server.reset();
    done = true;
  });
  for (auto* peer : {first.get(), second.get()}) {
    EXPECT_FALSE(done);
    const ServerFrame frame = next_frame(*peer);
    EXPECT_EQ(frame.opcode, Opcode::close);
    EXPECT_EQ(frame.payload.substr(0, 2), close_payload(registry::status_for(Cause::server_stopped)));
    peer->send(client_frame(Opcode::close, frame.payload));
    pump_until([&] { return peer->eof(); }, "the server's end of the stream");
    peer->close();
  }
  pump_until([&] { return done; }, "the end of all connections");
  EXPECT_EQ(handler.ends.size(), 2U);
  for (const RecordedEnd& recorded : handler.ends) EXPECT_TRUE(recorded.end.clean);
}

TEST_F(ServerTest, ShutDownWithNobodyThereIsDoneInALaterTurn) {
  listen();
  bool done = false;
  server->shut_down(Cause::drain, [&] { done = true; });
  EXPECT_FALSE(done);
  pump_until([&] { return done; }, "the posted task");
}

// Its task belongs to the server: what it captured must not be used after that.
TEST_F(ServerTest, DestroyedServerDropsWhatIsToBeDone) {
  listen();
  auto peer = connect();
  bool done = false;
  server->shut_down(Cause::drain, [&] { done = true; });
  server.reset();
  pump_idle();
  EXPECT_FALSE(done);
}

// --- Slow consumers
// -----------------------------------------------------------------------------------------------------

TEST_F(ServerTest, SlowConsumerGets1013BehindWhatItWasSent) {
  options.limits.outgoing_bytes_max = 1 << 20;
  handler.slow_hook = [](Connection& connection) { EXPECT_TRUE(connection.send_text("bye")); };
  listen();
  auto peer = connect(16 * 1024);
  Connection& connection = only_connection();
  const std::string payload(64 * 1024, 'x');
  int sent = 0;
  while (connection.send_text(payload) && sent < 1000) {
    ++sent;
    loop->run_once(0);
  }
  ASSERT_LT(sent, 1000) << "the queue has no limit";
  EXPECT_EQ(handler.slow_consumers, 1);
  for (int i = 0; i < sent; ++i) ASSERT_EQ(next_frame(*peer).payload, payload) << i;
  EXPECT_EQ(next_frame(*peer).payload, "bye");
  const ServerFrame close = next_frame(*peer);
  EXPECT_EQ(close.opcode, Opcode::close);
  EXPECT_EQ(close.payload.substr(0, 2), close_payload(1013));
  peer->send(client_frame(Opcode::close, close.payload));
  const ws::End& end = wait_for_end();
  EXPECT_EQ(end.status, 1013);
  EXPECT_EQ(end.cause, Cause::slow_consumer);
  EXPECT_TRUE(end.clean);
}

TEST_F(ServerTest, ConsumerThatNeverReadsEndsAsSlowConsumerToo) {
  options.limits.outgoing_bytes_max = 100'000;
  options.limits.close_timeout_ms = 50;
  listen();
  auto peer = connect(16 * 1024);
  const std::string payload(64 * 1024, 'x');
  pump_until(
      [&] {
        if (Connection* connection = server->find(handler.opened.at(0))) connection->send_text(payload);
        return !handler.ends.empty();
      },
      "the end");
  EXPECT_EQ(handler.ends.at(0).end.cause, Cause::slow_consumer);
  EXPECT_FALSE(handler.ends.at(0).end.clean);
  wait_until_gone();
}

TEST_F(ServerTest, TellsWhenTheQueueHasDrained) {
  options.limits.outgoing_bytes_max = 64 << 20;
  options.limits.outgoing_low_bytes = 10'000;
  listen();
  auto peer = connect(16 * 1024);
  Connection& connection = only_connection();
  const std::string payload(1 << 20, 'x');
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(connection.send_text(payload));
  pump_idle();
  EXPECT_GT(connection.queued_bytes(), options.limits.outgoing_low_bytes);
  EXPECT_EQ(handler.drained, 0);
  for (int i = 0; i < 8; ++i) ASSERT_EQ(next_frame(*peer).payload, payload);
  pump_until([&] { return handler.drained == 1; }, "on_drained");
  EXPECT_LE(connection.queued_bytes(), options.limits.outgoing_low_bytes);
  EXPECT_TRUE(connection.is_open());
}

TEST_F(ServerTest, OneMessageLargerThanTheLimitGoesThroughToAReader) {
  options.limits.outgoing_bytes_max = 100'000;
  listen();
  auto peer = connect();
  // The kernel's buffers take it all.
  EXPECT_TRUE(only_connection().send_text(std::string(200'000, 'x')));
  EXPECT_EQ(next_frame(*peer).payload.size(), 200'000U);
  EXPECT_EQ(handler.slow_consumers, 0);
}

TEST_F(ServerTest, PausedConnectionReadsNothing) {
  listen();
  auto peer = connect();
  only_connection().pause_reading();
  peer->send(client_frame(Opcode::text, "wait"));
  pump_idle();
  EXPECT_EQ(handler.message_count, 0);
  only_connection().resume_reading();
  pump_until([&] { return handler.message_count == 1; }, "the message");
}

// --- Callbacks
// ----------------------------------------------------------------------------------------------------------

TEST_F(ServerTest, CloseIsLegalInEveryCallback) {
  struct Case {
    const char* name;
    std::function<void()> set_up;
    std::function<void(RawPeer&)> provoke;
  };
  const auto close = [](Connection& connection) {
    connection.close(4000, Cause::conversation_ended, "");
    connection.close(4001, Cause::replaced, "");  // too late
    connection.send_text("never sent");
  };
  const std::vector<Case> cases = {
      {"on_open", [&] { handler.open_hook = close; }, [](RawPeer&) {}},
      {"on_message", [&] { handler.message_hook = [&](Connection& c, auto, auto) { close(c); }; },
       [](RawPeer& peer) { peer.send(client_frame(Opcode::text, "a") + client_frame(Opcode::text, "b")); }},
      {"on_pong", [&] { handler.pong_hook = close; }, [](RawPeer& peer) { peer.send(client_frame(Opcode::pong, "")); }},
      {"on_deadline",
       [&] {
         handler.open_hook = [](Connection& c) { c.set_deadline({c.loop().now().ms}); };
         handler.deadline_hook = close;
       },
       [](RawPeer&) {}},
  };
  listen();
  for (const Case& test : cases) {
    SCOPED_TRACE(test.name);
    handler.open_hook = nullptr;
    handler.message_hook = nullptr;
    handler.pong_hook = nullptr;
    handler.deadline_hook = nullptr;
    handler.message_count = 0;
    handler.ends.clear();
    test.set_up();
    auto peer = connect();
    test.provoke(*peer);
    const ServerFrame frame = next_frame(*peer);
    EXPECT_EQ(frame.opcode, Opcode::close);
    EXPECT_EQ(frame.payload, close_payload(4000));
    EXPECT_LE(handler.message_count, 1) << "no message after our own Close";
    peer->send(client_frame(Opcode::close, frame.payload));
    EXPECT_EQ(wait_for_end().status, 4000);
    pump_until([&] { return peer->eof(); }, "the end of TCP");
  }
}

TEST_F(ServerTest, AbortIsLegalInEveryCallback) {
  handler.message_hook = [](Connection& connection, auto, auto) { connection.abort(Cause::policy); };
  listen();
  auto peer = connect();
  peer->send(client_frame(Opcode::text, "a") + client_frame(Opcode::text, "b"));
  EXPECT_EQ(wait_for_end().cause, Cause::policy);
  EXPECT_EQ(handler.message_count, 1);
  wait_until_gone();
}

TEST_F(ServerTest, OneCallbackMayCloseAllOthers) {
  handler.message_hook = [&](Connection&, auto, auto) {
    server->for_each([](Connection& other) { other.close(Cause::server_stopped); });
  };
  listen();
  std::vector<std::unique_ptr<RawPeer>> peers;
  for (int i = 0; i < 20; ++i) peers.push_back(connect());
  for (auto& peer : peers) peer->send(client_frame(Opcode::text, "stop"));
  for (auto& peer : peers) {
    const ServerFrame frame = next_frame(*peer);
    EXPECT_EQ(frame.payload.substr(0, 2), close_payload(1001));
    peer->send(client_frame(Opcode::close, frame.payload));
  }
  wait_for_end(20);
  EXPECT_EQ(handler.ends.size(), 20U);
}

TEST_F(ServerTest, SendInOnEndReachesTheOthers) {
  listen();
  auto leaving = connect();
  auto staying = connect();
  handler.end_hook = [&](ConnectionId) { server->find(handler.opened.at(1))->send_text("somebody left"); };
  leaving->reset_connection();
  EXPECT_EQ(next_frame(*staying).payload, "somebody left");
}

// --- Ids
// ----------------------------------------------------------------------------------------------------------------

TEST_F(ServerTest, StaleIdFindsNobody) {
  listen();
  auto first = connect();
  const ConnectionId stale = handler.opened.at(0);
  ASSERT_NE(server->find(stale), nullptr);
  first->reset_connection();
  wait_until_gone();
  auto second = connect();
  const ConnectionId fresh = handler.opened.at(1);
  EXPECT_NE(stale, fresh);
  EXPECT_EQ(stale.value() & 0xffffffff, fresh.value() & 0xffffffff) << "the slot is used again";
  EXPECT_EQ(server->find(stale), nullptr);
  EXPECT_NE(server->find(fresh), nullptr);
  EXPECT_EQ(server->find(ConnectionId{}), nullptr);
  EXPECT_EQ(server->find(ConnectionId{~std::uint64_t{0}}), nullptr);
}

TEST_F(ServerTest, KnowsThePeersAddress) {
  listen();
  auto peer = connect();
  const auto address = only_connection().peer_address();
  ASSERT_TRUE(address);
  EXPECT_EQ(address->ip(), "127.0.0.1");
  EXPECT_EQ(address->port(), SocketAddress::local_of(peer->fd())->port());
}

TEST_F(ServerTest, HoldsAThousandConnections) {
  handler.message_hook = echo;
  listen();
  std::vector<std::unique_ptr<RawPeer>> peers;
  for (int i = 0; i < 1000; ++i) {
    peers.push_back(std::make_unique<RawPeer>(server->port()));
    peers.back()->send(upgrade_request());
    if (i % 100 == 0) loop->run_once(0);
  }
  pump_until([&] { return handler.opened.size() == 1000; }, "1000 handshakes");
  for (std::size_t i = 0; i < peers.size(); ++i) {
    pump_until([&] { return peers[i]->take_response().has_value(); }, "an answer");
    peers[i]->send(client_frame(Opcode::text, std::to_string(i)));
  }
  for (std::size_t i = 0; i < peers.size(); ++i) ASSERT_EQ(next_frame(*peers[i]).payload, std::to_string(i));
  peers.clear();
  wait_for_end(1000);
  wait_until_gone();
}

}  // namespace
}  // namespace clearline::net
