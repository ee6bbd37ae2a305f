#include "net/server.h"

#include <utility>

#include "net/listener.h"
#include "net/server_endpoint.h"

namespace clearline::net {

Server::Server(Loop& loop, const ServerOptions& options, ServerHandler& handler)
    : endpoint_(std::make_unique<ServerEndpoint>(loop, options, handler)),
      listener_(std::make_unique<Listener>(loop, [this](int fd) { endpoint_->accept(fd); })) {}

Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::listen(Loop& loop, const ServerOptions& options, ServerHandler& handler) {
  CLEARLINE_TRY(const auto address, SocketAddress::parse(options.address, options.port));
  std::unique_ptr<Server> server(new Server(loop, options, handler));
  CLEARLINE_CHECK(server->listener_->listen(address, options.backlog, options.reuse_port));
  return server;
}

std::uint16_t Server::port() const {
  return listener_->address().port();
}
std::string Server::address_text() const {
  return listener_->address().text();
}

bool Server::respond(ConnectionId id, http::Response response) {
  return endpoint_->respond(id, std::move(response));
}

void Server::set_tls(std::shared_ptr<const TlsServerContext> tls) {
  CLEARLINE_ASSERT(tls != nullptr);
  endpoint_->set_tls(std::move(tls));
}

Result<SocketAddress> Server::peer_address(ConnectionId id) const {
  const Connection* connection = endpoint_->find_any(id);
  if (connection == nullptr) return fail(ErrorCode::not_found, "no such connection");
  return connection->peer_address();
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
  listener_->stop();
  begin_drain();
}

void Server::shut_down(registry::Cause cause, Task done) {
  stop_accepting();
  for_each([cause](Connection& connection) { connection.close(cause); });
  endpoint_->when_empty(std::move(done));
}

}  // namespace clearline::net
