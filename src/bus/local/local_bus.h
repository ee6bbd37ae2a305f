// The bus within one process: every endpoint hears everything, by one task per batch on its own thread.
#pragma once

#include <functional>
#include <vector>

#include "bus/bus.h"

namespace clearline::bus {

class LocalBus final : public Bus {
 public:
  // Runs a task on an endpoint's thread, tasks of one poster in order (a loop's post).
  using Post = std::function<void(std::function<void()>)>;

  // Before the first publish(), and not thread-safe. Endpoints live as long as the bus is published to.
  void add_endpoint(Post post, Deliver deliver);

  void publish(Messages messages) override;

 private:
  struct Endpoint {
    Post post;
    Deliver deliver;
  };
  std::vector<Endpoint> endpoints_;
};

}  // namespace clearline::bus
