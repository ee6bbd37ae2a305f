// An observation in a few words: the table's column "came back".
#pragma once

#include <string>

#include "app/cli/inspect/observation.h"
#include "app/cli/inspect/probe.h"

namespace clearline::app::inspect {

// Safe to print: what the server said is escaped.
[[nodiscard]] std::string came_back(const Probe& probe, const Observation& seen);

}  // namespace clearline::app::inspect
