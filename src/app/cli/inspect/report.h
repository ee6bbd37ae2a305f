// An inspection's results, for people and for programs.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/inspect/inspection.h"

namespace clearline::app::inspect {

// The table, a chapter a group, no line wider than `columns` (as far as names and words can be cut), and the counts.
[[nodiscard]] std::string report_text(const InspectionResult& inspection, std::string_view url, std::size_t columns);
[[nodiscard]] std::string report_json(const InspectionResult& inspection, std::string_view url);

// All probes with what they demand, without a server.
[[nodiscard]] std::string list_text(const std::vector<Probe>& probes, std::size_t columns);
[[nodiscard]] std::string list_json(const std::vector<Probe>& probes);

}  // namespace clearline::app::inspect
