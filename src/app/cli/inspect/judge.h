// What an observation is worth: pure, so every verdict is a row in a test.
#pragma once

#include <string>

#include "app/cli/inspect/observation.h"
#include "app/cli/inspect/probe.h"
#include "app/cli/inspect/verdict.h"

namespace clearline::app::inspect {

struct Judgement {
  Verdict verdict = Verdict::right;
  std::string note = {};  // why it is not right, one clause; or what is worth knowing although it is
};

[[nodiscard]] Judgement judge(const Probe& probe, const Observation& seen);

// Whether all answers that are expected have come.
[[nodiscard]] bool answers_complete(const Expectation& expect, const Reply& reply);

}  // namespace clearline::app::inspect
