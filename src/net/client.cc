#include "net/client.h"

#include "net/client_endpoint.h"

namespace clearline::net {

Client::Client(Loop& loop, const ClientOptions& options, ConnectionHandler& handler)
    : endpoint_(std::make_unique<ClientEndpoint>(loop, options, handler)) {}

Client::~Client() = default;

Result<ConnectionId> Client::connect(const ConnectOptions& options) {
  return endpoint_->connect(options);
}
Connection* Client::find(ConnectionId id) const {
  return endpoint_->find_open(id);
}
void Client::abort(ConnectionId id) {
  endpoint_->abort(id);
}
void Client::for_each(const std::function<void(Connection&)>& function) {
  endpoint_->for_each_open(function);
}
std::size_t Client::open_count() const {
  return endpoint_->open_count();
}
std::size_t Client::connection_count() const {
  return endpoint_->connection_count();
}

}  // namespace clearline::net
