// How a replay ends: a table for people, one JSON object for programs.
#pragma once

#include <cstddef>
#include <string>

#include "app/cli/replay/replay_run.h"

namespace clearline::app::replay {

// "73241" becomes "73,241".
[[nodiscard]] std::string with_separators(std::size_t number);
// Three digits and a unit: "870 us", "4.21 ms", "12.3 s".
[[nodiscard]] std::string duration_text(std::int64_t microseconds);

// No fault, no failure, nothing left undone.
[[nodiscard]] bool is_clean(const ReplayResult& result);

[[nodiscard]] std::string report_text(const ReplayResult& result, std::size_t dialogue_count);
[[nodiscard]] std::string report_json(const ReplayResult& result, std::size_t dialogue_count);

}  // namespace clearline::app::replay
