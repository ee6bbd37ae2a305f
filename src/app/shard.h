// One loop's share of the server: its connections, their sessions, and who watches what. Everything but post() runs on
// the loop's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "app/http_routes.h"
#include "app/inbox_feed.h"
#include "app/page_reader.h"
#include "app/server_context.h"
#include "app/session.h"
#include "hub/hub.h"
#include "net/loop.h"
#include "net/server.h"
#include "net/tls/server_context.h"
#include "wire/commands.h"
#include "ws/shared_frame.h"

namespace clearline::app {

// Why the server ends a connection, and what the client is told before the Close.
struct Farewell {
  registry::Cause cause = registry::Cause::purpose_fulfilled;
  std::string message{};  // empty: the registry's text of the cause
  std::int64_t retry_after_ms = 0;
  std::int64_t spread_ms = 0;
  bool resume = true;
};

class Shard final : private net::ServerHandler, private hub::Output {
 public:
  Shard(ServerContext& context, std::uint8_t index);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  // Has a loop and a server then, which the listeners give their connections to.
  [[nodiscard]] Result<void> open(const net::ServerOptions& options);
  [[nodiscard]] net::Server& net_server() { return *server_; }
  [[nodiscard]] net::Loop& loop() { return *loop_; }
  void run() { loop_->run(); }

  // From the bus and the log writer.
  void deliver(const bus::Messages& messages);
  void deliver_outcomes(const std::vector<Outcome>& outcomes);

  // Sites or agents changed: sessions that lost their right end.
  void directory_changed();
  void sign_out(const TokenHash& session);

  // Drain: no new WebSockets or commands from now on; HTTP is still answered, and says so.
  void begin_drain();
  // Behind the end of all listeners: what still asks is answered, and nothing is kept open.
  void stop_accepting();
  void set_tls(std::shared_ptr<const net::TlsServerContext> tls) { server_->set_tls(std::move(tls)); }
  // Says farewell to everybody, in batches over spread_ms.
  void say_farewell_to_all(const Farewell& farewell);
  [[nodiscard]] std::size_t connection_count() const { return server_->connection_count(); }
  [[nodiscard]] std::size_t open_count() const { return server_->open_count(); }

 private:
  // net::ServerHandler
  void on_request(net::ConnectionId id, const http::Request& request) override;
  void respond(net::ConnectionId id, http::Response response);
  net::UpgradeDecision on_upgrade(net::ConnectionId id, const http::Request& request,
                                  const ws::Upgrade& upgrade) override;
  void on_open(net::Connection& connection) override;
  void on_message(net::Connection& connection, ws::MessageKind kind, std::string_view payload) override;
  void on_deadline(net::Connection& connection) override;
  void on_slow_consumer(net::Connection& connection) override;
  void on_end(net::ConnectionId id, void* user, const ws::End& end) override;

  // hub::Output
  void send(hub::Member member, const std::shared_ptr<const std::string>& payload) override;
  void reply(hub::Member member, const std::string& payload) override;
  void repair(hub::Member member, ConversationId conversation, hub::ReadNumber read, Seq after) override;

  // Commands, one function a type (shard_commands.cc).
  void handle(net::Connection& connection, Session& session, wire::Hello& hello);
  void handle(net::Connection& connection, Session& session, wire::Send& command);
  void handle(net::Connection& connection, Session& session, const wire::Watch& command);
  void handle(net::Connection& connection, Session& session, const wire::Unwatch& command);
  void handle(net::Connection& connection, Session& session, const wire::History& command);
  void handle(net::Connection& connection, Session& session, const wire::Typing& command);
  void handle(net::Connection& connection, Session& session, const wire::Receipt& command);
  void handle(net::Connection& connection, Session& session, const wire::Inbox& command);
  void handle(net::Connection& connection, Session& session, const wire::CloseConversation& command);
  void handle(net::Connection& connection, Session& session, const wire::Ping& command);
  void hello_visitor(net::Connection& connection, Session& session, wire::Hello& hello);
  void hello_agent(net::Connection& connection, Session& session, wire::Hello& hello);
  void submit(net::Connection& connection, Session& session, wire::RequestId id, chat::LogCommand command);

  // Watching (shard_watch.cc): subscribe first, then read, then deliver.
  using Request = std::optional<wire::RequestId>;
  struct WatchRead {
    Request request;  // none: the server's own, behind hello
    ConversationId conversation;
    std::optional<wire::ResumePoint> after;
    hub::ReadNumber number = 0;
  };
  void watch(net::Connection& connection, Session& session, Request id, ConversationId conversation,
             const std::optional<wire::ResumePoint>& after);
  void watch_read(net::Connection& connection, Session& session, const WatchRead& read, Result<LogPage> page);
  void watch_later(net::Connection& connection, Session& session, const WatchRead& read);
  void watch_empty(net::Connection& connection, Session& session, const WatchRead& read);
  void repair_read(net::Connection& connection, ConversationId conversation, hub::ReadNumber read, Seq after,
                   Result<LogPage> page);
  void catch_up(net::Connection& connection, ConversationId conversation, hub::ReadNumber read, Seq up_to);
  void send_events(net::Connection& connection, ConversationId conversation,
                   const std::vector<std::string>& events_json);
  [[nodiscard]] bool may_see(const Session& session, const chat::Conversation& conversation) const;
  // Runs on the reading thread; `done` runs here, unless the connection has gone. False: too much is queued.
  template <typename Value>
  [[nodiscard]] bool read(net::ConnectionId id, std::function<Result<Value>(chat::Reader&)> task,
                          std::function<void(net::Connection&, Session&, Result<Value>)> done);

  void reply_error(net::Connection& connection, Session& session, Request id, registry::ErrorName name,
                   std::string_view message, std::optional<std::int64_t> retry_after_ms = std::nullopt);
  void reply_busy(net::Connection& connection, Session& session, Request id);
  void farewell(net::Connection& connection, const Farewell& words);
  void farewell(net::Connection& connection, registry::Cause cause) { farewell(connection, Farewell{.cause = cause}); }
  void push_deadline(net::Connection& connection, Session& session);
  void publish(bus::Topic topic, std::string payload, std::uint64_t except = 0);
  void left(const Session& session);
  void visitor_may_be_gone(const VisitorIdentity& visitor, Presence::Departure departure);
  void flush_inboxes();
  [[nodiscard]] static Session& session_of(net::Connection& connection) {
    return *static_cast<Session*>(connection.user());
  }

  ServerContext& context_;
  const std::uint8_t index_;
  std::unique_ptr<net::Loop> loop_;
  hub::Hub hub_;
  InboxFeed inboxes_;
  HttpRoutes routes_;
  bool draining_ = false;
  // The frame made last: a fan-out asks for the same one many times in a row.
  std::shared_ptr<const std::string> framed_payload_;
  ws::SharedFrame frame_;
  std::unique_ptr<net::Server> server_;
};

template <typename Value>
bool Shard::read(net::ConnectionId id, std::function<Result<Value>(chat::Reader&)> task,
                 std::function<void(net::Connection&, Session&, Result<Value>)> done) {
  return context_.reading->submit([this, id, task = std::move(task), done = std::move(done)]() mutable {
    auto result = std::make_shared<Result<Value>>(task(*context_.reader));
    loop_->post([this, id, result, done = std::move(done)] {
      net::Connection* connection = server_->find(id);
      if (connection != nullptr && connection->is_open())
        done(*connection, session_of(*connection), std::move(*result));
    });
  });
}

}  // namespace clearline::app
