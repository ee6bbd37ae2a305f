// A client on the test's loop, against our server or one of plain bytes.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/client.h"
#include "support/net/net_fixture.h"

namespace clearline::net {

// Accepts one connection and plays a script, in the test's thread.
class FakeServer {
 public:
  FakeServer() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    const auto address = SocketAddress::parse("127.0.0.1", 0);
    EXPECT_EQ(::bind(listener_.get(), address->data(), address->size()), 0);
    EXPECT_EQ(::listen(listener_.get(), 8), 0);
  }
  [[nodiscard]] std::uint16_t port() const { return SocketAddress::local_of(listener_.get())->port(); }
  // True once a client has sent its whole request.
  bool accepted_request() {
    if (!peer_) peer_ = FileDescriptor(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!peer_) return false;
    std::array<char, 4096> buffer;
    const ssize_t count = ::recv(peer_.get(), buffer.data(), buffer.size(), 0);
    if (count > 0) request.append(buffer.data(), static_cast<std::size_t>(count));
    return request.find("\r\n\r\n") != std::string::npos;
  }
  void answer(std::string_view text) {
    EXPECT_EQ(::send(peer_.get(), text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }
  [[nodiscard]] std::string accept_header() const {
    const auto position = request.find("Sec-WebSocket-Key: ") + 19;
    return ws::accept_value(request.substr(position, request.find("\r\n", position) - position));
  }
  // The whole answer that opens the WebSocket, and frames behind it.
  void accept_upgrade(std::string_view frames = {}) {
    answer("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
           accept_header() + "\r\n\r\n" + std::string(frames));
  }
  // What has arrived behind the request, without waiting; masked.
  std::string& received() {
    std::array<char, 65536> buffer;
    while (peer_) {
      const ssize_t count = ::recv(peer_.get(), buffer.data(), buffer.size(), 0);
      if (count == 0) eof_ = true;
      if (count <= 0) break;
      received_.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return received_;
  }
  [[nodiscard]] bool eof() {
    received();
    return eof_;
  }
  void shut_down_sending() { ::shutdown(peer_.get(), SHUT_WR); }
  void reset_connection() {
    const linger at_once{1, 0};
    ::setsockopt(peer_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    peer_.reset();
  }
  void close() { peer_.reset(); }

  std::string request;

 private:
  FileDescriptor listener_;
  FileDescriptor peer_;
  std::string received_;
  bool eof_ = false;
};

class ClientTest : public NetTest {
 protected:
  void start_client() { client = std::make_unique<Client>(*loop, client_options, client_handler); }
  ConnectionId connect(const ConnectOptions& connect_options) {
    const auto id = client->connect(connect_options);
    EXPECT_TRUE(id) << id.error().message;
    return id.value_or(ConnectionId{});
  }
  ConnectOptions to_server() {
    ConnectOptions connect_options;
    connect_options.port = server->port();
    return connect_options;
  }
  // Connects and waits for both sides.
  Connection& open() {
    const ConnectionId id = connect(to_server());
    const std::size_t count = handler.opened.size() + 1;
    pump_until([&] { return client->find(id) != nullptr && handler.opened.size() == count; }, "the handshake");
    return *client->find(id);
  }
  const ws::End& wait_for_client_end() {
    pump_until([&] { return !client_handler.ends.empty(); }, "the client's on_end");
    static const ws::End none{};
    return client_handler.ends.empty() ? none : client_handler.ends.back().end;
  }

  // Connects to a server of bytes, which has the request then.
  ConnectionId connect(FakeServer& fake) {
    ConnectOptions connect_options;
    connect_options.port = fake.port();
    const ConnectionId id = connect(connect_options);
    pump_until([&] { return fake.accepted_request(); }, "the request");
    return id;
  }

  ClientOptions client_options;
  RecordingHandler client_handler;
  std::unique_ptr<Client> client;
};

}  // namespace clearline::net
