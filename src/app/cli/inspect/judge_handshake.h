// The opening handshake's part of judge.h.
#pragma once

#include "app/cli/inspect/judge.h"

namespace clearline::app::inspect {

// For the demands refuse_handshake and accept_handshake.
[[nodiscard]] Judgement judge_handshake(const Probe& probe, const Observation& seen);

}  // namespace clearline::app::inspect
