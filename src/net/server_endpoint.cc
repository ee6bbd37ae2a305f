#include "net/server_endpoint.h"

#include <fmt/core.h>
#include <sys/epoll.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "net/http_exchange.h"
#include "net/tls/buffers.h"

namespace clearline::net {

namespace {

constexpr std::string_view continue_response = "HTTP/1.1 100 Continue\r\n\r\n";
// How far above the limit connections still get an answer that says so.
constexpr std::size_t connections_refused_politely_max = 512;
// A restart takes a moment, an overload longer; the client adds its own jitter.
constexpr std::string_view retry_after_drain_s = "2";
constexpr std::string_view retry_after_overload_s = "10";
// Smaller bodies are copied next to their head, so that both leave as one piece.
constexpr std::size_t copied_body_bytes_max = 4096;

std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

// RFC 8446 section 5.1: the record of a ClientHello. No request begins with a control character.
bool looks_like_tls(std::span<const char> bytes) {
  return bytes[0] == '\x16';
}

// A TLS record never begins with a letter, every request does.
bool looks_like_http(std::span<const char> bytes) {
  return !bytes.empty() && ((bytes[0] >= 'A' && bytes[0] <= 'Z') || (bytes[0] >= 'a' && bytes[0] <= 'z'));
}

http::Response unavailable(std::string_view text, std::string_view retry_after_s) {
  http::Response response = http::Response::text(503, std::string(text) + "\n");
  response.add_header("Retry-After", retry_after_s);
  return response;
}

}  // namespace

ServerEndpoint::ServerEndpoint(Loop& loop, const ServerOptions& options, ServerHandler& handler)
    : Endpoint(loop, ws::Role::server, options.shard_index, options.limits, handler),
      server_handler_(handler),
      options_(options),
      intake_(std::make_shared<ServerIntake>(loop, *this)) {}

ServerEndpoint::~ServerEndpoint() {
  intake_->endpoint = nullptr;
}

void ServerEndpoint::take(ServerIntake& intake, FileDescriptor fd, const Accepted& accepted) {
  if (intake.endpoint != nullptr) intake.endpoint->accept(std::move(fd), accepted);
}

void ServerEndpoint::accept(FileDescriptor fd, const Accepted& accepted) {
  const bool over_limit = accepted.connections_before >= options_.connections_max;
  const bool far_over = accepted.connections_before >= options_.connections_max + connections_refused_politely_max;
  Connection* connection = far_over ? nullptr : acquire();
  if (connection == nullptr) return released(1);
  connection->phase_ = Phase::http;
  connection->over_limit_ = over_limit;
  connection->encrypted_ = options_.tls != nullptr;
  set_deadline_in(*connection, limits().handshake_timeout_ms);
  if (auto adopted = adopt(*connection, fd.release(), EPOLLIN); !adopted) {
    log_error("connection dropped: {}", adopted.error().message);
    return close_transport(*connection);
  }
  if (accepted.proxy_protocol) await_proxy_header(*connection);
}

void ServerEndpoint::released(std::size_t connections) {
  intake_->connections.fetch_sub(connections, std::memory_order_relaxed);
}

void ServerEndpoint::early_input(Connection& connection, std::span<char> bytes) {
  if (connection.http_ && (connection.http_->in_flight || !connection.http_->pending.empty())) {
    // One request at a time: until it is answered the kernel holds the rest.
    connection.http_->pending.append(bytes.data(), bytes.size());
    connection.reading_paused_ = true;
    return update_interest(connection);
  }
  parse(connection, bytes);
}

void ServerEndpoint::parse(Connection& connection, std::span<char> bytes) {
  while (!bytes.empty() && connection.phase_ == Phase::http) {
    if (!connection.http_) {
      connection.http_ = std::make_unique<Connection::HttpExchange>(options_.http);
      if (looks_like_tls(bytes)) return refuse_tls(connection);
      // The first request's time has been running since the connection came.
      if (connection.served_) set_deadline_in(connection, limits().handshake_timeout_ms);
    }
    Connection::HttpExchange& exchange = *connection.http_;
    if (exchange.in_flight || connection.queued_bytes() > limits().outgoing_low_bytes) {
      // Or many small requests would pile up many large answers.
      exchange.pending.append(bytes.data(), bytes.size());
      return;
    }
    const std::size_t taken = exchange.parser.feed({bytes.data(), bytes.size()});
    bytes = bytes.subspan(taken);
    if (exchange.parser.take_expect_continue()) output(connection).append_copy(as_bytes(continue_response), {}, cork_);
    switch (exchange.parser.state()) {
      case http::ParserState::need_more:
        return;
      case http::ParserState::failed: {
        const auto& error = exchange.parser.error();
        return refuse(connection, error.status, error.text,
                      http::Response::text(error.status, std::string(error.text) + "\n"));
      }
      case http::ParserState::complete:
        handle_request(connection, bytes);
        if (connection.phase_ != Phase::http) return;  // the rest is the WebSocket's, or nobody's
    }
  }
}

void ServerEndpoint::handle_request(Connection& connection, std::span<char> rest) {
  Connection::HttpExchange& exchange = *connection.http_;
  const http::Request& request = exchange.parser.request();
  exchange.keep_alive = request.keep_alive;
  exchange.head_only = request.method == "HEAD";
  exchange.http_1_0 = request.minor_version == 0;
  trace_request(connection, request);
  if (connection.over_limit_) {
    return refuse(connection, 503, "connection limit", unavailable("Too many connections.", retry_after_overload_s));
  }
  if (ws::is_upgrade_request(request.headers)) return handle_upgrade(connection, request, rest);
  exchange.in_flight = true;
  exchange.in_callback = true;
  set_deadline_in(connection, options_.response_timeout_ms);
  server_handler_.on_request(id_of(connection), request);
  exchange.in_callback = false;
  if (!exchange.in_flight && connection.phase_ == Phase::http) next_request(connection);
}

void ServerEndpoint::handle_upgrade(Connection& connection, const http::Request& request, std::span<char> rest) {
  if (draining_) {
    return refuse(connection, 503, "draining", unavailable("The server is restarting.", retry_after_drain_s));
  }
  const auto upgrade = ws::check_upgrade({request.method, request.target, 1, request.minor_version, request.headers});
  if (!upgrade) {
    const ws::Refusal& refusal = upgrade.error();
    http::Response response = http::Response::text(refusal.http_status, refusal.reason + "\n");
    if (refusal.header_name) response.add_header(*refusal.header_name, refusal.header_value);
    return refuse(connection, refusal.http_status, refusal.reason, std::move(response));
  }
  UpgradeDecision decision = server_handler_.on_upgrade(id_of(connection), request, *upgrade);
  if (decision.refusal) {
    const int status = decision.refusal->status;
    return refuse(connection, status, "refused by the application", std::move(*decision.refusal));
  }
  ws::Grant grant;
  if (!decision.subprotocol.empty()) {
    const auto& offered = upgrade->subprotocols;
    CLEARLINE_ASSERT(std::find(offered.begin(), offered.end(), decision.subprotocol) != offered.end());
    grant.subprotocol = decision.subprotocol;
  }
  Negotiated negotiated{.subprotocol = decision.subprotocol};
  std::optional<ws::DeflateGrant> deflate;
  if (options_.deflate && decision.deflate) deflate = ws::grant_deflate(upgrade->extensions, *options_.deflate);
  if (deflate) {
    negotiated.extensions = grant.extensions = std::span(&deflate->answer, 1);
    negotiated.deflate = deflate->parameters;
  }
  output(connection).append_copy(as_bytes(ws::make_upgrade_response(*upgrade, grant)), {}, cork_);
  connection.user_ = decision.user;
  if (connection.http_->source) remember_source(connection, *connection.http_->source);
  connection.http_.reset();
  open(connection, negotiated, rest);
}

bool ServerEndpoint::respond(ConnectionId id, http::Response response) {
  Connection* connection = find_any(id);
  if (connection == nullptr || connection->phase_ != Phase::http || !connection->http_) return false;
  Connection::HttpExchange& exchange = *connection->http_;
  if (!exchange.in_flight) return false;
  answer(*connection, std::move(response));
  if (connection->phase_ == Phase::http && !exchange.in_callback) next_request(*connection);
  return true;
}

void ServerEndpoint::answer(Connection& connection, http::Response response) {
  Connection::HttpExchange& exchange = *connection.http_;
  exchange.in_flight = false;
  const bool nothing_will_come = connection.eof_ && exchange.pending.empty();
  exchange.keep_alive = exchange.keep_alive && !response.close && !draining_ && !nothing_will_come;
  std::string head;
  http::write_response_head(response, {exchange.keep_alive, exchange.http_1_0, wall_now()}, head);
  output(connection).append_copy(as_bytes(head), {}, cork_);
  if (!exchange.head_only && !http::status_forbids_body(response.status)) {
    write_body(connection, std::move(response));
  }
  if (!exchange.keep_alive) begin_flushing(connection);
}

void ServerEndpoint::write_body(Connection& connection, http::Response response) {
  OutputQueue& queue = output(connection);
  if (response.body_view().size() <= copied_body_bytes_max) {
    queue.append_copy(as_bytes(response.body_view()), {}, cork_);
  } else if (auto* text = std::get_if<std::string>(&response.body)) {
    queue.append_text(std::move(*text));
  } else {
    queue.append_permanent(std::get<std::span<const std::byte>>(response.body));
  }
}

// Every refusal ends the connection: after a broken request nobody knows where the next one begins, and a client whose
// handshake was refused has no use for the connection.
void ServerEndpoint::refuse(Connection& connection, int status, std::string_view text, http::Response response) {
  log_info("request refused status={} peer={} reason=\"{}\"", status, peer_text(connection), text);
  response.close = true;
  answer(connection, std::move(response));
}

void ServerEndpoint::next_request(Connection& connection) {
  connection.served_ = true;
  connection.http_->parser.reset();
  connection.http_->source.reset();
  set_deadline_in(connection, options_.http_idle_timeout_ms);
  // What is pending is parsed at the end of the turn, not from inside the application's call of respond().
  connection.resume_http_ = true;
  note(connection);
}

void ServerEndpoint::early_resume(Connection& connection) {
  if (!connection.http_ || connection.http_->in_flight) return;
  if (connection.queued_bytes() > limits().outgoing_low_bytes) return;  // early_flushed() comes back to it
  std::string pending = std::exchange(connection.http_->pending, {});
  const bool started = connection.http_->parser.started();
  if (!started) connection.http_.reset();
  connection.reading_paused_ = false;
  update_interest(connection);
  if (!pending.empty()) return parse(connection, pending);
  if ((connection.eof_ || draining_) && !started) begin_flushing(connection);
}

void ServerEndpoint::early_flushed(Connection& connection) {
  if (!connection.http_) {
    if (!connection.served_) return;  // the TLS handshake
    if (draining_) return begin_flushing(connection);
    return set_deadline_in(connection, options_.http_idle_timeout_ms);
  }
  if (connection.http_->in_flight || connection.http_->pending.empty()) return;
  connection.resume_http_ = true;
  note(connection);
}

bool ServerEndpoint::early_eof(Connection& connection) {
  // A client may send its requests, shut down its sending and wait for the answers.
  if (connection.http_ && (connection.http_->in_flight || !connection.http_->pending.empty())) return true;
  if (connection.queued_bytes() == 0) return false;
  begin_flushing(connection);
  return true;
}

void ServerEndpoint::early_deadline(Connection& connection) {
  if (connection.phase_ == Phase::proxy) return refuse_proxy(connection, "no PROXY header came in time");
  const bool started = connection.http_ && connection.http_->parser.started();
  if (started && connection.http_->in_flight) {
    return refuse(connection, 503, "the application did not answer in time",
                  unavailable("The server is busy.", retry_after_overload_s));
  }
  if (started && connection.queued_bytes() == 0) {
    return refuse(connection, 408, "the request was not finished in time",
                  http::Response::text(408, "The request was not finished in time.\n"));
  }
  close_transport(connection);  // idle, or takes nothing of what we send
}

void ServerEndpoint::early_end(Connection& /*connection*/, registry::Cause /*cause*/) {}

void ServerEndpoint::begin_drain() {
  draining_ = true;
  for_each_in(Phase::proxy, [this](Connection& connection) { close_transport(connection); });
  for_each_in(Phase::http, [this](Connection& connection) {
    if (connection.tls_ && in_tls_handshake(connection)) return;  // will ask, and be told
    if (!connection.http_ && connection.queued_bytes() == 0) begin_flushing(connection);
  });
}

// Else whoever takes this port for HTTPS would wait until its request's time is over.
void ServerEndpoint::refuse_tls(Connection& connection) {
  connection.http_->in_flight = true;
  refuse(connection, 400, "TLS on a plain HTTP port",
         http::Response::text(400, "This port speaks plain HTTP: write http:// (for WebSockets ws://).\n"));
}

// Made at the first byte only: whoever connects and says nothing costs next to nothing.
bool ServerEndpoint::begin_tls(Connection& connection, std::span<char> bytes) {
  if (options_.tls && !looks_like_http(bytes)) {
    connection.tls_ = TlsSession::accept(options_.tls, tls_buffers().transport);
    return true;
  }
  connection.encrypted_ = false;
  connection.http_ = std::make_unique<Connection::HttpExchange>(options_.http);
  connection.http_->in_flight = true;
  refuse(connection, 400, "plain HTTP on a TLS port",
         http::Response::text(400, "This port speaks HTTPS only: write https:// (for WebSockets wss://).\n"));
  return false;
}

void ServerEndpoint::early_tls_failed(Connection& connection, const TlsFailure& failure) {
  if (!connection.tls_) return;  // somebody looked whether the port is open
  const auto suppressed = tls_failures_.take(loop().now());
  if (!suppressed) return;
  const std::string more = *suppressed > 0 ? fmt::format(" suppressed={}", *suppressed) : std::string();
  log_info("tls handshake failed peer={} cause={} reason=\"{}\"{}", peer_text(connection),
           registry::cause_name(failure.cause), failure.detail, more);
}

std::string ServerEndpoint::peer_text(const Connection& connection) const {
  const auto source = source_of(connection);
  return source ? source->address.text() : "unknown";
}

}  // namespace clearline::net
