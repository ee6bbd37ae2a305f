// A room: every text message goes to everybody in it. Shows what a server with many subscribers needs:
//
// - a message is framed once, and all connections share its bytes (SharedFrame);
// - who does not take what it is sent is closed with 1013 when its queue is full, so it costs nobody else anything;
// - a deadline for each connection, which costs no timer: a ping when it was silent for long, then the end (3008).
#include <signal.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string_view>
#include <thread>
#include <unordered_map>

#include "clearline/base/log.h"
#include "clearline/net/loop.h"
#include "clearline/net/server.h"
#include "command_line.h"

namespace {

using namespace clearline;

struct Options {
  net::ServerOptions server;
  std::int64_t heartbeat_ms = 25'000;
};

class Room final : public net::ServerHandler {
 public:
  explicit Room(std::int64_t heartbeat_ms) : heartbeat_ms_(heartbeat_ms) {}
  void attach(net::Server& server) { server_ = &server; }

  void on_request(net::ConnectionId id, const http::Request&) override {
    server_->respond(id, http::Response::text(404, "Only WebSockets here.\n"));
  }
  net::UpgradeDecision on_upgrade(net::ConnectionId, const http::Request&, const ws::Upgrade&) override {
    return net::UpgradeDecision::accept();
  }

  void on_open(net::Connection& connection) override {
    members_[connection.id()] = {};
    expect_life(connection);
    log_info("joined id={} members={}", connection.id().value(), members_.size());
  }

  void on_message(net::Connection& connection, ws::MessageKind kind, std::string_view text) override {
    expect_life(connection);
    if (kind != ws::MessageKind::text) return connection.close(registry::Cause::unsupported_data);  // 1003
    // Text that arrives is valid UTF-8; so is what we send. To members on other shards, the same frame would go by
    // their loops' post(): its count of references is atomic.
    const ws::SharedFrame frame = ws::make_shared_frame(ws::Opcode::text, ws::as_payload(text));
    server_->for_each([&](net::Connection& member) { member.send(frame); });
  }

  void on_pong(net::Connection& connection, std::string_view) override { expect_life(connection); }

  // Silent for heartbeat_ms: ask. Still silent for as long again: gone, although TCP does not say so.
  void on_deadline(net::Connection& connection) override {
    Member& member = members_[connection.id()];
    if (member.asked) return connection.close(registry::Cause::heartbeat_timeout);
    member.asked = true;
    connection.send_ping();
    connection.set_deadline({connection.loop().now().ms + heartbeat_ms_});
  }

  // Limits::outgoing_bytes_max is reached; the library closes with 1013 after this call.
  void on_slow_consumer(net::Connection& connection) override {
    log_warning("too slow id={} queued_bytes={}", connection.id().value(), connection.queued_bytes());
  }

  void on_end(net::ConnectionId id, void*, const ws::End& end) override {
    members_.erase(id);
    log_info("left id={} status={} cause={} origin={} clean={} members={}", id.value(), end.status,
             registry::cause_name(end.cause), registry::origin_name(end.origin), end.clean, members_.size());
  }

 private:
  struct Member {
    bool asked = false;  // by a ping that is not answered yet
  };

  void expect_life(net::Connection& connection) {
    members_[connection.id()].asked = false;
    connection.set_deadline({connection.loop().now().ms + heartbeat_ms_});
  }

  net::Server* server_ = nullptr;
  std::int64_t heartbeat_ms_;
  std::unordered_map<net::ConnectionId, Member> members_;  // of those that are open
};

Options parse_options(int argc, char** argv) {
  CommandLine arguments(argc, argv, "broadcast", "[--port N] [--host ADDRESS] [--heartbeat-ms N] [--queue-max BYTES]");
  Options options;
  options.server.limits.message_bytes_max = std::uint64_t{64} << 10;
  options.server.limits.outgoing_bytes_max = std::size_t{1} << 20;
  while (arguments.next()) {
    if (arguments.is("--port")) {
      options.server.port = arguments.number<std::uint16_t>(0, 65535);
    } else if (arguments.is("--host")) {
      options.server.address = arguments.value();
    } else if (arguments.is("--heartbeat-ms")) {
      options.heartbeat_ms = arguments.number<std::int64_t>(1, 3'600'000);
    } else if (arguments.is("--queue-max")) {
      options.server.limits.outgoing_bytes_max = arguments.number<std::size_t>(1, std::size_t{1} << 30);
    } else {
      arguments.fail_unknown();
    }
  }
  return options;
}

int fail(const Error& error) {
  std::fprintf(stderr, "broadcast: %s\n", error.message.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse_options(argc, argv);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // for sigwait() below; inherited by the loop's thread

  auto loop = net::Loop::create();
  if (!loop) return fail(loop.error());
  Room room(options.heartbeat_ms);
  auto server = net::Server::listen(**loop, options.server, room);
  if (!server) return fail(server.error());
  room.attach(**server);
  std::printf("listening on %s\n", (*server)->address_text().c_str());
  std::fflush(stdout);
  std::thread thread([&] { (*loop)->run(); });

  int signal = 0;
  sigwait(&signals, &signal);
  // 1012 tells the clients to come back in a while; the last answer, or a timeout, ends the loop.
  (*loop)->post([&] { (*server)->shut_down(registry::Cause::drain, [&] { (*loop)->stop(); }); });
  thread.join();
  return 0;
}
