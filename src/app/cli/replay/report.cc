#include "app/cli/replay/report.h"

#include <fmt/core.h>

#include <cmath>
#include <cstdint>
#include <sstream>

#include "app/cli/text_table.h"
#include "wire/json.h"

namespace clearline::app::replay {

namespace {

// Longer lists help nobody; --json has them all.
constexpr std::size_t bad_dialogues_shown_max = 20;

std::size_t rate(const ReplayResult& result) {
  if (result.seconds <= 0) return 0;
  return static_cast<std::size_t>(std::lround(static_cast<double>(result.statistics.messages_done) / result.seconds));
}

std::vector<std::string> latency_row(const char* name, const LatencyHistogram& latency) {
  return {name, duration_text(latency.quantile_us(0.5)), duration_text(latency.quantile_us(0.99)),
          duration_text(latency.max_us())};
}

void append_latency(wire::JsonWriter& json, std::string_view name, const LatencyHistogram& latency) {
  json.key(name)
      .begin_object()
      .member("p50_us", latency.quantile_us(0.5))
      .member("p99_us", latency.quantile_us(0.99))
      .member("max_us", latency.max_us())
      .end_object();
}

void print_counts(const ReplayResult& result, std::size_t dialogue_count, std::ostream& out) {
  const Statistics& statistics = result.statistics;
  const std::string done = with_separators(statistics.dialogues_done);
  TextTable table({}, {Align::left, Align::right});
  table.add({"dialogues", statistics.dialogues_done == dialogue_count
                              ? done
                              : fmt::format("{} of {}", done, with_separators(dialogue_count))});
  table.add({"messages", with_separators(statistics.messages_done)});
  for (std::size_t fault = 0; fault < fault_count; ++fault)
    table.add({std::string(fault_name(static_cast<Fault>(fault))), with_separators(statistics.faults[fault])});
  table.add({"reconnects", with_separators(statistics.reconnects)});
  table.add({"messages sent again", with_separators(statistics.resends)});
  if (statistics.busy_replies > 0) table.add({"told to wait", with_separators(statistics.busy_replies)});
  if (statistics.gap_repairs > 0) table.add({"gaps repaired", with_separators(statistics.gap_repairs)});
  if (statistics.bad_messages > 0) table.add({"not of the protocol", with_separators(statistics.bad_messages)});
  table.add({"seconds", fmt::format("{:.1f}", result.seconds)});
  table.add({"messages/s", with_separators(rate(result))});
  table.print(out);
}

void print_bad_dialogues(const ReplayResult& result, std::ostream& out) {
  std::size_t shown = 0;
  for (const BadDialogue& bad : result.bad_dialogues) {
    if (shown++ == bad_dialogues_shown_max) break;
    out << fmt::format("\nconversation {} (dialogue {}):\n", bad.conversation.empty() ? "none yet" : bad.conversation,
                       bad.dialogue);
    for (const std::string& detail : bad.verdict.details) out << "  " << detail << '\n';
  }
  if (result.bad_dialogues.size() > bad_dialogues_shown_max)
    out << fmt::format("\nand {} more; --json has all of them\n",
                       result.bad_dialogues.size() - bad_dialogues_shown_max);
}

}  // namespace

std::string with_separators(std::size_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

std::string duration_text(std::int64_t microseconds) {
  if (microseconds < 1'000) return fmt::format("{} us", microseconds);
  const bool seconds = microseconds >= 1'000'000;
  const double value = static_cast<double>(microseconds) / (seconds ? 1e6 : 1e3);
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f} {}", value, decimals, seconds ? "s" : "ms");
}

bool is_clean(const ReplayResult& result) {
  return result.bad_dialogues.empty() && !result.failure && !result.interrupted && result.statistics.bad_messages == 0;
}

std::string report_text(const ReplayResult& result, std::size_t dialogue_count) {
  std::ostringstream out;
  print_counts(result, dialogue_count, out);
  out << '\n';
  TextTable latency({"latency", "p50", "p99", "max"}, {Align::left, Align::right, Align::right, Align::right});
  latency.add(latency_row("send to ack", result.statistics.ack));
  latency.add(latency_row("send to delivery", result.statistics.delivery));
  latency.print(out);
  if (result.openers > 0)
    out << fmt::format("\n{} of the dialogues begin with the agent: the visitor opened them with a message more.\n",
                       with_separators(result.openers));
  print_bad_dialogues(result, out);
  if (result.failure) out << fmt::format("\nThe replay ended early: {}\n", *result.failure);
  if (result.interrupted) out << "\nThe replay was interrupted.\n";
  return out.str();
}

std::string report_json(const ReplayResult& result, std::size_t dialogue_count) {
  const Statistics& statistics = result.statistics;
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object()
      .member("dialogues", statistics.dialogues_done)
      .member("dialogues_given", dialogue_count)
      .member("messages", statistics.messages_done);
  for (std::size_t fault = 0; fault < fault_count; ++fault)
    json.member(fault_name(static_cast<Fault>(fault)), statistics.faults[fault]);
  json.member("reconnects", statistics.reconnects)
      .member("resends", statistics.resends)
      .member("busy_replies", statistics.busy_replies)
      .member("gap_repairs", statistics.gap_repairs)
      .member("bad_messages", statistics.bad_messages)
      .member("openers", result.openers)
      .member("milliseconds", std::llround(result.seconds * 1000))
      .member("messages_per_second", rate(result))
      .member("interrupted", result.interrupted);
  append_latency(json, "ack", statistics.ack);
  append_latency(json, "delivery", statistics.delivery);
  if (result.failure) json.member("failure", *result.failure);
  json.key("anomalies").begin_array();
  for (const BadDialogue& bad : result.bad_dialogues) {
    json.begin_object().member("dialogue", bad.dialogue).member("conversation", bad.conversation);
    for (std::size_t fault = 0; fault < fault_count; ++fault)
      json.member(fault_name(static_cast<Fault>(fault)), bad.verdict.counts[fault]);
    json.key("details").begin_array();
    for (const std::string& detail : bad.verdict.details) json.value(detail);
    json.end_array().end_object();
  }
  json.end_array().end_object();
  text += '\n';
  return text;
}

}  // namespace clearline::app::replay
