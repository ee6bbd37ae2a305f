#include "net/client_endpoint.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/random.h"
#include "http/request.h"
#include "http/token.h"
#include "net/tls/buffers.h"
#include "ws/deflate_negotiation.h"

namespace clearline::net {

namespace {

constexpr std::uint16_t http_port = 80;
constexpr std::uint16_t https_port = 443;
constexpr std::size_t refusal_body_bytes_max = std::size_t{64} << 10;
constexpr std::size_t refusal_excerpt_bytes_max = 200;

http::ParserLimits response_limits() {
  http::ParserLimits limits;
  limits.header_bytes_max = std::size_t{16} << 10;
  limits.body_bytes_max = refusal_body_bytes_max;
  return limits;
}

// RFC 9112 section 3.2: brackets around an IPv6 address, the port only when it is not the scheme's own.
std::string make_host_field(const ConnectOptions& options) {
  std::string field = options.host.find(':') == std::string::npos ? options.host : "[" + options.host + "]";
  if (options.port != (options.tls ? https_port : http_port)) field += ":" + std::to_string(options.port);
  return field;
}

std::string make_random_key() {
  std::array<std::byte, 16> nonce;
  random_bytes(nonce);
  return ws::make_key(nonce);
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// Case never matters, as in the rest of the handshake's lists.
bool names_extension(std::span<const ws::Extension> extensions, std::string_view name) {
  return std::any_of(extensions.begin(), extensions.end(),
                     [&](const ws::Extension& extension) { return http::equal_without_case(extension.name, name); });
}

Result<void> check_extension_names(const ConnectOptions& options) {
  std::vector<std::string_view> names(options.required_extensions.begin(), options.required_extensions.end());
  for (const ws::Extension& extension : options.extensions) names.push_back(extension.name);
  for (const std::string_view name : names) {
    if (http::is_token(name)) continue;
    return fail(ErrorCode::invalid_argument, "'" + std::string(name) + "' is not the name of an extension");
  }
  if (names_extension(options.extensions, ws::deflate_extension_name)) {
    return fail(ErrorCode::invalid_argument, "permessage-deflate is offered by the option for it");
  }
  return {};
}

Result<void> check_options(const ConnectOptions& options) {
  if (options.host.empty() || has_control_character(options.host) || options.host.find(' ') != std::string::npos) {
    return fail(ErrorCode::invalid_argument, "'" + options.host + "' is not a host name");
  }
  if (options.target.empty() || options.target.front() != '/' || has_control_character(options.target) ||
      options.target.find(' ') != std::string::npos) {
    return fail(ErrorCode::invalid_argument, "the target must begin with '/' and have no spaces");
  }
  if (options.unix_path) {
    if (const auto address = SocketAddress::unix_socket(*options.unix_path); !address) {
      return tl::unexpected(address.error());
    }
  }
  for (const http::Header& header : options.headers) {
    if (header.name.empty() || has_control_character(header.name) || has_control_character(header.value)) {
      return fail(ErrorCode::invalid_argument, "header '" + header.name + "' has control characters");
    }
  }
  return check_extension_names(options);
}

// With everything that is required among the offers: a server grants nothing else.
ConnectOptions with_required_offers(ConnectOptions options) {
  for (const std::string& name : options.required_extensions) {
    if (http::equal_without_case(name, ws::deflate_extension_name)) {
      if (!options.deflate) options.deflate.emplace();
    } else if (!names_extension(options.extensions, name)) {
      options.extensions.push_back({.name = name});
    }
  }
  return options;
}

std::vector<ws::Extension> make_offers(const ConnectOptions& options) {
  std::vector<ws::Extension> offers = options.extensions;
  if (options.deflate) offers.insert(offers.begin(), ws::deflate_offer(*options.deflate));
  return offers;
}

// RFC 6455 section 7.4.1: the reason of a 1010 lists what is needed.
std::string missing_extensions(std::span<const std::string> required, std::span<const ws::Extension> granted) {
  std::string missing;
  for (const std::string& name : required) {
    if (names_extension(granted, name)) continue;
    if (!missing.empty()) missing += ", ";
    missing += name;
  }
  return missing;
}

// RFC 6761 section 6.3: never a question for a resolver.
std::optional<std::vector<SocketAddress>> known_addresses(const ConnectOptions& options) {
  if (options.unix_path) return std::vector{*SocketAddress::unix_socket(*options.unix_path)};
  if (auto numeric = SocketAddress::parse(options.host, options.port)) return std::vector{*numeric};
  if (options.host != "localhost") return std::nullopt;
  return std::vector{*SocketAddress::parse("127.0.0.1", options.port), *SocketAddress::parse("::1", options.port)};
}

}  // namespace

Connection::ClientHandshake::ClientHandshake(const ConnectOptions& connect_options)
    : options(with_required_offers(connect_options)),
      offers(make_offers(options)),
      host_field(make_host_field(connect_options)),
      key(make_random_key()),
      parser(response_limits()) {}

ClientEndpoint::ClientEndpoint(Loop& loop, const ClientOptions& options, ConnectionHandler& handler)
    : Endpoint(loop, ws::Role::client, options.shard_index, options.limits, handler), resolver_(loop) {}

Result<ConnectionId> ClientEndpoint::connect(const ConnectOptions& options) {
  CLEARLINE_CHECK(check_options(options));
  Connection* connection = acquire();
  if (connection == nullptr) return fail(ErrorCode::unavailable, "too many connections");
  const ConnectionId id = id_of(*connection);
  connection->phase_ = Phase::connecting;
  connection->user_ = options.user;
  connection->handshake_ = std::make_unique<Connection::ClientHandshake>(options);
  set_deadline_in(*connection, limits().handshake_timeout_ms);
  if (auto addresses = known_addresses(options)) {
    connection->handshake_->addresses = std::move(*addresses);
    try_next_address(*connection);
  } else {
    resolver_.resolve(options.host, [this, id](const auto& found) { resolved(id, found); });
  }
  return id;
}

void ClientEndpoint::abort(ConnectionId id) {
  Connection* connection = find_any(id);
  if (connection == nullptr || connection->phase_ == Phase::dead) return;
  if (connection->fd_ >= 0) return connection->abort(registry::Cause::application_closed);
  fail_later(*connection, registry::Cause::application_closed);
}

void ClientEndpoint::resolved(ConnectionId id, const Result<std::vector<SocketAddress>>& addresses) {
  Connection* connection = find_any(id);
  if (connection == nullptr || connection->phase_ != Phase::connecting || connection->failure_) return;
  if (!addresses) {
    connection->handshake_->detail = addresses.error().message;
    return fail_later(*connection, registry::Cause::name_not_resolved);
  }
  connection->handshake_->addresses = *addresses;
  for (SocketAddress& address : connection->handshake_->addresses) {
    address.set_port(connection->handshake_->options.port);
  }
  try_next_address(*connection);
}

void ClientEndpoint::try_next_address(Connection& connection) {
  Connection::ClientHandshake& handshake = *connection.handshake_;
  while (handshake.next_address < handshake.addresses.size()) {
    if (try_address(connection, handshake.addresses[handshake.next_address++])) return;
  }
  fail_later(connection, registry::Cause::connect_failed);
}

bool ClientEndpoint::try_address(Connection& connection, const SocketAddress& address) {
  const auto failed = [&](const char* call) {
    connection.handshake_->detail = address.text() + ": " + call + ": " + std::strerror(errno);
    if (connection.fd_ >= 0) ::close(std::exchange(connection.fd_, -1));
    return false;
  };
  const int fd = ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return failed("socket");
  connection.fd_ = fd;
  const int on = 1;
  if (!address.is_unix()) (void)::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // a delay at worst
  if (::connect(fd, address.data(), address.size()) != 0 && errno != EINPROGRESS) return failed("connect");
  if (auto adopted = adopt(connection, fd, EPOLLOUT); !adopted) return failed("epoll_ctl");
  return true;
}

void ClientEndpoint::early_writable(Connection& connection) {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(connection.fd_, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error == 0) return connection.handshake_->options.tls ? start_tls(connection) : send_request(connection);
  Connection::ClientHandshake& handshake = *connection.handshake_;
  handshake.detail = handshake.addresses[handshake.next_address - 1].text() + ": " + std::strerror(error);
  ::close(std::exchange(connection.fd_, -1));
  try_next_address(connection);
}

void ClientEndpoint::start_tls(Connection& connection) {
  connection.phase_ = Phase::handshake;
  connection.encrypted_ = true;
  const ConnectOptions& options = connection.handshake_->options;
  connection.tls_ = TlsSession::connect(options.tls, options.host, tls_buffers().transport);
  if (!connection.tls_) {
    return fail_handshake(connection, registry::Cause::tls_failed, "TLS cannot be set up for '" + options.host + "'");
  }
  flush_tls(connection);
  update_interest(connection);
}

void ClientEndpoint::early_secured(Connection& connection) {
  send_request(connection);
}

void ClientEndpoint::early_tls_failed(Connection& connection, const TlsFailure& failure) {
  connection.handshake_->detail = failure.detail;
  early_end(connection, failure.cause);
}

void ClientEndpoint::send_request(Connection& connection) {
  connection.phase_ = Phase::handshake;
  update_interest(connection);
  const Connection::ClientHandshake& handshake = *connection.handshake_;
  const std::vector<std::string_view> subprotocols(handshake.options.subprotocols.begin(),
                                                   handshake.options.subprotocols.end());
  std::vector<HeaderView> headers;
  for (const http::Header& header : handshake.options.headers) headers.push_back({header.name, header.value});
  ws::ClientRequest request;
  request.host = handshake.host_field;
  request.target = handshake.options.target;
  request.key = handshake.key;
  if (handshake.options.origin) request.origin = *handshake.options.origin;
  request.subprotocols = subprotocols;
  request.extensions = handshake.offers;
  request.headers = headers;
  const auto text = ws::make_request(request);
  if (!text) return fail_handshake(connection, registry::Cause::connect_failed, text.error().message);
  output(connection).append_copy(std::as_bytes(std::span(text->data(), text->size())), {}, cork_);
}

void ClientEndpoint::early_input(Connection& connection, std::span<char> bytes) {
  http::ResponseParser& parser = connection.handshake_->parser;
  const std::size_t taken = parser.feed({bytes.data(), bytes.size()});
  if (parser.state() == http::ParserState::need_more) return;
  if (parser.state() == http::ParserState::failed) {
    return fail_handshake(connection, registry::Cause::handshake_invalid,
                          "not an HTTP answer: " + std::string(parser.error().text));
  }
  check_response(connection, bytes.subspan(taken));
}

bool ClientEndpoint::early_eof(Connection& connection) {
  // A refusal's body may be delimited by the end of the stream.
  http::ResponseParser& parser = connection.handshake_->parser;
  parser.finish();
  if (parser.state() != http::ParserState::complete) return false;
  check_response(connection, {});
  return true;
}

void ClientEndpoint::check_response(Connection& connection, std::span<char> rest) {
  const Connection::ClientHandshake& handshake = *connection.handshake_;
  const http::ReceivedResponse& response = handshake.parser.response();
  const std::vector<std::string_view> subprotocols(handshake.options.subprotocols.begin(),
                                                   handshake.options.subprotocols.end());
  ws::ClientRequest request;
  request.host = handshake.host_field;
  request.target = handshake.options.target;
  request.key = handshake.key;
  request.subprotocols = subprotocols;
  request.extensions = handshake.offers;
  auto agreed = ws::check_response({response.status, response.headers}, request);
  if (!agreed) {
    std::string detail = agreed.error().reason;
    if (agreed.error().cause == registry::Cause::handshake_refused) {
      detail = "HTTP " + std::to_string(response.status) + " " + std::string(response.reason);
      std::string_view excerpt = response.body.substr(0, refusal_excerpt_bytes_max);
      while (!excerpt.empty() && (excerpt.back() == '\n' || excerpt.back() == '\r')) excerpt.remove_suffix(1);
      if (!excerpt.empty()) detail += ": " + std::string(excerpt);
    }
    return fail_handshake(connection, agreed.error().cause, std::move(detail));
  }
  check_extensions(connection, *agreed, rest);
}

void ClientEndpoint::check_extensions(Connection& connection, const ws::Agreed& agreed, std::span<char> rest) {
  const ConnectOptions& options = connection.handshake_->options;
  Negotiated negotiated{.subprotocol = agreed.subprotocol ? std::string_view(*agreed.subprotocol) : std::string_view(),
                        .extensions = agreed.extensions};
  if (options.deflate) {
    const auto deflate = ws::agree_deflate(agreed, *options.deflate);
    if (!deflate) return fail_handshake(connection, deflate.error().cause, deflate.error().reason);
    negotiated.deflate = *deflate;
  }
  const std::string missing = missing_extensions(options.required_extensions, agreed.extensions);
  connection.handshake_.reset();
  if (missing.empty()) return open(connection, negotiated, rest);
  open_and_close(connection, negotiated, registry::Cause::missing_extension, missing, rest);
}

void ClientEndpoint::fail_handshake(Connection& connection, registry::Cause cause, std::string detail) {
  connection.handshake_->detail = std::move(detail);
  early_end(connection, cause);
  close_transport(connection);
}

void ClientEndpoint::early_deadline(Connection& connection) {
  const char* waited_for = connection.phase_ == Phase::connecting ? "no connection in time"
                           : in_tls_handshake(connection)         ? "no TLS handshake in time"
                                                                  : "no answer in time";
  fail_handshake(connection, registry::Cause::handshake_timeout, waited_for);
}

void ClientEndpoint::early_end(Connection& connection, registry::Cause cause) {
  if (std::exchange(connection.ended_, true)) return;
  ws::End end = ws::classify_end({}, {cause});
  if (!connection.handshake_->detail.empty()) end.reason = connection.handshake_->detail;
  handler_.on_end(id_of(connection), connection.user_, end);
}

}  // namespace clearline::net
