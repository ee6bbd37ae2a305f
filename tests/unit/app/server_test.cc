// The whole server in this process, with short times: what ends a connection by a deadline or by its own slowness. Each
// test waits for the end itself; how long it took is not judged.
#include "app/server.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "net/client.h"
#include "temporary_directory.h"

namespace clearline::app {
namespace {

constexpr std::int64_t patience_ms = 60'000;  // reached only by a test that fails
constexpr std::int64_t never_ms = 3'600'000;
constexpr std::string_view visitor_hello = R"({"t":"hello","role":"visitor","site":"demo"})";

std::string member(const std::string& json, const std::string& name) {
  const std::string key = "\"" + name + "\":\"";
  const auto start = json.find(key);
  if (start == std::string::npos) return {};
  const auto from = start + key.size();
  return json.substr(from, json.find('"', from) - from);
}

// What one connection was told.
struct Peer {
  net::ConnectionId id;
  std::vector<std::string> messages;
  std::optional<ws::End> end;

  [[nodiscard]] const std::string* find(std::string_view type) const {
    const std::string start = R"({"t":")" + std::string(type) + "\"";
    const auto found = std::ranges::find_if(messages, [&](const auto& text) { return text.starts_with(start); });
    return found == messages.end() ? nullptr : &*found;
  }
};

class ServerTest : public testing::Test, protected net::ConnectionHandler {
 protected:
  void start(const Policy& policy, std::uint8_t shards = 1) {
    ServerSettings settings;
    settings.port = 0;
    settings.shards = shards;
    settings.data_directory = directory_.path();
    settings.policy = policy;
    auto started = Server::start(settings);
    ASSERT_TRUE(started) << started.error().message;
    server_ = std::move(*started);
  }

  Peer& connect() {
    net::ConnectOptions options;
    options.port = server_->port();
    options.target = "/ws";
    options.subprotocols = {"clearline.v1"};
    const auto id = client_.connect(options);
    EXPECT_TRUE(id);
    Peer& peer = peers_[*id];
    peer.id = *id;
    pump_until([&] { return client_.find(peer.id) != nullptr || peer.end; }, "the connection opens");
    return peer;
  }
  Peer& visitor(std::string_view hello = visitor_hello) {
    Peer& peer = connect();
    say(peer, hello);
    pump_until([&] { return peer.find("watching") != nullptr || peer.end; }, "the visitor is welcomed");
    return peer;
  }
  void say(const Peer& peer, std::string_view text) { ASSERT_TRUE(client_.find(peer.id)->send_text(text)); }

  void pump_until(const std::function<bool()>& condition, const char* what) {
    const std::int64_t deadline_ms = monotonic_now().ms + patience_ms;
    while (!condition()) {
      ASSERT_LT(monotonic_now().ms, deadline_ms) << what;
      loop_->run_once(50);
    }
  }
  void expect_farewell(Peer& peer, registry::Cause cause) {
    pump_until([&] { return peer.end.has_value(); }, "the connection ends");
    ASSERT_TRUE(peer.end);
    const std::string* bye = peer.find("bye");
    ASSERT_NE(bye, nullptr);
    EXPECT_EQ(member(*bye, "cause"), registry::cause_name(cause));
    EXPECT_EQ(peer.end->status, registry::status_for(cause));
    EXPECT_TRUE(peer.end->clean);
  }

  void on_open(net::Connection&) override {}
  void on_message(net::Connection& connection, ws::MessageKind, std::string_view payload) override {
    peers_[connection.id()].messages.emplace_back(payload);
    if (paused_ == connection.id()) connection.pause_reading();
  }
  void on_end(net::ConnectionId id, void*, const ws::End& end) override { peers_[id].end = end; }

