// Publish and subscribe of opaque bytes between shards, and later between nodes. A bus is a hint, not the truth: what
// must not be lost is in the store, and whoever reads a conversation from the bus repairs gaps from there.
//
// Delivery: at most once. Order: what one thread publishes arrives at each endpoint in that order. A message reaches
// every endpoint that is interested in its topic, the publisher's own included; it may also reach others, which drop
// it. The contract suite is tests/contract/bus_contract.h.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bus/topic.h"

namespace clearline::bus {

struct Message {
  Topic topic;
  // Position in the topic's own order if it has one (a conversation's seq), else 0.
  std::int64_t seq = 0;
  // Connection that must not get it, 0 for none: whoever sent a typing signal does not want it back.
  std::uint64_t except = 0;
  // A newer message of the same topic and key replaces this one for a receiver that has not looked yet; 0 for none.
  std::int64_t replaces_key = 0;
  std::shared_ptr<const std::string> payload;
  // What the connection `except` gets in the payload's place and at its place in the topic's order: the acknowledgement
  // of what it sent. Stays in this process: who sent it is connected here.
  std::shared_ptr<const std::string> reply{};
};

using Messages = std::vector<Message>;

// What one shard hears. Called on the shard's own thread.
using Deliver = std::function<void(const Messages&)>;

class Bus {
 public:
  virtual ~Bus() = default;
  // Thread-safe. Never blocks and never fails: a bus that is away drops, and the sweep repairs.
  virtual void publish(Messages messages) = 0;
};

}  // namespace clearline::bus
