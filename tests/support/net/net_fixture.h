// A server on a loop that the test turns itself, an application that records what it is told, and a peer of plain
// bytes. Everything is in one thread, so nothing depends on timing: pump_until() turns the loop until what must happen
// has happened.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/client.h"
#include "net/file_descriptor.h"
#include "net/loop.h"
#include "net/server.h"
#include "ws/frame.h"

namespace clearline::net {

// How long a test waits for what must come; reached only by a test that fails.
inline constexpr std::int64_t patience_ms = 20'000;

struct RecordedEnd {
  ConnectionId id;
  void* user;
  ws::End end;
};

// Records, and calls what the test put in for the occasion.
class RecordingHandler : public ServerHandler {
 public:
  void on_request(ConnectionId id, const http::Request& request) override {
    requests.push_back(std::string(request.method) + " " + std::string(request.target) + " " +
                       std::string(request.body));
    if (request_hook) request_hook(id, request);
  }
  UpgradeDecision on_upgrade(ConnectionId id, const http::Request& request, const ws::Upgrade& upgrade) override {
    return upgrade_hook ? upgrade_hook(id, request, upgrade) : UpgradeDecision::accept();
  }
  void on_open(Connection& connection) override {
    opened.push_back(connection.id());
    if (open_hook) open_hook(connection);
  }
  void on_message(Connection& connection, ws::MessageKind kind, std::string_view payload) override {
    if (record_messages) messages.emplace_back(payload);
    ++message_count;
    if (message_hook) message_hook(connection, kind, payload);
  }
  void on_pong(Connection& connection, std::string_view payload) override {
    pongs.emplace_back(payload);
    if (pong_hook) pong_hook(connection);
  }
  void on_deadline(Connection& connection) override {
    ++deadlines;
    if (deadline_hook) deadline_hook(connection);
  }
  void on_drained(Connection& connection) override {
    ++drained;
    if (drained_hook) drained_hook(connection);
  }
  void on_slow_consumer(Connection& connection) override {
    ++slow_consumers;
    if (slow_hook) slow_hook(connection);
  }
  void on_end(ConnectionId id, void* user, const ws::End& end) override {
    ends.push_back({id, user, end});
    if (end_hook) end_hook(id);
  }

  std::function<void(ConnectionId, const http::Request&)> request_hook;
  std::function<UpgradeDecision(ConnectionId, const http::Request&, const ws::Upgrade&)> upgrade_hook;
  std::function<void(Connection&)> open_hook;
  std::function<void(Connection&, ws::MessageKind, std::string_view)> message_hook;
  std::function<void(Connection&)> pong_hook;
  std::function<void(Connection&)> deadline_hook;
  std::function<void(Connection&)> drained_hook;
  std::function<void(Connection&)> slow_hook;
  std::function<void(ConnectionId)> end_hook;

  std::vector<std::string> requests;
  std::vector<ConnectionId> opened;
  std::vector<std::string> messages;
  std::vector<std::string> pongs;
  std::vector<RecordedEnd> ends;
  bool record_messages = true;
  int message_count = 0;
  int deadlines = 0;
  int drained = 0;
  int slow_consumers = 0;
};

inline void echo(Connection& connection, ws::MessageKind kind, std::string_view payload) {
  if (kind == ws::MessageKind::text) {
    connection.send_text(payload);
  } else {
    connection.send_binary(payload);
  }
}

// A masked frame as a client sends it.
std::string client_frame(ws::Opcode opcode, std::string_view payload, bool fin = true);
// "\x03\xe8" and the reason.
std::string close_payload(std::uint16_t code, std::string_view reason = {});
// An opening handshake with the key of RFC 6455 section 1.3.
std::string upgrade_request(std::string_view more_headers = {}, std::string_view target = "/");

struct ServerFrame {
  ws::Opcode opcode;
  std::string payload;
};

class NetTest : public ::testing::Test {
 protected:
  NetTest();

  // With `options` as the test has set them.
  void listen();
  // Turns the loop until the condition holds; fails the test when it never does.
  void pump_until(const std::function<bool()>& condition, const char* what);
  // Turns it while there is something ready.
  void pump_idle();

  ServerOptions options;
  RecordingHandler handler;
  std::unique_ptr<Loop> loop;
  std::unique_ptr<Server> server;
};

// A connection of plain bytes to the server of a NetTest.
class RawPeer {
 public:
  explicit RawPeer(std::uint16_t port, int receive_buffer_bytes = 0);
  explicit RawPeer(const SocketAddress& address, int receive_buffer_bytes = 0);

  void send(std::string_view bytes);
  // What has arrived, without waiting.
  std::string& received();
  [[nodiscard]] bool eof();
  [[nodiscard]] bool reset();
  void shut_down_sending();
  // Closes with a reset instead of a FIN.
  void reset_connection();
  void close() { fd_.reset(); }
  [[nodiscard]] int fd() const { return fd_.get(); }

  // Takes the next whole frame off what was received.
  std::optional<ServerFrame> take_frame();
  // Takes the HTTP answer off what was received when it is whole: head and body by Content-Length.
  std::optional<std::string> take_response(bool head_only = false);

 private:
  FileDescriptor fd_;
  std::string received_;
  bool eof_ = false;
  bool reset_ = false;
};

}  // namespace clearline::net
