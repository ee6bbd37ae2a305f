// How connections end on real sockets: peers that keep sending, never let go, close half, reset in any phase, or say
// more than they should. What the application hears, when, and what still reaches the peer.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "support/net/client_fixture.h"
#include "support/net/server_fixture.h"

namespace clearline::net {
namespace {

using registry::Cause;
using registry::Origin;
using ws::Opcode;

// A server's frame, as a peer of bytes writes it to a client.
std::string server_frame(Opcode opcode, std::string_view payload) {
  const ws::SharedFrame frame = ws::make_shared_frame(opcode, ws::as_payload(payload));
  return std::string(ws::as_text(frame.bytes()));
}

// --- Server ---------------------------------------------------------------------------------------------------------

class ServerEndings : public ServerTest {
 protected:
  // Sends as long as the kernel takes it.
  static void send_some(RawPeer& peer, const std::string& bytes) {
    (void)!::send(peer.fd(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
};

// It never answers our Close and never stops: the application hears of it after the time-out, the Close and the FIN
// behind it reach the peer, and the transport goes.
TEST_F(ServerEndings, OurCloseSurvivesAPeerThatKeepsSending) {
  options.limits.close_timeout_ms = 100;
  listen();
  auto peer = connect();
  only_connection().close(Cause::drain);
  const std::string message = client_frame(Opcode::binary, std::string(20'000, 'x'));
  pump_until(
      [&] {
        if (handler.ends.empty()) send_some(*peer, message);
        return peer->eof();
      },
      "the FIN behind our Close");
  EXPECT_FALSE(peer->reset());
  EXPECT_EQ(next_frame(*peer).payload.substr(0, 2), close_payload(registry::status_for(Cause::drain)));
  const ws::End& end = wait_for_end();
  EXPECT_EQ(end.status, registry::status_for(Cause::drain));
  EXPECT_EQ(end.origin, Origin::us);
  EXPECT_FALSE(end.clean);
  EXPECT_EQ(end.unclean_cause, Cause::close_timeout);
  EXPECT_EQ(handler.message_count, 0) << "messages that cross our Close are dropped";
  wait_until_gone();
  EXPECT_EQ(handler.ends.size(), 1U);
}

// Pings are answered after our Close too (RFC 6455 section 5.5.2), but not beyond the limit of what may be queued.
TEST_F(ServerEndings, PingsBehindOurCloseDoNotPileUpPongs) {
  options.limits.outgoing_bytes_max = 100'000;
  options.limits.close_timeout_ms = 1'000'000;
  listen();
  auto peer = connect(4096);
  Connection& connection = only_connection();
  connection.close(Cause::drain);
  std::string pings;
  for (int i = 0; i < 400; ++i) pings += client_frame(Opcode::ping, std::string(125, 'p'));
  // Until far more was taken than the kernel can hold of the answers.
  std::size_t sent_bytes = 0;
  std::size_t queued_bytes_max = 0;
  const auto flood = [&] {
    const std::size_t offset = sent_bytes % pings.size();
    const ssize_t count = ::send(peer->fd(), pings.data() + offset, pings.size() - offset, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count > 0) sent_bytes += static_cast<std::size_t>(count);
    queued_bytes_max = std::max(queued_bytes_max, connection.queued_bytes());
    return sent_bytes > 12'000'000;
  };
  pump_until(flood, "twelve megabytes of pings");
  EXPECT_LT(queued_bytes_max, 2 * options.limits.outgoing_bytes_max);
}

TEST_F(ServerEndings, HalfClosedPeerGetsAllRepliesThatWereQueued) {
  handler.message_hook = echo;
  handler.record_messages = false;
  listen();
  auto peer = connect(4096);
  const std::string payload(100'000, 'e');
  for (int i = 0; i < 10; ++i) {
    peer->send(client_frame(Opcode::binary, payload));
    pump_until([&] { return handler.message_count == i + 1; }, "the message");
  }
  peer->shut_down_sending();
  EXPECT_EQ(wait_for_end().status, registry::abnormal_closure);
  for (int i = 0; i < 10; ++i) ASSERT_EQ(next_frame(*peer).payload, payload) << i;
  pump_until([&] { return peer->eof(); }, "the server's FIN");
  EXPECT_FALSE(peer->reset());
  wait_until_gone();
}

TEST_F(ServerEndings, HalfCloseInsteadOfAnAnswerToOurClose) {
  listen();
  auto peer = connect();
  only_connection().close(4000, Cause::conversation_ended, "over");
  EXPECT_EQ(next_frame(*peer).payload, close_payload(4000, "over"));
  peer->shut_down_sending();
  const ws::End& end = wait_for_end();
  EXPECT_EQ(end.status, 4000);
  EXPECT_EQ(end.cause, Cause::conversation_ended);
  EXPECT_FALSE(end.clean);
  EXPECT_EQ(end.unclean_cause, Cause::eof_without_close);
  wait_until_gone();
}

// The Close is written in the turn that brings the FIN: it still leaves, so it counts.
TEST_F(ServerEndings, OurCloseInTheTurnOfTheFinHasLeft) {
  listen();
  auto peer = connect();
  peer->shut_down_sending();
  only_connection().close(4000, Cause::conversation_ended, "over");
  const ws::End& end = wait_for_end();
  EXPECT_EQ(end.status, 4000);
  EXPECT_EQ(end.sent_code, 4000);
  EXPECT_EQ(end.cause, Cause::conversation_ended);
  EXPECT_EQ(next_frame(*peer).payload, close_payload(4000, "over"));
  wait_until_gone();
}

// The first Close decides, nothing behind it is read, and nothing follows our answer.
TEST_F(ServerEndings, NothingBehindThePeersCloseCounts) {
  handler.message_hook = echo;
  const std::vector<std::string> more = {
      client_frame(Opcode::close, close_payload(4002, "second")),
      client_frame(Opcode::text, "late") + client_frame(Opcode::ping, "late"),
      std::string("\xFF\xFF\xFF\xFF garbage", 12),
      std::string("\x81", 1),
  };
  std::size_t count = 0;
  listen();
  for (const std::string& bytes : more) {
    auto peer = connect();
    peer->send(client_frame(Opcode::close, close_payload(4001, "first")) + bytes);
    pump_idle();
    peer->send(bytes);
    const ws::End end = wait_for_end(++count);
    EXPECT_EQ(end.status, 4001);
    EXPECT_EQ(end.reason, "first");
    EXPECT_TRUE(end.clean);
    EXPECT_EQ(next_frame(*peer).payload, close_payload(4001));
    pump_until([&] { return peer->eof(); }, "the server's FIN");
    EXPECT_FALSE(peer->reset());
    EXPECT_TRUE(peer->received().empty());
  }
  EXPECT_EQ(handler.message_count, 0);
  wait_until_gone();
  EXPECT_EQ(handler.ends.size(), count);
}

TEST_F(ServerEndings, ResetBeforeTheHandshakeIsDoneIsNoEndOfAWebSocket) {
  listen();
  for (const std::string& bytes : {std::string(), upgrade_request().substr(0, 40)}) {
    RawPeer peer(server->port());
    peer.send(bytes);
    pump_until([&] { return server->connection_count() == 1; }, "the connection");
    pump_idle();
    peer.reset_connection();
    wait_until_gone();
  }
  EXPECT_TRUE(handler.ends.empty());
}

TEST_F(ServerEndings, ResetInEveryPhaseIsToldWithWhatWasKnown) {
  struct Case {
    const char* name;
    std::string bytes;  // of the peer, before it resets
    bool we_close;
    std::uint16_t status;
    Cause cause;
    bool clean;
    std::optional<Cause> unclean_cause;
  };
  const std::string cut = client_frame(Opcode::text, "unfinished").substr(0, 9);
  const std::vector<Case> cases = {
      {"open", "", false, 1006, Cause::connection_reset, false, {}},
      {"inside a header", cut.substr(0, 1), false, 1006, Cause::connection_reset, false, {}},
      {"inside a frame", cut, false, 1006, Cause::connection_reset, false, {}},
      {"our Close went out", "", true, 1012, Cause::drain, false, Cause::connection_reset},
      {"inside its answer", client_frame(Opcode::close, close_payload(1012)).substr(0, 7), true, 1012, Cause::drain,
       false, Cause::connection_reset},
      {"behind its Close", client_frame(Opcode::close, close_payload(4001)), false, 4001, Cause::peer_closed, true, {}},
      {"behind its answer", client_frame(Opcode::close, close_payload(1012)), true, 1012, Cause::drain, true, {}},
      {"behind a violation", "\x83", false, 1002, Cause::reserved_opcode, false, {}},
  };
  listen();
  std::size_t count = 0;
  for (const Case& test : cases) {
    SCOPED_TRACE(test.name);
    auto peer = connect();
    if (test.we_close) {
      server->find(handler.opened.back())->close(Cause::drain);
      next_frame(*peer);
    }
    peer->send(test.bytes);
    pump_idle();
    peer->reset_connection();
    const ws::End& end = wait_for_end(++count);
    EXPECT_EQ(end.status, test.status);
    EXPECT_EQ(registry::cause_name(end.cause), registry::cause_name(test.cause));
    EXPECT_EQ(end.clean, test.clean);
    EXPECT_EQ(end.unclean_cause, test.unclean_cause);
    wait_until_gone();
  }
  EXPECT_EQ(handler.ends.size(), count);
}

// --- Client ---------------------------------------------------------------------------------------------------------

using ClientEndings = ClientTest;

TEST_F(ClientEndings, HearsOfTheServersCloseAtOnceAndIgnoresWhatFollows) {
  client_options.limits.close_timeout_ms = 1'000'000;
  FakeServer fake;
  start_client();
  connect(fake);
  fake.accept_upgrade(server_frame(Opcode::close, close_payload(4001, "first")) +
                      server_frame(Opcode::close, close_payload(4002)) + server_frame(Opcode::text, "late"));
  const ws::End& end = wait_for_client_end();
  EXPECT_EQ(end.status, 4001);
  EXPECT_EQ(end.reason, "first");
  EXPECT_TRUE(end.clean);
  EXPECT_EQ(client->connection_count(), 1U) << "the server closes TCP, for which a client waits";
  pump_until([&] { return fake.received().size() == 8; }, "the masked answer of two bytes");
  EXPECT_FALSE(fake.eof());
  fake.close();
  pump_until([&] { return client->connection_count() == 0; }, "the end of TCP");
  EXPECT_EQ(client_handler.message_count, 0);
  EXPECT_EQ(client_handler.ends.size(), 1U);
}

TEST_F(ClientEndings, GivesUpAServerThatKeepsSendingAfterItsClose) {
  client_options.limits.close_timeout_ms = 100;
  FakeServer fake;
  start_client();
  const ConnectionId id = connect(fake);
  fake.accept_upgrade();
  pump_until([&] { return client->find(id) != nullptr; }, "the handshake");
  client->find(id)->close(1000, Cause::purpose_fulfilled, "done");
  const std::string message = server_frame(Opcode::text, std::string(1000, 't'));
  pump_until(
      [&] {
        if (client_handler.ends.empty()) fake.answer(message);
        return fake.eof();
      },
      "the client's FIN behind its Close");
  const ws::End& end = wait_for_client_end();
  EXPECT_EQ(end.status, 1000);
  EXPECT_EQ(end.unclean_cause, Cause::close_timeout);
  EXPECT_EQ(fake.received().size(), 12U) << "its Close: header, mask, code and reason";
  EXPECT_EQ(client_handler.message_count, 0);
  pump_until([&] { return client->connection_count() == 0; }, "the end of TCP");
}

TEST_F(ClientEndings, ResetInEveryPhaseIsToldWithWhatWasKnown) {
  struct Case {
    const char* name;
    bool upgrade;
    std::string bytes;
    bool we_close;
    std::uint16_t status;
    Cause cause;
  };
  const std::vector<Case> cases = {
      {"no answer", false, "", false, 1006, Cause::connection_reset},
      {"open", true, "", false, 1006, Cause::connection_reset},
      {"inside a frame", true,
       "\x81\x05"
       "ab",
       false, 1006, Cause::connection_reset},
      {"our Close went out", true, "", true, 1000, Cause::purpose_fulfilled},
      {"behind its Close", true, server_frame(Opcode::close, close_payload(4001)), false, 4001, Cause::peer_closed},
  };
  start_client();
  for (const Case& test : cases) {
    SCOPED_TRACE(test.name);
    FakeServer fake;
    client_handler.ends.clear();
    const ConnectionId id = connect(fake);
    if (test.upgrade) {
      fake.accept_upgrade(test.bytes);
      pump_until([&] { return client->find(id) != nullptr || !client_handler.ends.empty(); }, "the handshake");
    }
    if (test.we_close) client->find(id)->close(1000, Cause::purpose_fulfilled, "done");
    pump_idle();
    fake.reset_connection();
    const ws::End& end = wait_for_client_end();
    EXPECT_EQ(end.status, test.status);
    EXPECT_EQ(registry::cause_name(end.cause), registry::cause_name(test.cause));
    pump_until([&] { return client->connection_count() == 0; }, "the end of TCP");
    EXPECT_EQ(client_handler.ends.size(), 1U);
  }
}

TEST_F(ClientEndings, ServerThatHalfClosesWithoutACloseIs1006) {
  FakeServer fake;
  start_client();
  connect(fake);
  fake.accept_upgrade(server_frame(Opcode::text, "last"));
  fake.shut_down_sending();
  const ws::End& end = wait_for_client_end();
  EXPECT_EQ(end.status, registry::abnormal_closure);
  EXPECT_EQ(end.cause, Cause::eof_without_close);
  EXPECT_EQ(client_handler.messages.at(0), "last");
  pump_until([&] { return fake.eof(); }, "the client lets go too");
}

}  // namespace
}  // namespace clearline::net
