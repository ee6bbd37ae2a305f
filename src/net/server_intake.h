// The door of a Server through which Listeners hand over what they accepted, also from another loop's thread. Not part
// of the public interface.
#pragma once

#include <atomic>
#include <cstddef>

#include "net/loop.h"

namespace clearline::net {

class ServerEndpoint;

struct Accepted {
  std::size_t connections_before = 0;  // of all servers that share the listener
  bool proxy_protocol = false;
};

struct ServerIntake {
  ServerIntake(Loop& server_loop, ServerEndpoint& server_endpoint) : loop(server_loop), endpoint(&server_endpoint) {}

  Loop& loop;
  // Touched on the loop's thread only; null when the server is gone.
  ServerEndpoint* endpoint;
  // Handed over and not yet closed. Only a guide for whoever hands out the next one, so its order with other memory
  // does not matter. On a cache line of its own, or the other shards would stall each other.
  alignas(64) std::atomic<std::size_t> connections{0};
};

}  // namespace clearline::net
