// The shape of the registry's entries. The entries themselves are data: registry.json, from which the build
// generates registry/generated/tables.h (a new code is one entry there).
#pragma once

#include <cstdint>
#include <string_view>

namespace clearline::registry {

// Who ended the connection.
enum class Origin : std::uint8_t { us, peer, network };

[[nodiscard]] constexpr std::string_view origin_name(Origin origin) {
  switch (origin) {
    case Origin::us:
      return "us";
    case Origin::peer:
      return "peer";
    case Origin::network:
      return "network";
  }
  return "";
}

// Which end of the connection an endpoint is.
enum class Role : std::uint8_t { server, client };

// Whether a code may stand in a Close frame (RFC 6455 section 7.4).
enum class WireRule : std::uint8_t {
  never,         // outside the protocol, reserved, unassigned, or a verdict (1005, 1006, 1015)
  anyone,        // either side
  client_only,   // 1010: a server fails the handshake instead (section 7.4.1)
  by_extension,  // 2000-2999: only where a negotiated extension defines it
};

[[nodiscard]] constexpr std::string_view wire_rule_name(WireRule rule) {
  switch (rule) {
    case WireRule::never:
      return "never";
    case WireRule::anyone:
      return "anyone";
    case WireRule::client_only:
      return "client_only";
    case WireRule::by_extension:
      return "by_extension";
  }
  return "";
}

// What a policy makes the client do.
enum class AgainAction : std::uint8_t {
  none,          // the client closed by itself and knows what comes next
  stop,          // stay closed and say so
  stop_if_ours,  // stop when our bye said so, otherwise connect
  connect,       // connect, by the delays of the policy
};

// What happens to the messages that are not acknowledged yet.
enum class OutboxRule : std::uint8_t {
  keep,                   // they are sent again
  fail_oldest,            // the oldest one is the culprit: marked not sent, never sent again
  set_aside_after_three,  // the one that was the oldest three times running is set aside
};

[[nodiscard]] constexpr std::string_view again_action_name(AgainAction action) {
  switch (action) {
    case AgainAction::none:
      return "none";
    case AgainAction::stop:
      return "stop";
    case AgainAction::stop_if_ours:
      return "stop_if_ours";
    case AgainAction::connect:
      return "connect";
  }
  return "";
}

[[nodiscard]] constexpr std::string_view outbox_rule_name(OutboxRule rule) {
  switch (rule) {
    case OutboxRule::keep:
      return "keep";
    case OutboxRule::fail_oldest:
      return "fail_oldest";
    case OutboxRule::set_aside_after_three:
      return "set_aside_after_three";
  }
  return "";
}

// When a client connects again. It follows from the status alone, never from the reason text.
struct AgainPolicy {
  std::string_view name;
  std::string_view text;
  AgainAction action;
  OutboxRule outbox;
  bool renew_token;               // get a new credential first
  bool resync;                    // drop the cursor and load afresh
  bool reload;                    // load the page's assets afresh, once
  bool honours_hint;              // the bye's retry_after and spread replace floor and first window
  bool may_hurry;                 // coming online, focus or a person's wish shortens the wait
  std::uint8_t tries_max;         // then stop; 0: no limit
  std::uint32_t first_window_ms;  // the first try: a random delay in floor + [0, this)
  std::uint32_t floor_ms;         // no try earlier than this
  std::uint32_t backoff_base_ms;  // try n: floor + random in [0, min(cap, base * 2^n))
  std::uint32_t backoff_cap_ms;
  std::uint32_t stop_if_repeated_within_ms;  // the same status again within this time: stop; 0: never
};

}  // namespace clearline::registry
