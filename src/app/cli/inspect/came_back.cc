#include "app/cli/inspect/came_back.h"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "app/cli/inspect/safe_text.h"

namespace clearline::app::inspect {

namespace {

// A reason longer than this only makes the table longer; JSON has it whole.
constexpr std::size_t reason_bytes_max = 48;

std::string seconds(std::int64_t ms) {
  return fmt::format("{:.1f} s", static_cast<double>(ms) / 1000);
}

void add(std::string& words, std::string_view more) {
  if (!words.empty()) words += ", ";
  words += more;
}

void add_count(std::string& words, std::size_t count, std::string_view one, std::string_view many) {
  if (count == 1) add(words, one);
  if (count > 1) add(words, fmt::format("{} {}", count, many));
}

void add_events(std::string& words, const Probe& probe, const Reply& reply) {
  const auto count_of = [&](EventKind kind) {
    return static_cast<std::size_t>(std::count_if(reply.events.begin(), reply.events.end(),
                                                  [kind](const Event& event) { return event.kind == kind; }));
  };
  const std::size_t messages = count_of(EventKind::text) + count_of(EventKind::binary);
  add_count(words, count_of(EventKind::pong), "pong", "pongs");
  const bool echo = probe.needs.echo || shows_acceptance(reply);
  add_count(words, messages, echo ? "echo" : "message", echo ? "echoes" : "messages");
}

void add_close(std::string& words, const ReceivedClose& close) {
  if (close.payload_bytes == 0) return add(words, "Close without a code");
  if (!close.code) return add(words, "Close with a payload of one byte");
  add(words, fmt::format("Close {}", *close.code));
  if (!close.reason.empty()) words += fmt::format(" \"{}\"", safe_text(close.reason, reason_bytes_max));
}

std::string handshake_words(const Observation& seen) {
  if (seen.http) return fmt::format("HTTP {}", seen.http->status);
  if (!seen.not_http.empty()) return "no HTTP: " + seen.not_http;
  if (seen.tcp == TcpEnd::reset) return "TCP RST";
  if (seen.tcp == TcpEnd::fin) return "TCP FIN";
  return "nothing for " + seconds(seen.waited_ms);
}

std::string connection_words(const Probe& probe, const Observation& seen) {
  std::string words;
  add_events(words, probe, seen.reply);
  if (seen.reply.close) add_close(words, *seen.reply.close);
  if (seen.reply.violation && !seen.reply.close)
    add(words, fmt::format("bytes that break the protocol ({})", registry::cause_name(*seen.reply.violation)));
  if (seen.alive_afterwards) add(words, *seen.alive_afterwards ? "a new connection" : "no new connection");
  if (seen.tcp == TcpEnd::fin) add(words, "TCP FIN");
  if (seen.tcp == TcpEnd::reset) add(words, "TCP RST");
  if (words.empty()) return "nothing for " + seconds(seen.waited_ms);
  if (seen.released) add(words, (*seen.released ? "let go within " : "held for ") + seconds(seen.waited_ms));
  return words;
}

}  // namespace

std::string came_back(const Probe& probe, const Observation& seen) {
  if (seen.connect_error) return "no connection";
  const Demand demand = probe.expect.demand;
  const bool opened = seen.http && seen.http->status == 101 && seen.http->invalid.empty();
  if (!opened || demand == Demand::refuse_handshake || demand == Demand::accept_handshake) return handshake_words(seen);
  return connection_words(probe, seen);
}

}  // namespace clearline::app::inspect
