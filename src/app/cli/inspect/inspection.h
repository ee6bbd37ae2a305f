// One inspection: looks what the server can do, then makes the probes, a few at a time, each on a thread of its own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/inspect/judge.h"
#include "app/cli/inspect/observation.h"
#include "app/cli/inspect/probe.h"
#include "app/cli/inspect/probe_run.h"
#include "app/cli/inspect/target.h"
#include "base/result.h"

namespace clearline::app::inspect {

struct ServerFacts {
  std::string server = {};  // its Server field; may be empty
  bool echoes = false;
  bool grants_compression = false;
};

struct ProbeResult {
  Probe probe = {};
  Observation seen = {};  // empty when the probe was not made
  Judgement judgement = {};
  bool made = false;
};

struct InspectionProgress {
  std::size_t done = 0;
  std::size_t all = 0;
  std::size_t wrong = 0;
};

struct InspectionResult {
  ServerFacts facts = {};
  std::vector<ProbeResult> results = {};  // in the catalogue's order
  std::array<std::size_t, verdict_count> counts = {};
  double seconds = 0;
};

// Whether the server takes an ordinary connection, and what it does with messages and offers. An error says why nothing
// can be probed: no connection, no HTTP, no WebSocket.
[[nodiscard]] Result<ServerFacts> look_at_server(const Target& target, const RunTimes& times);

struct InspectionPlan {
  Target target = {};
  ServerFacts facts = {};
  std::vector<Probe> probes = {};
  bool message_limit_known = false;
  RunTimes times = {};
  std::size_t concurrency = 8;  // connections, and threads, at a time
};

// `show` is called on the caller's thread, a few times a second at most.
[[nodiscard]] InspectionResult inspect_server(const InspectionPlan& plan,
                                              const std::function<void(const InspectionProgress&)>& show);

}  // namespace clearline::app::inspect
