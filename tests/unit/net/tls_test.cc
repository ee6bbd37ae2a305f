// Server and client over TLS: the same life and the same ends as without it.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "support/net/certificates.h"
#include "support/net/net_fixture.h"
#include "support/net/tls_peer.h"

namespace clearline::net {
namespace {

using registry::Cause;
using registry::Origin;
using ws::Opcode;

class TlsTest : public NetTest {
 protected:
  static void SetUpTestSuite() { authority = new TestAuthority; }
  static void TearDownTestSuite() { delete authority; }

  void listen_with(const TlsCertificateFiles& files, TlsVersion version_max = TlsVersion::tls_1_3) {
    options.tls = load(files, version_max);
    listen();
  }
  static std::shared_ptr<const TlsServerContext> load(const TlsCertificateFiles& files,
                                                      TlsVersion version_max = TlsVersion::tls_1_3) {
    TlsServerOptions tls_options;
    tls_options.certificates = {files};
    tls_options.version_max = version_max;
    const auto loaded = TlsServerContext::load(tls_options);
    EXPECT_TRUE(loaded) << loaded.error().message;
    return loaded.value_or(nullptr);
  }
  static std::shared_ptr<const TlsClientContext> trust() {
    TlsClientOptions tls_options;
    tls_options.ca_file = authority->ca_file();
    return *TlsClientContext::create(tls_options);
  }

  ConnectionId connect(const std::string& host = "localhost") {
    if (!client) client = std::make_unique<Client>(*loop, client_options, client_handler);
    ConnectOptions connect_options;
    connect_options.host = host;
    connect_options.port = server->port();
    connect_options.tls = trust();
    const auto id = client->connect(connect_options);
    EXPECT_TRUE(id) << id.error().message;
    return id.value_or(ConnectionId{});
  }
  Connection& open() {
    const ConnectionId id = connect();
    const std::size_t count = handler.opened.size() + 1;
    pump_until(
        [&] { return (client->find(id) != nullptr && handler.opened.size() == count) || !client_handler.ends.empty(); },
        "the handshake");
    EXPECT_TRUE(client_handler.ends.empty()) << client_handler.ends.at(0).end.reason;
    return *client->find(id);
  }
  const ws::End& wait_for_client_end() {
    pump_until([&] { return !client_handler.ends.empty(); }, "the client's on_end");
    static const ws::End none{};
    return client_handler.ends.empty() ? none : client_handler.ends.back().end;
  }
  const ws::End& wait_for_server_end() {
    pump_until([&] { return !handler.ends.empty(); }, "the server's on_end");
    static const ws::End none{};
    return handler.ends.empty() ? none : handler.ends.back().end;
  }
  void wait_until_gone() {
    pump_until([&] { return server->connection_count() == 0 && (!client || client->connection_count() == 0); },
               "the end of all TCP connections");
  }
  // A peer whose TLS handshake is done.
  std::unique_ptr<TlsPeer> secure_peer(int receive_buffer_bytes = 0) {
    auto peer = std::make_unique<TlsPeer>(server->port(), trust(), "localhost", receive_buffer_bytes);
    pump_until([&] { return peer->established(); }, "the TLS handshake");
    return peer;
  }
  std::unique_ptr<TlsPeer> websocket_peer(int receive_buffer_bytes = 0) {
    auto peer = secure_peer(receive_buffer_bytes);
    peer->send(upgrade_request());
    pump_until([&] { return peer->received().find("\r\n\r\n") != std::string::npos; }, "the answer to the handshake");
    peer->received().erase(0, peer->received().find("\r\n\r\n") + 4);
    return peer;
  }

