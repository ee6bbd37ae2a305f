// What the log writer tells the shard that a command came from.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "registry/registry.h"
#include "wire/commands.h"

namespace clearline::app {

// Where a command came from, and where its answer goes.
struct CommandOrigin {
  std::uint8_t shard = 0;
  std::uint64_t connection = 0;
  wire::RequestId request = 0;
};

struct Acknowledged {
  ConversationId conversation;
  ClientId client_id;
  Seq seq = 0;
  WallTime at;
  bool duplicate = false;
};

struct Rejected {
  registry::ErrorName error = registry::ErrorName::internal;
  std::string message;
  std::optional<std::int64_t> retry_after_ms;
};

struct Outcome {
  CommandOrigin origin;
  std::variant<Acknowledged, Rejected> result;
};

}  // namespace clearline::app
