// The server behind a proxy: the PROXY protocol in front of a connection, and header fields in each request.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "net/listener.h"
#include "support/net/net_fixture.h"

namespace clearline::net {
namespace {

const std::string proxy_header = "PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n";
const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

std::string get_from(const std::string& addresses) {
  return "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: " + addresses + "\r\nX-Forwarded-Proto: https\r\n\r\n";
}

class ProxiedServerTest : public NetTest {
 protected:
  ProxiedServerTest() {
    handler.request_hook = [this](ConnectionId id, const http::Request&) {
      const auto source = server->source(id);
      sources.push_back(source->address.text() + (source->encrypted ? " https" : " http"));
      EXPECT_EQ(server->peer_address(id)->text(), source->address.text());
      server->respond(id, http::Response::text(200, "here"));
    };
  }
  void start(const std::string& trusted, const std::string& address = "127.0.0.1:0,proxy-protocol") {
    if (!trusted.empty()) options.trusted_proxies = {*AddressRange::parse(trusted)};
    server = Server::create(*loop, options, handler);
    Server* const servers[] = {server.get()};
    listener = std::move(*Listener::listen(*loop, *ListenOptions::parse(address), servers));
  }
  void wait_for_requests(std::size_t count) {
    pump_until([&] { return sources.size() == count; }, "the requests");
  }
  void expect_refusal(RawPeer& peer) {
    pump_until([&] { return peer.eof() || peer.reset(); }, "the end of the connection");
    EXPECT_EQ(peer.received(), "");
    EXPECT_EQ(sources.size(), 0U);
  }

  std::unique_ptr<Listener> listener;
  std::vector<std::string> sources;
};

TEST_F(ProxiedServerTest, BelievesTheHeaderOfATrustedProxy) {
  start("127.0.0.0/8");
  RawPeer peer(listener->address());
  peer.send(proxy_header + get);
  wait_for_requests(1);
  peer.send(get);
  wait_for_requests(2);
  EXPECT_EQ(sources, (std::vector<std::string>(2, "192.0.2.7:56324 http")));
  EXPECT_EQ(server->proxy_refusals(), 0U);
}

TEST_F(ProxiedServerTest, TakesTheHeaderByteByByte) {
  start("127.0.0.1");
  RawPeer peer(listener->address());
  for (const char byte : proxy_header + get) {
    peer.send({&byte, 1});
    loop->run_once(0);
  }
  wait_for_requests(1);
  EXPECT_EQ(sources[0], "192.0.2.7:56324 http");
}

TEST_F(ProxiedServerTest, TakesTheProxysOwnConnections) {
  start("127.0.0.1");
  RawPeer peer(listener->address());
  peer.send(std::string("\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", 16) + get);
  wait_for_requests(1);
  EXPECT_EQ(sources[0].substr(0, 10), "127.0.0.1:");
}

TEST_F(ProxiedServerTest, KeepsTheAddressOfAWebSocket) {
  start("127.0.0.1");
  handler.message_hook = echo;
  RawPeer peer(listener->address());
  peer.send(proxy_header + upgrade_request("X-Forwarded-For: 203.0.113.9\r\n") + client_frame(ws::Opcode::text, "hi"));
  pump_until([&] { return handler.messages.size() == 1; }, "the message");
  EXPECT_EQ(server->find(handler.opened.at(0))->peer_address()->text(), "192.0.2.7:56324")
      << "192.0.2.7 is no trusted proxy, so its header field does not count";
}

TEST_F(ProxiedServerTest, RefusesWhoHasNoHeader) {
  start("127.0.0.1");
  RawPeer plain(listener->address());
  plain.send(get);
  expect_refusal(plain);
  EXPECT_EQ(server->proxy_refusals(), 1U);
  RawPeer broken(listener->address());
  broken.send("PROXY TCP4 nonsense\r\n" + get);
  expect_refusal(broken);
  EXPECT_EQ(server->proxy_refusals(), 2U);
  RawPeer cut(listener->address());
  cut.send(proxy_header.substr(0, 20));
  pump_idle();
  cut.shut_down_sending();
  expect_refusal(cut);
  EXPECT_EQ(server->proxy_refusals(), 3U);
  RawPeer probe(listener->address());
  pump_idle();
  probe.shut_down_sending();
  expect_refusal(probe);
  EXPECT_EQ(server->proxy_refusals(), 3U) << "a look at the port is no offence";
}

TEST_F(ProxiedServerTest, RefusesWhoNeverSendsOne) {
  options.limits.handshake_timeout_ms = 50;
  start("127.0.0.1");
  RawPeer peer(listener->address());
  expect_refusal(peer);
  EXPECT_EQ(server->proxy_refusals(), 1U);
}

TEST_F(ProxiedServerTest, RefusesHeadersOfStrangers) {
  for (const auto* trusted : {"", "10.0.0.0/8", "unix:"}) {
    start(trusted);
    RawPeer peer(listener->address());
    pump_until([&] { return server->proxy_refusals() == 1; }, "the refusal");
    EXPECT_EQ(sources.size(), 0U) << trusted;
    listener.reset();
  }
}

TEST_F(ProxiedServerTest, DrainDoesNotWaitForHeaders) {
  start("127.0.0.1");
  RawPeer peer(listener->address());
  pump_until([&] { return server->connection_count() == 1; }, "the connection");
  listener->stop();
  server->begin_drain();
  pump_until([&] { return server->connection_count() == 0; }, "the end");
}

// A proxy keeps connections and sends requests of different clients over them.
TEST_F(ProxiedServerTest, EachRequestHasItsOwnSource) {
  start("127.0.0.1", "127.0.0.1:0");
  RawPeer peer(listener->address());
  peer.send(get_from("192.0.2.1") + get_from("203.0.113.9, 192.0.2.2") + get);
  wait_for_requests(3);
  EXPECT_EQ(sources[0], "192.0.2.1:0 https");
  EXPECT_EQ(sources[1], "192.0.2.2:0 https");
  EXPECT_EQ(sources[2].substr(0, 10), "127.0.0.1:") << "nothing is left over from the one before";
  peer.send(upgrade_request("X-Forwarded-For: 192.0.2.3\r\n"));
  pump_until([&] { return handler.opened.size() == 1; }, "the upgrade");
  EXPECT_EQ(server->find(handler.opened[0])->peer_address()->text(), "192.0.2.3:0");
}

TEST_F(ProxiedServerTest, IgnoresFieldsOfStrangers) {
  start("10.0.0.0/8", "127.0.0.1:0");
  RawPeer peer(listener->address());
  peer.send(get_from("192.0.2.1"));
  wait_for_requests(1);
  EXPECT_EQ(sources[0].substr(0, 10), "127.0.0.1:");
  EXPECT_EQ(sources[0].substr(sources[0].size() - 5), " http");
}

}  // namespace
}  // namespace clearline::net
