// Shards in threads of their own: what crosses between them goes through post() alone. Run it with ThreadSanitizer.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "net/http_client.h"
#include "net/listener.h"
#include "support/net/net_fixture.h"

namespace clearline::net {
namespace {

// A server on a loop in a thread.
struct Shard {
  explicit Shard(const ServerOptions& options, void (*set_up)(Shard&) = nullptr) {
    loop = std::move(*Loop::create());
    auto listening = Server::listen(*loop, options, handler);
    EXPECT_TRUE(listening) << listening.error().message;
    server = std::move(*listening);
    if (set_up != nullptr) set_up(*this);
    thread = std::thread([this] { loop->run(); });
  }
  ~Shard() {
    loop->stop();
    thread.join();
  }
  std::unique_ptr<Loop> loop;
  RecordingHandler handler;
  std::unique_ptr<Server> server;
  std::thread thread;
};

TEST(Threads, ShardsShareAPort) {
  ServerOptions options;
  options.reuse_port = true;
  const auto set_up = [](Shard& shard) { shard.handler.message_hook = echo; };
  std::vector<std::unique_ptr<Shard>> shards;
  for (std::uint8_t i = 0; i < 3; ++i) {
    options.shard_index = i;
    shards.push_back(std::make_unique<Shard>(options, set_up));
    options.port = shards.front()->server->port();
  }
  const auto loop = std::move(*Loop::create());
  RecordingHandler handler;
  Client client(*loop, {}, handler);
  handler.open_hook = [](Connection& connection) { connection.send_text("to whichever shard"); };
  handler.message_hook = [](Connection& connection, auto, auto) {
    connection.close(registry::Cause::purpose_fulfilled);
  };
  for (int i = 0; i < 200; ++i) {
    ConnectOptions connect_options;
    connect_options.port = options.port;
    ASSERT_TRUE(client.connect(connect_options));
  }
  const std::int64_t give_up_ms = monotonic_now().ms + patience_ms;
  while (handler.ends.size() < 200 && monotonic_now().ms < give_up_ms) loop->run_once(10);
  ASSERT_EQ(handler.ends.size(), 200U);
  EXPECT_TRUE(std::all_of(handler.ends.begin(), handler.ends.end(), [](const auto& end) { return end.end.clean; }));
}

// Long-lived connections stay where they were accepted, so the spreading must be even from the start.
TEST(Threads, ListenerSpreadsEvenly) {
  constexpr std::size_t shard_count = 4;
  constexpr std::size_t connections = 400;
  struct Spread {
    std::unique_ptr<Loop> loop = std::move(*Loop::create());
    RecordingHandler handler;
    std::unique_ptr<Server> server;
    std::thread thread;
  };
  std::vector<std::unique_ptr<Spread>> shards;
  std::vector<Server*> servers;
  for (std::size_t i = 0; i < shard_count; ++i) {
    Spread& shard = *shards.emplace_back(std::make_unique<Spread>());
    shard.handler.message_hook = echo;
    ServerOptions options;
    options.shard_index = static_cast<std::uint8_t>(i);
    shard.server = Server::create(*shard.loop, options, shard.handler);
    servers.push_back(shard.server.get());
  }
  auto listener = Listener::listen(*shards[0]->loop, *ListenOptions::parse("127.0.0.1:0"), servers);
  ASSERT_TRUE(listener) << listener.error().message;
  for (auto& shard : shards) shard->thread = std::thread([&shard] { shard->loop->run(); });

  const auto loop = std::move(*Loop::create());
  RecordingHandler handler;
  Client client(*loop, {}, handler);
  handler.open_hook = [](Connection& connection) { connection.send_text("to whichever shard"); };
  ConnectOptions connect_options;
  connect_options.port = (*listener)->address().port();
  for (std::size_t i = 0; i < connections; ++i) ASSERT_TRUE(client.connect(connect_options));
  const std::int64_t give_up_ms = monotonic_now().ms + patience_ms;
  while (handler.messages.size() < connections && monotonic_now().ms < give_up_ms) loop->run_once(10);
  EXPECT_EQ(handler.messages.size(), connections);

  for (auto& shard : shards) shard->loop->stop();
  for (auto& shard : shards) shard->thread.join();
  for (auto& shard : shards) EXPECT_EQ(shard->server->open_count(), connections / shard_count);
  listener->reset();
}

TEST(Threads, FramesArePostedFromManyThreads) {
  constexpr int threads = 4;
  constexpr int frames_per_thread = 500;
  Shard shard{ServerOptions{}};
  const auto loop = std::move(*Loop::create());
  RecordingHandler handler;
  Client client(*loop, {}, handler);
  constexpr std::size_t receivers = 5;
  for (std::size_t i = 0; i < receivers; ++i) {
    ConnectOptions connect_options;
    connect_options.port = shard.server->port();
    ASSERT_TRUE(client.connect(connect_options));
  }
  const std::int64_t give_up_ms = monotonic_now().ms + patience_ms;
  while (handler.opened.size() < receivers && monotonic_now().ms < give_up_ms) loop->run_once(10);
  ASSERT_EQ(handler.opened.size(), receivers);

  std::vector<std::thread> posters;
  for (int thread = 0; thread < threads; ++thread) {
    posters.emplace_back([&shard, thread] {
      for (int i = 0; i < frames_per_thread; ++i) {
        const std::string text = std::to_string(thread) + ":" + std::to_string(i);
        const auto frame = ws::make_shared_frame(ws::Opcode::text, ws::as_payload(text));
        shard.loop->post([&shard, frame] {
          shard.server->for_each([&](Connection& connection) { EXPECT_TRUE(connection.send(frame)); });
        });
      }
    });
  }
  constexpr int expected = threads * frames_per_thread * static_cast<int>(receivers);
  while (handler.message_count < expected && monotonic_now().ms < give_up_ms) loop->run_once(10);
  for (std::thread& poster : posters) poster.join();
  EXPECT_EQ(handler.message_count, expected);
}

TEST(Threads, AnswersComeFromAnotherThread) {
  Shard shard{ServerOptions{}};
  std::vector<std::thread> workers;  // touched by the shard's thread until the last answer came
  shard.loop->post([&] {
    shard.handler.request_hook = [&](ConnectionId id, const http::Request& request) {
      workers.emplace_back([&shard, id, body = std::string(request.body)] {
        shard.loop->post([&shard, id, body] { shard.server->respond(id, http::Response::json(200, body)); });
      });
    };
  });
  for (int i = 0; i < 20; ++i) {
    const std::string json = "{\"n\":" + std::to_string(i) + "}";
    const auto reply = http_post_json("127.0.0.1", shard.server->port(), "/login", json);
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_EQ(reply->status, 200);
    EXPECT_EQ(reply->body, json);
    EXPECT_EQ(reply->header("content-TYPE"), "application/json");
  }
  for (std::thread& worker : workers) worker.join();
}

TEST(HttpClient, SaysWhatWentWrong) {
  std::uint16_t port = 0;
  {
    const Shard shard{ServerOptions{}};
    port = shard.server->port();
  }
  const auto refused = http_post_json("127.0.0.1", port, "/", "{}");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("127.0.0.1:" + std::to_string(port)), std::string::npos);
  const auto injected = http_post_json("127.0.0.1", port, "/ HTTP/1.1\r\nA: b", "{}");
  ASSERT_FALSE(injected);
  EXPECT_EQ(injected.error().code, ErrorCode::invalid_argument);
}

TEST(HttpClient, GivesUpInTime) {
  Shard shard{ServerOptions{}};  // never answers
  HttpFetch fetch;
  fetch.port = shard.server->port();
  fetch.timeout_ms = 50;
  const auto reply = http_fetch(fetch);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace clearline::net
