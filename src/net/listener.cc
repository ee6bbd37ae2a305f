#include "net/listener.h"

#include <utility>

#include "net/acceptor.h"
#include "net/listening_socket.h"
#include "net/server_endpoint.h"
#include "net/server_intake.h"

namespace clearline::net {

Listener::Listener(Loop& loop, const ListenOptions& options, std::span<Server* const> servers)
    : loop_(loop),
      proxy_protocol_(options.proxy_protocol),
      acceptor_(std::make_unique<Acceptor>(loop, [this](FileDescriptor fd) { hand_over(std::move(fd)); })) {
  CLEARLINE_ASSERT(!servers.empty());
  for (const Server* server : servers) intakes_.push_back(server->intake());
}

Listener::~Listener() = default;

Result<std::unique_ptr<Listener>> Listener::listen(Loop& loop, const ListenOptions& options,
                                                   std::span<Server* const> servers) {
  std::unique_ptr<Listener> listener(new Listener(loop, options, servers));
  CLEARLINE_TRY(ListeningSocket socket, ListeningSocket::open(options));
  CLEARLINE_CHECK(listener->start(std::move(socket)));
  return listener;
}

Result<std::unique_ptr<Listener>> Listener::adopt(Loop& loop, FileDescriptor fd, const ListenOptions& options,
                                                  std::span<Server* const> servers) {
  std::unique_ptr<Listener> listener(new Listener(loop, options, servers));
  CLEARLINE_TRY(ListeningSocket socket, ListeningSocket::adopt(std::move(fd), options));
  CLEARLINE_CHECK(listener->start(std::move(socket)));
  return listener;
}

Result<void> Listener::start(ListeningSocket socket) {
  socket_ = std::make_unique<ListeningSocket>(std::move(socket));
  return acceptor_->start(socket_->fd());
}

void Listener::stop() {
  acceptor_->stop();
  socket_->close();
}

const SocketAddress& Listener::address() const {
  return socket_->address();
}

std::size_t Listener::choose(std::size_t& connections) {
  std::size_t best = next_;
  std::size_t fewest = intakes_[next_]->connections.load(std::memory_order_relaxed);
  connections = fewest;
  for (std::size_t i = 1; i < intakes_.size(); ++i) {
    const std::size_t index = (next_ + i) % intakes_.size();
    const std::size_t count = intakes_[index]->connections.load(std::memory_order_relaxed);
    connections += count;
    if (count >= fewest) continue;
    fewest = count;
    best = index;
  }
  next_ = (best + 1) % intakes_.size();
  return best;
}

void Listener::hand_over(FileDescriptor fd) {
  Accepted accepted{0, proxy_protocol_};
  const std::shared_ptr<ServerIntake>& intake = intakes_[choose(accepted.connections_before)];
  // Counted here and not where it arrives, or a burst would go to one server as a whole.
  intake->connections.fetch_add(1, std::memory_order_relaxed);
  if (&intake->loop == &loop_) return ServerEndpoint::take(*intake, std::move(fd), accepted);
  intake->loop.post(
      [intake, fd = std::move(fd), accepted]() mutable { ServerEndpoint::take(*intake, std::move(fd), accepted); });
}

}  // namespace clearline::net
