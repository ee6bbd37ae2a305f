// Our client against our server, and against servers that misbehave.
#include "net/client.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "support/net/client_fixture.h"

namespace clearline::net {
namespace {

using registry::Cause;
using registry::Origin;

TEST_F(ClientTest, TalksWithOurServer) {
  handler.message_hook = echo;
  listen();
  start_client();
  Connection& connection = open();
  int sent = 0;
  for (const std::size_t size : {0, 1, 125, 126, 5000, 65536, 500'000}) {
    EXPECT_TRUE(connection.send_text(std::string(size, 'c')));
    ++sent;
  }
  pump_until([&] { return client_handler.message_count == sent; }, "all echoes");
  EXPECT_EQ(client_handler.messages, handler.messages);
  EXPECT_EQ(client_handler.messages.back().size(), 500'000U);
}

TEST_F(ClientTest, MasksSharedFrames) {
  listen();
  start_client();
  Connection& connection = open();
  EXPECT_TRUE(connection.send(ws::make_shared_frame(ws::Opcode::text, ws::as_payload("shared"))));
  pump_until([&] { return handler.message_count == 1; }, "the message");
  EXPECT_EQ(handler.messages.at(0), "shared");
}

// RFC 6455 sections 5.3 and 10.3.
TEST_F(ClientTest, EveryFrameHasAMaskKeyOfItsOwn) {
  constexpr std::size_t frames = 1000;
  constexpr std::size_t frame_bytes = 2 + 4 + 1;
  FakeServer fake;
  start_client();
  const ConnectionId id = connect(fake);
  fake.accept_upgrade();
  pump_until([&] { return client->find(id) != nullptr; }, "the handshake");
  for (std::size_t i = 0; i < frames; ++i) client->find(id)->send_text("x");
  pump_until([&] { return fake.received().size() == frames * frame_bytes; }, "the frames");
  std::set<std::string> keys;
  for (std::size_t i = 0; i < frames; ++i) keys.insert(fake.received().substr(i * frame_bytes + 2, 4));
  EXPECT_GE(keys.size(), frames - 1) << "two of a thousand may be the same by chance, one time in 8,600";
}

TEST_F(ClientTest, NegotiatesASubprotocolAndSendsHeaders) {
  std::string seen;
  handler.upgrade_hook = [&](ConnectionId, const http::Request& request, const ws::Upgrade& upgrade) {
    seen = std::string(request.target) + "|" + std::string(upgrade.origin.value_or("none")) + "|" +
           std::string(request.header("X-Test")) + "|" + std::string(request.header("Host"));
    return UpgradeDecision::accept("clearline.v1");
  };
  std::string chosen;
  listen();
  start_client();
  client_handler.open_hook = [&](Connection& connection) { chosen = std::string(connection.negotiated().subprotocol); };
  ConnectOptions connect_options = to_server();
  connect_options.target = "/live?x=1";
  connect_options.origin = "https://example.org";
  connect_options.subprotocols = {"other", "clearline.v1"};
  connect_options.headers = {{"X-Test", "yes"}};
  connect(connect_options);
  pump_until([&] { return client_handler.opened.size() == 1; }, "the handshake");
  EXPECT_EQ(chosen, "clearline.v1");
  EXPECT_EQ(seen, "/live?x=1|https://example.org|yes|127.0.0.1:" + std::to_string(server->port()));
}

TEST_F(ClientTest, ClientClosesCleanly) {
  listen();
  start_client();
  open().close(1000, Cause::purpose_fulfilled, "done");
  const ws::End& end = wait_for_client_end();
  EXPECT_EQ(end.status, 1000);
  EXPECT_EQ(end.origin, Origin::us);
  EXPECT_TRUE(end.clean);
  pump_until([&] { return handler.ends.size() == 1; }, "the server's on_end");
  EXPECT_EQ(handler.ends.at(0).end.status, 1000);
  EXPECT_EQ(handler.ends.at(0).end.reason, "done");
  EXPECT_EQ(handler.ends.at(0).end.origin, Origin::peer);
  pump_until([&] { return client->connection_count() == 0 && server->connection_count() == 0; }, "the end of TCP");
}

TEST_F(ClientTest, ServerClosesCleanly) {
  listen();
  start_client();
  open();
  server->find(handler.opened.at(0))->close(Cause::drain);
  const ws::End& end = wait_for_client_end();
  EXPECT_EQ(end.status, 1012);
  EXPECT_EQ(end.origin, Origin::peer);
  EXPECT_TRUE(end.clean);
  pump_until([&] { return client->connection_count() == 0 && server->connection_count() == 0; }, "the end of TCP");
  EXPECT_EQ(handler.ends.size(), 1U);
  EXPECT_EQ(client_handler.ends.size(), 1U);
}

TEST_F(ClientTest, ResolvesNames) {
  listen();
  start_client();
  ConnectOptions connect_options = to_server();
  connect_options.host = "localhost";
  connect(connect_options);
  pump_until([&] { return client_handler.opened.size() == 1; }, "the handshake by name");
}

TEST_F(ClientTest, NameThatDoesNotExist) {
  start_client();
  ConnectOptions connect_options;
  connect_options.host = "no-such-host.invalid";  // RFC 6761 section 6.4
  connect(connect_options);
  connect(connect_options);
  pump_until([&] { return client_handler.ends.size() == 2; }, "both ends");
  EXPECT_EQ(client_handler.ends.at(0).end.status, 1006);
  EXPECT_EQ(client_handler.ends.at(0).end.cause, Cause::name_not_resolved);
  EXPECT_NE(client_handler.ends.at(0).end.reason.find("no-such-host.invalid"), std::string::npos);
}

TEST_F(ClientTest, NobodyListens) {
  listen();
  const std::uint16_t port = server->port();
  server.reset();
  start_client();
  int user = 0;
  ConnectOptions connect_options;
  connect_options.port = port;
  connect_options.user = &user;
  const ConnectionId id = connect(connect_options);
  EXPECT_TRUE(client_handler.ends.empty()) << "never inside connect()";
  const ws::End& end = wait_for_client_end();
  EXPECT_EQ(end.status, 1006);
  EXPECT_EQ(end.cause, Cause::connect_failed);
  EXPECT_NE(end.reason.find(std::to_string(port)), std::string::npos) << end.reason;
  EXPECT_EQ(client_handler.ends.at(0).id, id);
  EXPECT_EQ(client_handler.ends.at(0).user, &user);
  pump_idle();
  EXPECT_EQ(client->connection_count(), 0U);
}

TEST_F(ClientTest, RefusalHasTheHttpStatusAndText) {
  handler.upgrade_hook = [](ConnectionId, const http::Request&, const ws::Upgrade&) {
    return UpgradeDecision::refuse(http::Response::text(403, "not from there\n"));
  };
  listen();
  start_client();
  connect(to_server());
  const ws::End& end = wait_for_client_end();
  EXPECT_EQ(end.status, 1006);
  EXPECT_EQ(end.cause, Cause::handshake_refused);
  EXPECT_EQ(end.reason, "HTTP 403 Forbidden: not from there");
}

TEST_F(ClientTest, AnswersThatAreNoHandshake) {
  struct Case {
    std::string answer;
    Cause cause;
    bool close;
  };
  const std::string head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
  const std::vector<Case> cases = {
      {head + "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n", Cause::handshake_invalid, false},
      {head + "\r\n", Cause::handshake_invalid, false},
      {"SSH-2.0-OpenSSH_9.2\r\n\r\n\r\n", Cause::handshake_invalid, false},
      {"HTTP/1.1 101 Switching", Cause::eof_without_close, true},
      {"", Cause::eof_without_close, true},
  };
  start_client();
  for (const Case& test : cases) {
    FakeServer fake;
    ConnectOptions connect_options;
    connect_options.port = fake.port();
    connect(connect_options);
    pump_until([&] { return fake.accepted_request(); }, "the request");
    fake.answer(test.answer);
    if (test.close) fake.close();
    client_handler.ends.clear();
    const ws::End& end = wait_for_client_end();
    EXPECT_EQ(end.status, 1006) << test.answer;
    EXPECT_EQ(end.cause, test.cause) << test.answer;
    EXPECT_FALSE(end.reason.empty());
  }
  EXPECT_TRUE(client_handler.opened.empty());
}

TEST_F(ClientTest, RefusalThatEndsWithTheStream) {
  FakeServer fake;
  start_client();
  connect(fake);
  fake.answer("HTTP/1.0 502 Bad Gateway\r\n\r\nno upstream\n");
  fake.close();
  EXPECT_EQ(wait_for_client_end().reason, "HTTP 502 Bad Gateway: no upstream");
}

TEST_F(ClientTest, FramesRightBehindTheAnswerAreParsed) {
  FakeServer fake;
  start_client();
  connect(fake);
  fake.accept_upgrade("\x81\x02hi");
  pump_until([&] { return client_handler.message_count == 1; }, "the message");
  EXPECT_EQ(client_handler.messages.at(0), "hi");
}

TEST_F(ClientTest, ServerThatNeverAnswers) {
  client_options.limits.handshake_timeout_ms = 50;
  FakeServer fake;
  start_client();
  ConnectOptions connect_options;
  connect_options.port = fake.port();
  connect(connect_options);
  EXPECT_EQ(wait_for_client_end().cause, Cause::handshake_timeout);
}

TEST_F(ClientTest, ServerThatNeverClosesTcpIsLeft) {
  client_options.limits.close_timeout_ms = 50;
  FakeServer fake;
  start_client();
  connect(fake);
  fake.accept_upgrade("\x88\x02\x03\xe8");
  const ws::End& end = wait_for_client_end();
  EXPECT_EQ(end.status, 1000);
  EXPECT_TRUE(end.clean);
  pump_until([&] { return client->connection_count() == 0; }, "the client gives up waiting");
}

TEST_F(ClientTest, FailsAServerThatMasks) {
  FakeServer fake;
  start_client();
  connect(fake);
  fake.accept_upgrade(client_frame(ws::Opcode::text, "hi"));
  const ws::End& end = wait_for_client_end();
  EXPECT_EQ(end.status, 1002);
  EXPECT_EQ(end.cause, Cause::masked_frame);
}

TEST_F(ClientTest, AbortsInEveryPhase) {
  FakeServer fake;
  listen();
  start_client();
  ConnectOptions unanswered;
  unanswered.port = fake.port();
  client->abort(connect(unanswered));
  const ConnectionId in_handshake = connect(unanswered);
  pump_until([&] { return client_handler.ends.size() == 1; }, "the first end");
  client->abort(in_handshake);
  pump_until([&] { return client_handler.ends.size() == 2; }, "the second end");
  client->abort(open().id());
  pump_until([&] { return client_handler.ends.size() == 3; }, "the third end");
  client->abort(in_handshake);
  pump_until([&] { return handler.ends.size() == 1; }, "the server's on_end");
  EXPECT_EQ(client_handler.ends.size(), 3U);
  EXPECT_EQ(client->connection_count(), 0U);
}

TEST_F(ClientTest, RefusesBadOptions) {
  start_client();
  const auto refused = [&](auto change) {
    ConnectOptions connect_options;
    change(connect_options);
    return !client->connect(connect_options).has_value();
  };
  EXPECT_TRUE(refused([](auto& o) { o.host = ""; }));
  EXPECT_TRUE(refused([](auto& o) { o.host = "a\r\nB: c"; }));
  EXPECT_TRUE(refused([](auto& o) { o.target = "no-slash"; }));
  EXPECT_TRUE(refused([](auto& o) { o.target = "/a b"; }));
  EXPECT_TRUE(refused([](auto& o) { o.target = "/a\r\nB: c"; }));
  EXPECT_TRUE(refused([](auto& o) { o.headers = {{"A", "b\r\nC: d"}}; }));
  EXPECT_EQ(client->connection_count(), 0U);
}

TEST_F(ClientTest, ThousandsOfConversations) {
  constexpr std::size_t connections = 2000;
  handler.message_hook = echo;
  handler.record_messages = false;
  client_handler.record_messages = false;
  listen();
  start_client();
  std::vector<int> turns(connections, 0);
  client_handler.open_hook = [](Connection& connection) { connection.send_text("0"); };
  client_handler.message_hook = [&](Connection& connection, ws::MessageKind, std::string_view payload) {
    int& turn = *static_cast<int*>(connection.user());
    EXPECT_EQ(payload, std::to_string(turn));
    if (++turn == 5) return connection.close(Cause::purpose_fulfilled);
    connection.send_text(std::to_string(turn));
  };
  for (std::size_t i = 0; i < connections; ++i) {
    ConnectOptions connect_options = to_server();
    connect_options.user = &turns[i];
    connect(connect_options);
    if (i % 200 == 0) loop->run_once(0);
  }
  pump_until([&] { return client_handler.ends.size() == connections && handler.ends.size() == connections; },
             "all ends on both sides");
  for (const RecordedEnd& recorded : client_handler.ends) {
    ASSERT_EQ(recorded.end.status, 1000);
    ASSERT_TRUE(recorded.end.clean);
  }
  EXPECT_TRUE(std::all_of(turns.begin(), turns.end(), [](int turn) { return turn == 5; }));
  pump_until([&] { return client->connection_count() == 0 && server->connection_count() == 0; }, "the end of TCP");
}

}  // namespace
}  // namespace clearline::net
