// What a server's connection keeps of the words of a proxy. Not part of the public interface.
#pragma once

#include <optional>
#include <string>

#include "net/connection.h"
#include "net/socket_address.h"

namespace clearline::net {

struct Connection::Proxied {
  std::optional<SocketAddress> address;  // the client's
  bool encrypted = false;                // the client speaks TLS to the proxy
  std::string unfinished_header;         // of the PROXY protocol, as far as it has come
};

}  // namespace clearline::net
