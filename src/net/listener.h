// A listening socket whose connections go to one server or several, each on its own loop. With several, each connection
// goes to the server that has the fewest at the time: connections that last for hours stay evenly spread, which
// SO_REUSEPORT with its hash of addresses does not achieve (docs/adr/0009-listening.md).
//
//   auto listener = Listener::listen(*loops[0], *ListenOptions::parse("[::]:8080"), servers);
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/file_descriptor.h"
#include "net/listen_options.h"
#include "net/loop.h"
#include "net/server.h"
#include "net/socket_address.h"

namespace clearline::net {

class Acceptor;
class ListeningSocket;
struct ServerIntake;

class Listener {
 public:
  // Listens when it returns. Accepts on `loop`, which may be a server's own: then its share costs no crossing of
  // threads. Create, stop and destroy the listener on that loop's thread, or while the loop does not run. The loops of
  // all servers must outlive the listener; the servers need not. At least one server. Several listeners may share
  // servers as long as they have the same loop.
  [[nodiscard]] static Result<std::unique_ptr<Listener>> listen(Loop& loop, const ListenOptions& options,
                                                                std::span<Server* const> servers);
  // The same on a socket that listens already, such as a service manager passes; its address counts, not the options'.
  [[nodiscard]] static Result<std::unique_ptr<Listener>> adopt(Loop& loop, FileDescriptor fd,
                                                               const ListenOptions& options,
                                                               std::span<Server* const> servers);
  // As stop(), but whoever waits in the kernel's queue is dropped.
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Accepts and hands over what the kernel has already connected, then closes the socket and removes a Unix socket's
  // file. What was handed over arrives at each server before anything that is posted to its loop from now on.
  void stop();

  [[nodiscard]] const SocketAddress& address() const;
  [[nodiscard]] bool proxy_protocol() const { return proxy_protocol_; }

 private:
  Listener(Loop& loop, const ListenOptions& options, std::span<Server* const> servers);
  Result<void> start(ListeningSocket socket);
  void hand_over(FileDescriptor fd);
  // The index of the server with the fewest, and how many all have.
  [[nodiscard]] std::size_t choose(std::size_t& connections);

  Loop& loop_;
  const bool proxy_protocol_;
  std::vector<std::shared_ptr<ServerIntake>> intakes_;
  std::size_t next_ = 0;  // of servers with equally many, each gets its turn
  std::unique_ptr<ListeningSocket> socket_;
  std::unique_ptr<Acceptor> acceptor_;
};

}  // namespace clearline::net