  TemporaryDirectory directory_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<net::Loop> loop_ = *net::Loop::create();
  std::map<net::ConnectionId, Peer> peers_;
  net::ConnectionId paused_;
  net::Client client_{*loop_, {}, *this};
};

TEST_F(ServerTest, SilenceInPlaceOfHelloEndsWith3008) {
  start({.hello_timeout_ms = 1});
  expect_farewell(connect(), registry::Cause::hello_timeout);
}

TEST_F(ServerTest, HelloEndsTheWaitForIt) {
  start({.hello_timeout_ms = 2'000, .heartbeat_timeout_ms = 1});
  expect_farewell(visitor(), registry::Cause::heartbeat_timeout);
}

TEST_F(ServerTest, AVisiblePageThatIsSilentEndsWith3008) {
  start({.heartbeat_timeout_ms = 1, .hidden_heartbeat_timeout_ms = never_ms});
  expect_farewell(visitor(), registry::Cause::heartbeat_timeout);
}

TEST_F(ServerTest, AHiddenPageHasATimeOfItsOwn) {
  start({.heartbeat_timeout_ms = never_ms, .hidden_heartbeat_timeout_ms = 1});
  Peer& hidden = visitor(R"({"t":"hello","role":"visitor","site":"demo","visible":false})");
  expect_farewell(hidden, registry::Cause::heartbeat_timeout);
  Peer& page = visitor();
  say(page, R"({"t":"ping","n":1,"visible":false})");
  expect_farewell(page, registry::Cause::heartbeat_timeout);
  EXPECT_NE(page.find("pong"), nullptr);
}

TEST_F(ServerTest, APageThatIsShownAgainIsVisible) {
  start({.heartbeat_timeout_ms = 1, .hidden_heartbeat_timeout_ms = never_ms});
  Peer& page = visitor(R"({"t":"hello","role":"visitor","site":"demo","visible":false})");
  say(page, R"({"t":"ping","n":1,"visible":true})");
  expect_farewell(page, registry::Cause::heartbeat_timeout);
}

TEST_F(ServerTest, WhoDoesNotReadIsGivenUpAndTheOthersAreUnharmed) {
  Policy policy;
  policy.visitor_sends = {.per_second = 1e9, .burst = 1e9};
  start(policy);
  Peer& reader = visitor();
  const std::string token = member(reader.messages.at(0), "token");
  const std::string conv = member(reader.messages.at(0), "conv");
  const std::string again = R"({"t":"hello","role":"visitor","site":"demo","token":")" + token + "\"}";
  Peer& sleeper = visitor(again);
  Peer& writer = visitor(again);
  paused_ = sleeper.id;  // the next message makes it stop reading
  const std::string text(16'000, 'x');
  constexpr int batch = 50;
  int sent = 0;
  const auto acknowledged = [&] {
    return std::ranges::count_if(writer.messages, [](const auto& one) { return one.starts_with(R"({"t":"ack")"); });
  };
  const auto flood = [&] {
    for (int i = 0; i < batch; ++i, ++sent) {
      char client_id[37];
      std::snprintf(client_id, sizeof client_id, "00000000-0000-4000-8000-%012d", sent);
      say(writer, R"({"t":"send","id":)" + std::to_string(sent) + R"(,"conv":")" + conv + R"(","client_id":")" +
                      client_id + R"(","text":")" + text + "\"}");
    }
    pump_until([&] { return acknowledged() == sent; }, "everything is acknowledged");
  };
  // More than the server's queue (4 MiB) and the kernel's buffers on both sides can hold.
  while (sent < 2'000) flood();
  EXPECT_FALSE(writer.end);
  EXPECT_FALSE(reader.end);
  pump_until(
      [&] {
        return std::ranges::count_if(reader.messages,
                                     [](const auto& one) { return one.starts_with(R"({"t":"event")"); }) == sent;
      },
      "the other reader has everything");
  net::Connection* connection = client_.find(sleeper.id);
  ASSERT_NE(connection, nullptr);
  paused_ = {};
  connection->resume_reading();
  pump_until([&] { return sleeper.end.has_value(); }, "the sleeper learns of its end");
  ASSERT_TRUE(sleeper.end);
  // It slept through the closing handshake's time, so the farewell may have been lost with the connection.
  const std::string* bye = sleeper.find("bye");
  if (bye != nullptr) {
    EXPECT_EQ(member(*bye, "cause"), "slow_consumer");
  }
  EXPECT_NE(sleeper.end->status, 1000);
  EXPECT_LT(sleeper.messages.size(), static_cast<std::size_t>(sent));
}

TEST_F(ServerTest, EndsWithConnectionsAndCommandsUnderWay) {
  for (const std::uint8_t shards : {std::uint8_t{1}, std::uint8_t{3}}) {
    start({}, shards);
    for (int i = 0; i < 20; ++i) {
      Peer& peer = visitor();
      const std::string conv = member(peer.messages.at(0), "conv");
      say(peer, R"({"t":"send","id":1,"conv":")" + conv +
                    R"(","client_id":"0b6f2c1e-8f5a-4f0e-9a51-3d1f5e0c7a11","text":"x"})");
      say(peer, R"({"t":"watch","id":2,"conv":")" + conv + "\"}");
    }
    loop_->run_once(0);
    server_.reset();  // without a drain
    pump_until([&] { return std::ranges::all_of(peers_, [](const auto& one) { return one.second.end.has_value(); }); },
               "all connections end");
    peers_.clear();
  }
}

TEST_F(ServerTest, ADrainEndsEverybodyAndLeavesNobody) {
  start({}, 2);
  std::vector<Peer*> peers;
  for (int i = 0; i < 20; ++i) peers.push_back(&visitor());
  std::size_t left = 99;
  std::atomic<bool> done = false;
  std::thread drainer([&] {
    left = server_->drain();
    done.store(true);
  });
  for (Peer* peer : peers) expect_farewell(*peer, registry::Cause::drain);
  pump_until([&] { return done.load(); }, "the drain ends");
  drainer.join();
  EXPECT_EQ(left, 0U);
}

TEST_F(ServerTest, AStartThatFailsLeavesNothingBehind) {
  start({});
  ServerSettings settings;
  settings.data_directory = directory_.path();
  settings.port = 0;
  const auto second = Server::start(settings);  // the data directory is taken
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::already_exists);
  const TemporaryDirectory other;
  settings.data_directory = other.path();
  settings.port = server_->port();
  EXPECT_FALSE(Server::start(settings));  // the port is taken
  settings.port = 0;
  EXPECT_TRUE(Server::start(settings));
}

}  // namespace
}  // namespace clearline::app
