#include "net/resolver.h"

#include <utility>

namespace clearline::net {

Resolver::Resolver(Loop& loop) : loop_(loop), self_(std::make_shared<Resolver*>(this)) {}

Resolver::~Resolver() {
  for (auto& [host, look_up] : look_ups_) look_up.thread.join();
}

void Resolver::resolve(const std::string& host, Callback callback) {
  LookUp& look_up = look_ups_[host];
  look_up.waiting.push_back(std::move(callback));
  if (look_up.thread.joinable()) return;
  look_up.thread = std::thread([host, &loop = loop_, weak = std::weak_ptr<Resolver*>(self_)] {
    loop.post([host, weak, addresses = net::resolve(host, 0)] {
      if (const auto self = weak.lock()) (*self)->finished(host, addresses);
    });
  });
}

void Resolver::finished(const std::string& host, const Result<std::vector<SocketAddress>>& addresses) {
  auto node = look_ups_.extract(host);
  node.mapped().thread.join();
  for (const Callback& callback : node.mapped().waiting) callback(addresses);
}

}  // namespace clearline::net
