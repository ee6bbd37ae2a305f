// Everything that is known about how a WebSocket connection ends: every status code 0-65535, every cause, and the
// chat protocol's error messages. Nothing else in the tree spells a code out.
//
// Two words are kept apart everywhere: the *wire code* stands in a Close frame that was really sent or received;
// the *status* of an ended connection is the wire code, or a verdict of this endpoint (1005, 1006, 1015) that is
// never sent.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "registry/generated/tables.h"
#include "registry/types.h"

namespace clearline::registry {

// Every entry, by last code: a range stands behind the codes that are cut out of it.
[[nodiscard]] constexpr std::span<const Entry> entries() {
  return generated::entries;
}

// Total: a number that has no entry of its own gets its range's.
[[nodiscard]] constexpr const Entry& lookup(std::uint16_t code) {
  for (const Entry& entry : generated::entries) {
    if (entry.code_first <= code && code <= entry.code_last) return entry;
  }
  return generated::entries[0];  // not reached: the generator refuses a registry with a gap
}

// RFC 6455 section 7.4.1 and the sender rules of the IANA registry. A browser's page may send less: see
// Entry::browser_may_send.
[[nodiscard]] constexpr bool may_be_sent(std::uint16_t code, Role role) {
  const WireRule wire = lookup(code).wire;
  return wire == WireRule::anyone || (wire == WireRule::client_only && role == Role::client);
}

// Whether a received Close frame with this code is taken as it is; any other is a protocol error (1002). A 1010 from
// a server is let pass: the sender is at fault, but the number is a code.
[[nodiscard]] constexpr bool valid_on_wire_when_received(std::uint16_t code) {
  const WireRule wire = lookup(code).wire;
  return wire == WireRule::anyone || wire == WireRule::client_only;
}

[[nodiscard]] constexpr std::span<const AgainPolicy> again_policies() {
  return generated::again_policies;
}
[[nodiscard]] constexpr const AgainPolicy& again_policy(Again again) {
  return generated::again_policies[static_cast<std::size_t>(again)];
}

[[nodiscard]] constexpr std::span<const CauseEntry> causes() {
  return generated::causes;
}
[[nodiscard]] constexpr const CauseEntry& cause_entry(Cause cause) {
  return generated::causes[static_cast<std::size_t>(cause)];
}
[[nodiscard]] constexpr std::string_view cause_name(Cause cause) {
  return cause_entry(cause).name;
}
[[nodiscard]] constexpr std::string_view cause_text(Cause cause) {
  return cause_entry(cause).text;
}
// For Cause::peer_closed and application_closed the status when no code was given.
[[nodiscard]] constexpr std::uint16_t status_for(Cause cause) {
  return cause_entry(cause).status;
}

[[nodiscard]] constexpr std::optional<Cause> cause_from_name(std::string_view name) {
  for (const CauseEntry& entry : generated::causes) {
    if (entry.name == name) return entry.cause;
  }
  return std::nullopt;
}

[[nodiscard]] constexpr std::span<const ErrorEntry> errors() {
  return generated::errors;
}
[[nodiscard]] constexpr const ErrorEntry& error_entry(ErrorName error) {
  return generated::errors[static_cast<std::size_t>(error)];
}
[[nodiscard]] constexpr std::string_view error_name(ErrorName error) {
  return error_entry(error).name;
}
[[nodiscard]] constexpr std::string_view error_text(ErrorName error) {
  return error_entry(error).text;
}
// Whether the same message may be sent again later.
[[nodiscard]] constexpr bool error_retryable(ErrorName error) {
  return error_entry(error).retryable;
}

[[nodiscard]] constexpr std::optional<ErrorName> error_from_name(std::string_view name) {
  for (const ErrorEntry& entry : generated::errors) {
    if (entry.name == name) return entry.error;
  }
  return std::nullopt;
}

}  // namespace clearline::registry
