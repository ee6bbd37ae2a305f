// The client's side of connections before they are open: name, TCP, opening handshake. Not part of the public
// interface.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/parser.h"
#include "net/client.h"
#include "net/endpoint.h"
#include "net/resolver.h"
#include "ws/handshake.h"

namespace clearline::net {

// Freed when the connection opens.
struct Connection::ClientHandshake {
  explicit ClientHandshake(const ConnectOptions& connect_options);

  ConnectOptions options;
  std::vector<ws::Extension> offers;
  std::string host_field;
  std::string key;
  std::vector<SocketAddress> addresses;
  std::size_t next_address = 0;
  http::ResponseParser parser;
  std::string detail;  // what went wrong last, for the End's reason
};

class ClientEndpoint final : public Endpoint {
 public:
  ClientEndpoint(Loop& loop, const ClientOptions& options, ConnectionHandler& handler);

  [[nodiscard]] Result<ConnectionId> connect(const ConnectOptions& options);
  void abort(ConnectionId id);

 private:
  void early_input(Connection& connection, std::span<char> bytes) override;
  void early_writable(Connection& connection) override;
  void early_deadline(Connection& connection) override;
  void early_end(Connection& connection, registry::Cause cause) override;
  [[nodiscard]] bool early_eof(Connection& connection) override;
  void early_secured(Connection& connection) override;
  void early_tls_failed(Connection& connection, const TlsFailure& failure) override;

  void resolved(ConnectionId id, const Result<std::vector<SocketAddress>>& addresses);
  void try_next_address(Connection& connection);
  [[nodiscard]] bool try_address(Connection& connection, const SocketAddress& address);
  void start_tls(Connection& connection);
  void send_request(Connection& connection);
  void check_response(Connection& connection, std::span<char> rest);
  void check_extensions(Connection& connection, const ws::Agreed& agreed, std::span<char> rest);
  void fail_handshake(Connection& connection, registry::Cause cause, std::string detail);

  Resolver resolver_;
};

}  // namespace clearline::net
