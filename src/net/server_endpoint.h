// The server's side of connections before they are WebSockets: HTTP requests one after the other, and upgrades. Not
// part of the public interface.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "http/response.h"
#include "net/endpoint.h"
#include "net/file_descriptor.h"
#include "net/log_limit.h"
#include "net/server.h"
#include "net/server_intake.h"

namespace clearline::net {

class ServerEndpoint final : public Endpoint {
 public:
  ServerEndpoint(Loop& loop, const ServerOptions& options, ServerHandler& handler);

  ~ServerEndpoint() override;

  [[nodiscard]] const std::shared_ptr<ServerIntake>& intake() const { return intake_; }
  // Takes over an accepted socket, on the loop's thread; drops it when the server is gone.
  static void take(ServerIntake& intake, FileDescriptor fd, const Accepted& accepted);
  bool respond(ConnectionId id, http::Response response);
  [[nodiscard]] Result<RequestSource> source_of(const Connection& connection) const;
  [[nodiscard]] std::uint64_t proxy_refusals() const { return proxy_refusals_; }
  void begin_drain();
  void set_tls(std::shared_ptr<const TlsServerContext> tls) { options_.tls = std::move(tls); }

 private:
  void accept(FileDescriptor fd, const Accepted& accepted);
  void released(std::size_t connections) override;

  void early_readable(Connection& connection) override;
  void early_input(Connection& connection, std::span<char> bytes) override;
  void early_deadline(Connection& connection) override;
  void early_end(Connection& connection, registry::Cause cause) override;
  void early_flushed(Connection& connection) override;
  void early_resume(Connection& connection) override;
  [[nodiscard]] bool early_eof(Connection& connection) override;
  [[nodiscard]] bool begin_tls(Connection& connection, std::span<char> bytes) override;
  void early_tls_failed(Connection& connection, const TlsFailure& failure) override;

  // The PROXY protocol and header fields of proxies (server_endpoint_proxy.cc).
  void await_proxy_header(Connection& connection);
  void take_proxy_header(Connection& connection, std::span<char> peeked);
  void refuse_proxy(Connection& connection, std::string_view why);
  static void remember_source(Connection& connection, const RequestSource& source);
  void trace_request(Connection& connection, const http::Request& request) const;

  void parse(Connection& connection, std::span<char> bytes);
  void handle_request(Connection& connection, std::span<char> rest);
  void handle_upgrade(Connection& connection, const http::Request& request, std::span<char> rest);
  void answer(Connection& connection, http::Response response);
  void refuse(Connection& connection, int status, std::string_view text, http::Response response);
  void refuse_tls(Connection& connection);
  void next_request(Connection& connection);
  void write_body(Connection& connection, http::Response response);
  [[nodiscard]] std::string peer_text(const Connection& connection) const;

  ServerHandler& server_handler_;
  ServerOptions options_;
  LogLimit tls_failures_;
  LogLimit proxy_complaints_;
  std::uint64_t proxy_refusals_ = 0;
  std::shared_ptr<ServerIntake> intake_;
  bool draining_ = false;
};

}  // namespace clearline::net
