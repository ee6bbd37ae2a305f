// Makes one probe: a connection of its own, waited for by the calling thread.
#pragma once

#include <cstdint>

#include "app/cli/inspect/observation.h"
#include "app/cli/inspect/probe.h"
#include "app/cli/inspect/target.h"

namespace clearline::app::inspect {

struct RunTimes {
  std::int64_t timeout_ms = 5'000;  // for the opening handshake, and again for everything behind it
  std::int64_t hold_ms = 15'000;    // how long a TCP connection is held that the server should let go
};

// Never fails: whatever happens is the observation.
[[nodiscard]] Observation run_probe(const Probe& probe, const Target& target, const RunTimes& times);

}  // namespace clearline::app::inspect
