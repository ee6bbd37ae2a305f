#include "app/cli/connect/end_report.h"

#include <fmt/format.h>

#include <iterator>
#include <optional>

#include "app/cli/inspect/safe_text.h"
#include "registry/registry.h"
#include "wire/json.h"

namespace clearline::app::connect {

namespace {

using registry::Cause;
using registry::Origin;

std::string frame_text(bool went, std::optional<std::uint16_t> code) {
  if (!went) return "no Close";
  return code ? std::to_string(*code) : "a Close without a code";
}

void write_code(wire::JsonWriter& json, std::string_view name, std::optional<std::uint16_t> code) {
  json.key(name);
  code ? json.value(*code) : json.null();
}

ExitStatus status_without_close(const ws::End& end) {
  switch (end.cause) {
    case Cause::handshake_refused:
      return ExitStatus::handshake_refused;
    case Cause::handshake_invalid:
      return ExitStatus::server_at_fault;
    case Cause::connect_failed:
    case Cause::name_not_resolved:
    case Cause::handshake_timeout:
      return ExitStatus::not_reached;
    default:
      return ExitStatus::lost;
  }
}

bool is_ordinary(std::uint16_t status) {
  return status == registry::normal_closure || status == registry::going_away || status == registry::no_status_received;
}

// What this end may find fault with; its other causes are the person's wish.
bool blames_server(Cause cause) {
  const std::string_view group = registry::cause_entry(cause).group;
  return group == "protocol" || group == "payload";
}

}  // namespace

ExitStatus exit_status_of(const ws::End& end) {
  if (registry::status_for(end.cause) == registry::tls_handshake) return ExitStatus::tls_failed;
  if (end.cause == Cause::missing_extension) return ExitStatus::missing_extension;
  if (blames_server(end.cause)) return ExitStatus::server_at_fault;
  if (!end.sent_close && !end.received_close) return status_without_close(end);
  if (end.cause == Cause::heartbeat_lost) return ExitStatus::lost;
  if (end.origin == Origin::peer) return is_ordinary(end.status) ? ExitStatus::ok : ExitStatus::closed_with_error;
  return end.clean ? ExitStatus::ok : ExitStatus::lost;
}

std::string end_line(const ws::End& end) {
  std::string line = fmt::format("connection ended: {} {}; cause {}, origin {}, {}", end.status,
                                 registry::lookup(end.status).name, registry::cause_name(end.cause),
                                 registry::origin_name(end.origin), end.clean ? "clean" : "not clean");
  if (end.unclean_cause) fmt::format_to(std::back_inserter(line), " ({})", registry::cause_name(*end.unclean_cause));
  if (!end.reason.empty())
    fmt::format_to(std::back_inserter(line), "; reason: {}", inspect::safe_text(end.reason, end.reason.size()));
  fmt::format_to(std::back_inserter(line), "; sent {}, received {}", frame_text(end.sent_close, end.sent_code),
                 frame_text(end.received_close, end.received_code));
  return line;
}

std::string end_json(const ws::End& end) {
  std::string text;
  wire::JsonWriter json(text);
  json.member("status", end.status).member("name", registry::lookup(end.status).name);
  json.member("cause", registry::cause_name(end.cause)).member("cause_text", registry::cause_text(end.cause));
  json.member("origin", registry::origin_name(end.origin)).member("clean", end.clean);
  json.key("unclean_cause");
  end.unclean_cause ? json.value(registry::cause_name(*end.unclean_cause)) : json.null();
  json.member("reason", end.reason).member("sent_close", end.sent_close);
  write_code(json, "sent_code", end.sent_code);
  json.member("received_close", end.received_close);
  write_code(json, "received_code", end.received_code);
  return text;
}

}  // namespace clearline::app::connect
