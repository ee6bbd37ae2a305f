// How connections are spread over servers: counted, with all of them in one thread. threads_test.cc has the threads.
#include "net/listener.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "support/net/net_fixture.h"
#include "unit/app/temporary_directory.h"

namespace clearline::net {
namespace {

class ListenerTest : public NetTest {
 protected:
  void start(std::size_t count, const std::string& address = "127.0.0.1:0") {
    std::vector<Server*> pointers;
    for (std::size_t i = 0; i < count; ++i) {
      options.shard_index = static_cast<std::uint8_t>(i);
      pointers.push_back(servers.emplace_back(Server::create(*loop, options, handler)).get());
    }
    auto created = Listener::listen(*loop, *ListenOptions::parse(address), pointers);
    ASSERT_TRUE(created) << created.error().message;
    listener = std::move(*created);
  }
  void connect(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) peers.push_back(std::make_unique<RawPeer>(listener->address()));
    pump_until([&] { return total() == peers.size(); }, "all connections");
  }
  std::size_t total() const {
    std::size_t sum = 0;
    for (const auto& each : servers) sum += each->connection_count();
    return sum;
  }
  std::vector<std::size_t> counts() const {
    std::vector<std::size_t> all;
    for (const auto& each : servers) all.push_back(each->connection_count());
    return all;
  }

  std::vector<std::unique_ptr<Server>> servers;
  std::unique_ptr<Listener> listener;
  std::vector<std::unique_ptr<RawPeer>> peers;
};

TEST_F(ListenerTest, SpreadsEvenly) {
  start(3);
  connect(30);
  EXPECT_EQ(counts(), (std::vector<std::size_t>{10, 10, 10}));
}

TEST_F(ListenerTest, FillsUpWhereConnectionsHaveEnded) {
  start(3);
  connect(30);
  servers[1].reset();  // with its connections, which the peers see
  servers[1] = Server::create(*loop, options, handler);
  listener.reset();
  const std::vector<Server*> pointers = {servers[0].get(), servers[1].get(), servers[2].get()};
  listener = std::move(*Listener::listen(*loop, *ListenOptions::parse("127.0.0.1:0"), pointers));
  peers.erase(std::remove_if(peers.begin(), peers.end(), [](const auto& peer) { return peer->eof() || peer->reset(); }),
              peers.end());
  ASSERT_EQ(peers.size(), 20U);
  connect(10);
  EXPECT_EQ(counts(), (std::vector<std::size_t>{10, 10, 10})) << "all ten went where there were none";
  connect(3);
  EXPECT_EQ(counts(), (std::vector<std::size_t>{11, 11, 11}));
}

TEST_F(ListenerTest, CountsTheLimitOverAllServers) {
  options.connections_max = 4;
  start(2);
  connect(5);
  for (auto& peer : peers) peer->send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  pump_until([&] { return handler.requests.size() == 4; }, "four requests");
  std::optional<std::string> refused;
  pump_until([&] { return (refused = peers.back()->take_response()).has_value(); }, "the refusal");
  EXPECT_EQ(refused->substr(0, 12), "HTTP/1.1 503");
}

TEST_F(ListenerTest, CountsDownWhenConnectionsAreGone) {
  options.connections_max = 2;
  start(2);
  for (int round = 0; round < 5; ++round) {
    connect(2);
    peers.clear();
    pump_until([&] { return total() == 0; }, "the end of both");
  }
  handler.request_hook = [&](ConnectionId id, const http::Request&) {
    for (auto& each : servers) each->respond(id, http::Response::text(200, "here"));
  };
  connect(1);
  peers[0]->send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  std::optional<std::string> response;
  pump_until([&] { return (response = peers[0]->take_response()).has_value(); }, "an answer");
  EXPECT_EQ(response->substr(0, 12), "HTTP/1.1 200");
}

TEST_F(ListenerTest, DropsWhatIsMeantForAServerThatIsGone) {
  start(1);
  servers.clear();
  RawPeer peer(listener->address());
  pump_until([&] { return peer.eof() || peer.reset(); }, "the end of the connection");
}

TEST_F(ListenerTest, TakesWhomTheKernelHasConnectedWhenItStops) {
  start(2);
  for (int i = 0; i < 4; ++i) peers.push_back(std::make_unique<RawPeer>(listener->address()));
  listener->stop();
  EXPECT_EQ(counts(), (std::vector<std::size_t>{2, 2}));
  EXPECT_FALSE(Listener::listen(*loop, *ListenOptions::parse("192.0.2.1:1"), std::array{servers[0].get()}));
}

TEST_F(ListenerTest, ServesUnixSocketsAndConnectsToThem) {
  const app::TemporaryDirectory directory;
  const std::string path = (directory.path() / "s").string();
  start(1, "unix:" + path);
  RecordingHandler client_handler;
  Client client(*loop, {}, client_handler);
  handler.message_hook = echo;
  client_handler.open_hook = [](Connection& connection) { connection.send_text("over a file"); };
  ConnectOptions to;
  to.unix_path = path;
  ASSERT_TRUE(client.connect(to));
  pump_until([&] { return client_handler.messages.size() == 1; }, "the echo");
  EXPECT_EQ(client_handler.messages[0], "over a file");
  EXPECT_EQ(servers[0]->find(handler.opened[0])->peer_address()->text(), "unix:");

  listener->stop();
  ASSERT_TRUE(client.connect(to));
  pump_until([&] { return client_handler.ends.size() == 1; }, "a failure");
  EXPECT_EQ(client_handler.ends[0].end.cause, registry::Cause::connect_failed);
  EXPECT_NE(client_handler.ends[0].end.reason.find("unix:" + path), std::string::npos);
  to.unix_path = std::string(108, 'x');
  EXPECT_FALSE(client.connect(to));
}

TEST_F(ListenerTest, ServerListensOnAUnixSocketOfItsOwn) {
  const app::TemporaryDirectory directory;
  options.address = "unix:" + (directory.path() / "s").string();
  NetTest::listen();
  EXPECT_EQ(server->address_text(), options.address);
  EXPECT_EQ(server->port(), 0);
  const RawPeer peer(*SocketAddress::unix_socket((directory.path() / "s").string()));
  pump_until([&] { return server->connection_count() == 1; }, "the connection");
}

}  // namespace
}  // namespace clearline::net
