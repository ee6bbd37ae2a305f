#include "bus/local/local_bus.h"

#include <memory>

namespace clearline::bus {

void LocalBus::add_endpoint(Post post, Deliver deliver) {
  endpoints_.push_back({std::move(post), std::move(deliver)});
}

void LocalBus::publish(Messages messages) {
  if (messages.empty()) return;
  const auto batch = std::make_shared<const Messages>(std::move(messages));
  for (const Endpoint& endpoint : endpoints_) endpoint.post([&endpoint, batch] { endpoint.deliver(*batch); });
}

}  // namespace clearline::bus
