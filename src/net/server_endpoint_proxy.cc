// ServerEndpoint: what proxies say about their clients.
#include <fmt/core.h>
#include <sys/socket.h>

#include <cerrno>
#include <span>

#include "base/log.h"
#include "net/http_exchange.h"
#include "net/proxied.h"
#include "net/proxy_protocol.h"
#include "net/server_endpoint.h"

namespace clearline::net {

void ServerEndpoint::await_proxy_header(Connection& connection) {
  connection.phase_ = Phase::proxy;
  const auto address = SocketAddress::peer_of(connection.fd_);
  // A header from anybody else is a lie; and without one nobody is to be served here.
  if (!address || !contains(options_.trusted_proxies, *address)) {
    refuse_proxy(connection, "this address is not a trusted proxy");
  }
}

// Looked at first, and then taken off to the last byte of the header and no further: what follows is for TLS or HTTP,
// which read the socket themselves.
void ServerEndpoint::early_readable(Connection& connection) {
  const std::span<char> buffer = loop().receive_buffer().first(proxy_header_bytes_max);
  const ssize_t count = ::recv(connection.fd_, buffer.data(), buffer.size(), MSG_PEEK | MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count > 0) return take_proxy_header(connection, buffer.first(static_cast<std::size_t>(count)));
  // Proxies look whether a port is open by connecting and saying nothing.
  if (connection.proxied_) return refuse_proxy(connection, "the connection ended inside its PROXY header");
  close_transport(connection);
}

void ServerEndpoint::take_proxy_header(Connection& connection, std::span<char> peeked) {
  if (!connection.proxied_) connection.proxied_ = std::make_unique<Connection::Proxied>();
  Connection::Proxied& proxied = *connection.proxied_;
  const std::size_t before = proxied.unfinished_header.size();
  proxied.unfinished_header.append(peeked.data(), peeked.size());
  const ProxyParse parsed = parse_proxy_header(std::as_bytes(std::span(proxied.unfinished_header)));
  if (parsed.status == ProxyParse::Status::invalid) return refuse_proxy(connection, parsed.error);
  const bool complete = parsed.status == ProxyParse::Status::complete;
  const std::size_t taken = complete ? parsed.bytes - before : peeked.size();
  const ssize_t count = ::recv(connection.fd_, peeked.data(), taken, MSG_DONTWAIT);
  if (count != static_cast<ssize_t>(taken)) return refuse_proxy(connection, "the PROXY header could not be read");
  if (!complete) return;
  connection.phase_ = Phase::http;
  if (!parsed.header.source && !parsed.header.encrypted) return connection.proxied_.reset();
  proxied.address = parsed.header.source;
  proxied.encrypted = parsed.header.encrypted;
  proxied.unfinished_header = {};
}

// The specification asks for nothing but the end: who speaks no PROXY protocol may speak no HTTP either.
void ServerEndpoint::refuse_proxy(Connection& connection, std::string_view why) {
  ++proxy_refusals_;
  if (const auto suppressed = proxy_complaints_.take(loop().now())) {
    const auto address = SocketAddress::peer_of(connection.fd_);
    const std::string more = *suppressed > 0 ? fmt::format(" suppressed={}", *suppressed) : std::string();
    log_warning("connection refused peer={} reason=\"{}\" refused={}{}", address ? address->text() : "unknown", why,
                proxy_refusals_, more);
  }
  close_transport(connection);
}

void ServerEndpoint::trace_request(Connection& connection, const http::Request& request) const {
  if (options_.trusted_proxies.empty() || options_.proxy_headers == ProxyHeaders::none) return;
  auto source = source_of(connection);
  if (!source || !contains(options_.trusted_proxies, source->address)) return;
  connection.http_->source =
      trace_source(*std::move(source), request.headers, options_.trusted_proxies, options_.proxy_headers);
}

Result<RequestSource> ServerEndpoint::source_of(const Connection& connection) const {
  if (connection.http_ && connection.http_->source) return *connection.http_->source;
  CLEARLINE_TRY(const SocketAddress address, connection.peer_address());
  const bool by_proxy = connection.proxied_ && connection.proxied_->encrypted;
  return RequestSource{address, connection.encrypted_ || by_proxy, {}};
}

void ServerEndpoint::remember_source(Connection& connection, const RequestSource& source) {
  if (!connection.proxied_) connection.proxied_ = std::make_unique<Connection::Proxied>();
  connection.proxied_->address = source.address;
  connection.proxied_->encrypted = source.encrypted;
}

}  // namespace clearline::net
