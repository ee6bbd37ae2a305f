// Host names to addresses without blocking the loop: getaddrinfo in a thread of its own, one a name however many ask.
// Not part of the public interface.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "net/loop.h"
#include "net/socket_address.h"

namespace clearline::net {

class Resolver {
 public:
  // Called on the loop's thread, never inside resolve(). The addresses have port 0.
  using Callback = std::function<void(const Result<std::vector<SocketAddress>>&)>;

  explicit Resolver(Loop& loop);
  // Waits for look-ups under way; their callbacks are dropped.
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  void resolve(const std::string& host, Callback callback);

 private:
  struct LookUp {
    std::thread thread;
    std::vector<Callback> waiting;
  };
  void finished(const std::string& host, const Result<std::vector<SocketAddress>>& addresses);

  Loop& loop_;
  std::unordered_map<std::string, LookUp> look_ups_;
  // Tasks that were posted before we were destroyed find it expired.
  std::shared_ptr<Resolver*> self_;
};

}  // namespace clearline::net
