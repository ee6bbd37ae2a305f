// The connections of one loop: HTTP/1.1 requests, and WebSockets by upgrade. A program with several loops gives each
// its own Server, and lets Listeners (listener.h) spread the connections over them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/parser.h"
#include "http/request.h"
#include "http/response.h"
#include "net/address_range.h"
#include "net/connection.h"
#include "net/loop.h"
#include "net/request_source.h"
#include "net/task.h"
#include "ws/handshake.h"

namespace clearline::net {

class Listener;
class ServerEndpoint;
class TlsServerContext;
struct ServerIntake;

struct ServerOptions {
  // For Server::listen alone: a numeric address and a port, or "unix:/path" and no port. ListenOptions have more.
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: any free one; Server::port() says which
  int backlog = 4096;
  bool reuse_port = false;       // SO_REUSEPORT
  std::uint8_t shard_index = 0;  // part of every ConnectionId
  // Beyond it, requests are answered with 503 and Retry-After; far beyond it, connections are dropped at once. Servers
  // that share a Listener are counted together.
  std::size_t connections_max = 100'000;
  // Whose word about the client counts: headers of the PROXY protocol are taken from them alone, and so are header
  // fields that name the client (proxy_headers). Unix sockets are trusted by the range "unix:".
  std::vector<AddressRange> trusted_proxies;
  // Which fields the trusted proxies write. They must overwrite or append to what the client sent of this kind.
  ProxyHeaders proxy_headers = ProxyHeaders::x_forwarded;
  // HTTPS and wss instead of HTTP and ws; net/tls/server_context.h loads it. The same one for all loops.
  std::shared_ptr<const TlsServerContext> tls;
  Limits limits;
  // permessage-deflate for the clients that offer it; nothing: declined.
  std::optional<ws::DeflateOptions> deflate = {};
  http::ParserLimits http;
  // Between two requests of a connection that stays open.
  std::int64_t http_idle_timeout_ms = 60'000;
  // From on_request to respond(); then the client gets 503.
  std::int64_t response_timeout_ms = 60'000;
};

// The verdict on an upgrade request that is right by RFC 6455.
struct UpgradeDecision {
  // Accepts; a subprotocol must be one that the client offered, empty for none.
  [[nodiscard]] static UpgradeDecision accept(std::string_view subprotocol = {}, void* user = nullptr) {
    return {.subprotocol = std::string(subprotocol), .user = user};
  }
  // A browser shows any refusal as 1006: what a page must understand is accepted, then closed with its code.
  [[nodiscard]] static UpgradeDecision refuse(http::Response response) { return {.refusal = std::move(response)}; }

  std::string subprotocol = {};
  void* user = nullptr;
  // False: uncompressed, whatever ServerOptions::deflate says.
  bool deflate = true;
  std::optional<http::Response> refusal = {};
};

class ServerHandler : public ConnectionHandler {
 public:
  // A request that asks for no WebSocket. Answer it by Server::respond, at once or later (then from a posted task); the
  // connection's next request waits meanwhile. The request's views live as long as the call.
  virtual void on_request(ConnectionId id, const http::Request& request) = 0;
  // A valid opening handshake; `upgrade` has its Origin and subprotocols. on_open follows an acceptance at once.
  virtual UpgradeDecision on_upgrade(ConnectionId id, const http::Request& request, const ws::Upgrade& upgrade) = 0;

 protected:
  ~ServerHandler() = default;
};

class Server {
 public:
  // Has no connections until a Listener gives it some. Loop and handler must outlive the server.
  [[nodiscard]] static std::unique_ptr<Server> create(Loop& loop, const ServerOptions& options, ServerHandler& handler);
  // The same with a Listener of its own, which listens when it returns.
  [[nodiscard]] static Result<std::unique_ptr<Server>> listen(Loop& loop, const ServerOptions& options,
                                                              ServerHandler& handler);
  // Drops what is left of the connections, without callbacks.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Of its own Listener; 0 and "" without one. Server::listen("unix:…") has port 0.
  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::string address_text() const;  // "127.0.0.1:8080"

  // Answers the request that on_request handed over for this id. False when its connection is gone or has no request
  // waiting.
  bool respond(ConnectionId id, http::Response response);
  // The peer of a connection that may not be a WebSocket (yet): source().address.
  [[nodiscard]] Result<SocketAddress> peer_address(ConnectionId id) const;
  // Where the connection's current request comes from; inside on_request and on_upgrade, and until respond().
  [[nodiscard]] Result<RequestSource> source(ConnectionId id) const;
  // Connections to listeners with proxy_protocol that were closed: from an untrusted address, or without a right
  // header.
  [[nodiscard]] std::uint64_t proxy_refusals() const;

  // New certificates, for connections that come from now on; those that are there keep theirs. Only for a server that
  // began with TLS.
  void set_tls(std::shared_ptr<const TlsServerContext> tls);

  // Null for one that ended, or is not a WebSocket.
  [[nodiscard]] Connection* find(ConnectionId id) const;
  // Every open WebSocket. The function may close and send.
  void for_each(const std::function<void(Connection&)>& function);

  // WebSockets that have not ended.
  [[nodiscard]] std::size_t open_count() const;
  // TCP connections, those that are being closed included: zero when a drain is done.
  [[nodiscard]] std::size_t connection_count() const;

  // First step of a drain: idle HTTP connections are closed, requests still get their answer and upgrades get 503. The
  // port stays open, so that who asks is told. Open WebSockets stay: closing them, in batches and with which code, is
  // the application's policy.
  void begin_drain();
  // Begins the drain if that was not done, and stops its own Listener. Other Listeners are stopped before.
  void stop_accepting();
  // All of it at once, for who has no policy of its own: stops accepting, closes every WebSocket with the code of the
  // cause (drain: 1012, the clients come back; server_stopped: 1001), and runs `done` in a later turn, when the last
  // connection is gone. What peers hold up ends by the timeouts of Limits and ServerOptions. On the loop's thread.
  void shut_down(registry::Cause cause, Task done);

  // For Listener.
  [[nodiscard]] const std::shared_ptr<ServerIntake>& intake() const;

 private:
  Server(Loop& loop, const ServerOptions& options, ServerHandler& handler);

  std::unique_ptr<ServerEndpoint> endpoint_;
  std::unique_ptr<Listener> listener_;
};

}  // namespace clearline::net
