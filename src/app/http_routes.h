// The server's HTTP surface: the embedded web client, sign-in and sessions, status. See docs/reference/protocol.md
// section 9. Bound to one shard.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "app/server_context.h"
#include "http/request.h"
#include "http/response.h"
#include "net/connection.h"
#include "net/request_source.h"

namespace clearline::app {

class HttpRoutes {
 public:
  // Answers a request that was kept for later, from any thread.
  using RespondLater = std::function<void(net::ConnectionId, http::Response)>;
  // Ends the connections of a session that was signed out.
  using SignedOut = std::function<void(const TokenHash&)>;

  HttpRoutes(ServerContext& context, RespondLater respond_later, SignedOut signed_out);

  // The answer, or nothing: it comes by RespondLater. `source` has the client's address, and the host and scheme that
  // it asked for, as far as trusted proxies know better than the request.
  [[nodiscard]] std::optional<http::Response> handle(net::ConnectionId id, const http::Request& request,
                                                     const net::RequestSource& source);

 private:
  http::Response serve_asset(const http::Request& request) const;
  http::Response status() const;
  http::Response widget(const http::Request& request, const net::RequestSource& source) const;
  std::optional<http::Response> sign_in(net::ConnectionId id, const http::Request& request,
                                        const net::RequestSource& source);
  std::optional<http::Response> session(net::ConnectionId id, const http::Request& request);
  std::optional<http::Response> ticket(net::ConnectionId id, const http::Request& request);
  std::optional<http::Response> sign_out(net::ConnectionId id, const http::Request& request,
                                         const net::RequestSource& source);

  ServerContext& context_;
  RespondLater respond_later_;
  SignedOut signed_out_;
};

}  // namespace clearline::app
