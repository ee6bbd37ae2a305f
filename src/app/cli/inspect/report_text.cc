#include <fmt/core.h>

#include <optional>
#include <utility>

#include "app/cli/inspect/came_back.h"
#include "app/cli/inspect/catalogue.h"
#include "app/cli/inspect/report.h"
#include "app/cli/inspect/safe_text.h"
#include "app/cli/inspect/wrapped_table.h"

namespace clearline::app::inspect {

namespace {

constexpr std::size_t note_bytes_max = 240;

std::string verdict_words(const Judgement& judgement) {
  std::string words(verdict_name(judgement.verdict));
  if (!judgement.note.empty()) words += ": " + safe_text(judgement.note, note_bytes_max);
  return words;
}

std::string what_the_server_is(const ServerFacts& facts) {
  std::string words = facts.server.empty() ? std::string() : facts.server + ": ";
  words += facts.echoes ? "sends messages back" : "does not send messages back";
  return words + (facts.grants_compression ? ", grants permessage-deflate" : ", does not grant permessage-deflate");
}

std::string probe_count(std::size_t count) {
  return count == 1 ? "1 probe" : fmt::format("{} probes", count);
}

std::string counts_line(const InspectionResult& inspection) {
  std::string line;
  for (std::size_t verdict = 0; verdict < verdict_count; ++verdict) {
    if (!line.empty()) line += ", ";
    line += fmt::format("{} {}", inspection.counts[verdict], verdict_name(static_cast<Verdict>(verdict)));
  }
  return fmt::format("{} in {:.1f} s: {}\n", probe_count(inspection.results.size()), inspection.seconds, line);
}

}  // namespace

std::string report_text(const InspectionResult& inspection, std::string_view url, std::size_t columns) {
  std::string out = fmt::format("{}\n{}\n\n", url, what_the_server_is(inspection.facts));
  WrappedTable table({"PROBE", "SENT", "CAME BACK", "DEMANDED", "VERDICT"}, 1, columns);
  std::optional<Group> group;
  for (const ProbeResult& result : inspection.results) {
    const Probe& probe = result.probe;
    if (std::exchange(group, probe.group) != probe.group) table.add_title(group_title(probe.group));
    table.add({probe.name, probe.sent, result.made ? came_back(probe, result.seen) : "-",
               fmt::format("{} ({})", probe.expect.words, probe.section), verdict_words(result.judgement)});
  }
  return out + table.text() + "\n" + counts_line(inspection);
}

std::string list_text(const std::vector<Probe>& probes, std::size_t columns) {
  WrappedTable table({"PROBE", "SENT", "DEMANDED", "SECTION"}, 1, columns);
  std::optional<Group> group;
  std::uint64_t bytes = 0;
  for (const Probe& probe : probes) {
    if (std::exchange(group, probe.group) != probe.group)
      table.add_title(fmt::format("{} (--only {})", group_title(probe.group), group_name(probe.group)));
    table.add({probe.name, probe.sent, probe.expect.words, probe.section});
    bytes += sent_bytes(probe);
  }
  return table.text() + fmt::format("\n{}, a connection each; {} KiB are sent in all\n", probe_count(probes.size()),
                                    (bytes + 1023) / 1024);
}

}  // namespace clearline::app::inspect
