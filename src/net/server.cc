#include "net/server.h"

#include <utility>

#include "net/listener.h"
#include "net/server_endpoint.h"

namespace clearline::net {

namespace {

constexpr std::string_view unix_prefix = "unix:";

Result<ListenOptions> listen_options(const ServerOptions& options) {
  ListenOptions listen;
  if (options.address.starts_with(unix_prefix)) {
    CLEARLINE_TRY(listen.address, SocketAddress::unix_socket(options.address.substr(unix_prefix.size())));
  } else {
    CLEARLINE_TRY(listen.address, SocketAddress::parse(options.address, options.port));
  }
  listen.backlog = options.backlog;
  listen.reuse_port = options.reuse_port;
  return listen;
}

}  // namespace

Server::Server(Loop& loop, const ServerOptions& options, ServerHandler& handler)
    : endpoint_(std::make_unique<ServerEndpoint>(loop, options, handler)) {}

Server::~Server() = default;

std::unique_ptr<Server> Server::create(Loop& loop, const ServerOptions& options, ServerHandler& handler) {
  return std::unique_ptr<Server>(new Server(loop, options, handler));
}

Result<std::unique_ptr<Server>> Server::listen(Loop& loop, const ServerOptions& options, ServerHandler& handler) {
  CLEARLINE_TRY(const ListenOptions listening, listen_options(options));
  auto server = create(loop, options, handler);
  Server* const servers[] = {server.get()};
  CLEARLINE_TRY(server->listener_, Listener::listen(loop, listening, servers));
  return server;
}

std::uint16_t Server::port() const {
  return listener_ ? listener_->address().port() : std::uint16_t{0};
}
std::string Server::address_text() const {
  return listener_ ? listener_->address().text() : std::string();
}
const std::shared_ptr<ServerIntake>& Server::intake() const {
  return endpoint_->intake();
}

bool Server::respond(ConnectionId id, http::Response response) {
  return endpoint_->respond(id, std::move(response));
}

void Server::set_tls(std::shared_ptr<const TlsServerContext> tls) {
  CLEARLINE_ASSERT(tls != nullptr);
  endpoint_->set_tls(std::move(tls));
}

Result<SocketAddress> Server::peer_address(ConnectionId id) const {
  CLEARLINE_TRY(const RequestSource found, source(id));
  return found.address;
}

Result<RequestSource> Server::source(ConnectionId id) const {
  const Connection* connection = endpoint_->find_any(id);
  if (connection == nullptr) return fail(ErrorCode::not_found, "no such connection");
  return endpoint_->source_of(*connection);
}

std::uint64_t Server::proxy_refusals() const {
  return endpoint_->proxy_refusals();
}

Connection* Server::find(ConnectionId id) const {
  return endpoint_->find_open(id);
}
void Server::for_each(const std::function<void(Connection&)>& function) {
  endpoint_->for_each_open(function);
}
std::size_t Server::open_count() const {
  return endpoint_->open_count();
}
std::size_t Server::connection_count() const {
  return endpoint_->connection_count();
}

void Server::begin_drain() {
  endpoint_->begin_drain();
}

void Server::stop_accepting() {
  if (listener_) listener_->stop();
  begin_drain();
}

void Server::shut_down(registry::Cause cause, Task done) {
  stop_accepting();
  for_each([cause](Connection& connection) { connection.close(cause); });
  endpoint_->when_empty(std::move(done));
}

}  // namespace clearline::net
