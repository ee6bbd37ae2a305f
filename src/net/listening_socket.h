// A socket that listens: made here, or passed by a service manager. Not part of the public interface.
#pragma once

#include "base/result.h"
#include "net/file_descriptor.h"
#include "net/listen_options.h"
#include "net/socket_address.h"
#include "net/unix_socket_file.h"

namespace clearline::net {

class ListeningSocket {
 public:
  // Errors say which address, and what to do about it where that is known.
  [[nodiscard]] static Result<ListeningSocket> open(const ListenOptions& options);
  // Takes over a socket that listens already; its own address counts, not the options'. Refuses whatever is not a
  // listening stream socket.
  [[nodiscard]] static Result<ListeningSocket> adopt(FileDescriptor fd, const ListenOptions& options);

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] const SocketAddress& address() const { return address_; }
  // Removes a Unix socket's file first: who comes now shall not find a name without a server.
  void close();

 private:
  FileDescriptor fd_;
  UnixSocketFile file_;
  SocketAddress address_;
};

}  // namespace clearline::net