  inline static TestAuthority* authority = nullptr;
  ClientOptions client_options;
  RecordingHandler client_handler;
  std::unique_ptr<Client> client;
};

TEST_F(TlsTest, TalksInBothVersions) {
  handler.message_hook = echo;
  for (const TlsVersion version : {TlsVersion::tls_1_2, TlsVersion::tls_1_3}) {
    handler.opened.clear();
    client_handler.message_count = 0;
    listen_with(authority->issue("good"), version);
    Connection& connection = open();
    EXPECT_EQ(connection.tls_description().substr(0, 7), version == TlsVersion::tls_1_3 ? "TLSv1.3" : "TLSv1.2");
    int sent = 0;
    for (const std::size_t size : {0, 1, 125, 126, 5000, 16'384, 65'536, 700'000}) {
      EXPECT_TRUE(connection.send_text(std::string(size, 'c')));
      ++sent;
    }
    pump_until([&] { return client_handler.message_count == sent; }, "all echoes");
    EXPECT_EQ(client_handler.messages, handler.messages);
    connection.close(Cause::purpose_fulfilled);
    wait_until_gone();
    client_handler.ends.clear();
  }
}

TEST_F(TlsTest, ManySmallMessagesOfATurn) {
  handler.message_hook = echo;
  listen_with(authority->issue("good"));
  Connection& connection = open();
  for (int i = 0; i < 5000; ++i) connection.send_text(std::to_string(i));
  pump_until([&] { return client_handler.message_count == 5000; }, "all echoes");
  for (int i = 0; i < 5000; ++i) ASSERT_EQ(client_handler.messages.at(static_cast<std::size_t>(i)), std::to_string(i));
}

TEST_F(TlsTest, SharedFramesAndManyPeers) {
  listen_with(authority->issue("good"));
  constexpr std::size_t connections = 50;
  for (std::size_t i = 0; i < connections; ++i) connect();
  pump_until([&] { return handler.opened.size() == connections; }, "all handshakes");
  const auto frame = ws::make_shared_frame(Opcode::text, ws::as_payload(std::string(40'000, 's')));
  server->for_each([&](Connection& connection) {
    connection.send_text("own");
    connection.send(frame);
    connection.send_text("last");
  });
  pump_until([&] { return client_handler.message_count == 3 * static_cast<int>(connections); }, "all messages");
}

TEST_F(TlsTest, EitherSideClosesCleanly) {
  listen_with(authority->issue("good"));
  open().close(1000, Cause::purpose_fulfilled, "done");
  EXPECT_EQ(wait_for_client_end().status, 1000);
  EXPECT_TRUE(wait_for_client_end().clean);
  EXPECT_EQ(wait_for_server_end().status, 1000);
  wait_until_gone();
  client_handler.ends.clear();
  handler.ends.clear();
  open();
  server->find(handler.opened.back())->close(Cause::drain);
  EXPECT_EQ(wait_for_client_end().status, 1012);
  EXPECT_TRUE(wait_for_client_end().clean);
  EXPECT_TRUE(wait_for_server_end().clean);
  wait_until_gone();
}

TEST_F(TlsTest, CloseNotifyFollowsTheClose) {
  listen_with(authority->issue("good"));
  auto peer = websocket_peer();
  peer->send(client_frame(Opcode::close, close_payload(4001)));
  pump_until([&] { return peer->raw().eof(); }, "the server closes TCP");
  EXPECT_EQ(peer->received(), std::string("\x88\x02") + close_payload(4001));
  EXPECT_TRUE(peer->session().close_received());
  EXPECT_EQ(wait_for_server_end().status, 4001);
  EXPECT_TRUE(wait_for_server_end().clean);
  peer->raw().close();
  wait_until_gone();
}

TEST_F(TlsTest, TruncationIsToldFromAnEnd) {
  handler.message_hook = echo;
  listen_with(authority->issue("good"));
  auto polite = websocket_peer();
  polite->send(client_frame(Opcode::text, "last"));
  polite->send_close_notify();
  EXPECT_EQ(wait_for_server_end().status, 1006);
  EXPECT_EQ(wait_for_server_end().cause, Cause::eof_without_close);
  pump_until([&] { return polite->received() == "\x81\x04last"; }, "only the peer's sending was over");
  wait_until_gone();
  handler.ends.clear();
  auto cut_off = websocket_peer();
  cut_off->raw().shut_down_sending();
  EXPECT_EQ(wait_for_server_end().status, 1006);
  EXPECT_EQ(wait_for_server_end().cause, Cause::tls_truncated);
  wait_until_gone();
}

TEST_F(TlsTest, BrokenRecordEndsAnOpenConnection) {
  listen_with(authority->issue("good"));
  auto peer = websocket_peer();
  std::string ciphertext;
  ASSERT_TRUE(peer->session().seal(std::as_bytes(std::span("hello", 5)), ciphertext));
  ciphertext.back() = static_cast<char>(ciphertext.back() ^ 1);
  peer->raw().send(ciphertext);
  EXPECT_EQ(wait_for_server_end().status, 1006);
  EXPECT_EQ(wait_for_server_end().cause, Cause::tls_broken);
  EXPECT_FALSE(wait_for_server_end().reason.empty());
  pump_until([&] { return peer->raw().eof(); }, "the server's FIN behind its alert");
  peer->received();
  ASSERT_TRUE(peer->session().failed());
  EXPECT_EQ(peer->session().failure().detail, "tls alert received: bad_record_mac");
}

TEST_F(TlsTest, RefusedCertificatesEndWith1015) {
  const struct {
    CertificateRequest request;
    Cause cause;
  } cases[] = {
      {{.valid_from_s = -7200, .valid_to_s = -3600}, Cause::certificate_expired},
      {{.valid_from_s = 3600}, Cause::certificate_not_yet_valid},
      {{.names = "DNS:elsewhere.example"}, Cause::certificate_wrong_host},
      {{.self_signed = true}, Cause::certificate_unknown_authority},
      {{.must_staple = true}, Cause::certificate_status_missing},
  };
  for (const auto& test : cases) {
    client_handler.ends.clear();
    listen_with(authority->issue("bad", test.request));
    connect();
    const ws::End& end = wait_for_client_end();
    EXPECT_EQ(end.status, 1015);
    EXPECT_EQ(end.cause, test.cause) << end.reason;
    EXPECT_EQ(end.origin, Origin::us);
    EXPECT_FALSE(end.clean);
    EXPECT_NE(end.reason, registry::cause_text(test.cause)) << "the details";
    wait_until_gone();
  }
  EXPECT_TRUE(handler.opened.empty());
  EXPECT_TRUE(handler.ends.empty());
}

TEST_F(TlsTest, ChecksAddressesToo) {
  listen_with(authority->issue("good"));
  connect("127.0.0.1");
  pump_until([&] { return client_handler.opened.size() == 1; }, "the handshake by address");
  client->find(client_handler.opened.at(0))->close(Cause::purpose_fulfilled);
  wait_until_gone();
  client_handler.ends.clear();
  listen_with(authority->issue("names", {.names = "DNS:localhost"}));
  connect("127.0.0.1");
  EXPECT_EQ(wait_for_client_end().cause, Cause::certificate_wrong_host);
}

TEST_F(TlsTest, ServersThatSpeakNoTls) {
  listen();
  connect();
  EXPECT_EQ(wait_for_client_end().status, 1015);
  EXPECT_EQ(wait_for_client_end().cause, Cause::not_tls);
  EXPECT_NE(wait_for_client_end().reason.find("HTTP/1.1 400"), std::string::npos) << wait_for_client_end().reason;
}

TEST_F(TlsTest, PlainHttpToTheTlsPortIsToldSo) {
  listen_with(authority->issue("good"));
  RawPeer peer(server->port());
  peer.send("G");
  pump_until([&] { return server->connection_count() == 1; }, "the connection");
  peer.send("ET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  std::optional<std::string> response;
  pump_until([&] { return (response = peer.take_response()).has_value(); }, "the answer");
  EXPECT_EQ(response->substr(0, 25), "HTTP/1.1 400 Bad Request\r");
  EXPECT_NE(response->find("https://"), std::string::npos);
  pump_until([&] { return peer.eof(); }, "the end");
  EXPECT_FALSE(peer.reset());
  peer.close();
  wait_until_gone();
  EXPECT_TRUE(handler.requests.empty());
}

TEST_F(TlsTest, GarbageAndCutHandshakesLeaveNothingBehind) {
  listen_with(authority->issue("good"));
  RawPeer garbage(server->port());
  garbage.send(std::string("\x05\x01\x00", 3));
  RawPeer silent(server->port());
  TlsPeer cut(server->port(), trust());
  pump_until([&] { return server->connection_count() == 3; }, "all connections");
  pump_idle();
  cut.raw().shut_down_sending();
  silent.close();
  pump_until([&] { return garbage.eof(); }, "the server gives the garbage up");
  garbage.close();
  pump_until([&] { return cut.raw().eof(); }, "the server's FIN");
  cut.raw().close();
  wait_until_gone();
}

TEST_F(TlsTest, HandshakeHasATimeLimit) {
  options.limits.handshake_timeout_ms = 50;
  listen_with(authority->issue("good"));
  RawPeer peer(server->port());
  peer.send(std::string("\x16\x03\x01\x02", 4));
  pump_until([&] { return peer.eof() || peer.reset(); }, "the server gives up");
  wait_until_gone();
}

TEST_F(TlsTest, ServesHttp) {
  const std::string large(300'000, 'h');
  handler.request_hook = [&](ConnectionId id, const http::Request&) {
    server->respond(id, http::Response::text(200, large));
  };
  listen_with(authority->issue("good"));
  auto peer = secure_peer();
  const std::string request = "GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n";
  peer->send(request + request);
  pump_until([&] { return peer->received().size() > 2 * large.size(); }, "both answers");
  peer->send("GET /last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  pump_until([&] { return peer->raw().eof(); }, "the end");
  peer->received();
  EXPECT_TRUE(peer->session().close_received());
  EXPECT_EQ(handler.requests.size(), 3U);
}

// A drain that begins while answers leave ends their connections from inside the flush.
TEST_F(TlsTest, DrainEndsIdleHttpConnections) {
  handler.request_hook = [&](ConnectionId id, const http::Request&) {
    server->respond(id, http::Response::text(200, "bye\n"));
  };
  listen_with(authority->issue("good"));
  std::vector<std::unique_ptr<TlsPeer>> peers;
  for (int i = 0; i < 20; ++i) peers.push_back(secure_peer());
  for (auto& peer : peers) peer->send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  pump_until([&] { return handler.requests.size() == peers.size(); }, "all requests");
  server->begin_drain();
  for (auto& peer : peers) {
    pump_until([&] { return peer->raw().eof(); }, "the end");
    EXPECT_NE(peer->received().find("bye\n"), std::string::npos);
    EXPECT_TRUE(peer->session().close_received());
    peer->raw().close();
  }
  wait_until_gone();
}

TEST_F(TlsTest, ReloadKeepsWhatIsThere) {
  handler.message_hook = echo;
  listen_with(authority->issue("before"));
  Connection& old = open();
  server->set_tls(load(authority->issue("after", {.names = "DNS:after.example"})));
  old.send_text("still here");
  pump_until([&] { return client_handler.message_count == 1; }, "the echo on the old connection");
  connect();
  EXPECT_EQ(wait_for_client_end().cause, Cause::certificate_wrong_host);
  EXPECT_NE(wait_for_client_end().reason.find("after.example"), std::string::npos);
  old.send_text("and again");
  pump_until([&] { return client_handler.message_count == 2; }, "the old connection goes on");
}

TEST_F(TlsTest, SlowConsumerIsEnded) {
  options.limits.outgoing_bytes_max = 1 << 20;
  options.limits.close_timeout_ms = 200;
  listen_with(authority->issue("good"));
  auto peer = websocket_peer(4096);
  Connection& connection = *server->find(handler.opened.at(0));
  const std::string message(100'000, 'm');
  for (int i = 0; i < 200 && handler.slow_consumers == 0; ++i) {
    connection.send_text(message);
    loop->run_once(0);
  }
  EXPECT_EQ(handler.slow_consumers, 1);
  EXPECT_EQ(wait_for_server_end().cause, Cause::slow_consumer);
  wait_until_gone();
}

TEST_F(TlsTest, QueueDrainsAndSaysSo) {
  options.limits.outgoing_bytes_max = 64 << 20;
  listen_with(authority->issue("good"));
  auto peer = websocket_peer(4096);
  Connection& connection = *server->find(handler.opened.at(0));
  const std::string message(100'000, 'm');
  std::size_t sent = 0;
  while (connection.queued_bytes() < (std::size_t{4} << 20)) {
    connection.send_binary(message);
    ++sent;
    loop->run_once(0);
  }
  EXPECT_EQ(handler.drained, 0);
  std::size_t received = 0;
  pump_until(
      [&] {
        received += std::exchange(peer->received(), {}).size();
        return received == sent * (message.size() + 10);
      },
      "everything arrives");
  pump_until([&] { return handler.drained == 1; }, "on_drained");
  EXPECT_EQ(connection.queued_bytes(), 0U);
}

TEST_F(TlsTest, AbortResetsAndPausedReadingWaits) {
  listen_with(authority->issue("good"));
  auto peer = websocket_peer();
  Connection& connection = *server->find(handler.opened.at(0));
  connection.pause_reading();
  peer->send(client_frame(Opcode::text, "waits"));
  pump_idle();
  EXPECT_EQ(handler.message_count, 0);
  connection.resume_reading();
  pump_until([&] { return handler.message_count == 1; }, "the message");
  connection.abort(Cause::heartbeat_timeout);
  EXPECT_EQ(wait_for_server_end().cause, Cause::heartbeat_timeout);
  pump_until([&] { return peer->raw().reset(); }, "the reset");
}

}  // namespace
}  // namespace clearline::net
