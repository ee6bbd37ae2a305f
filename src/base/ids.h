// The ids that cross every layer, each a type of its own, and their text on the wire (base/base32.h).
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/strong_id.h"

namespace clearline {

using SiteId = StrongId<struct SiteTag>;
using VisitorId = StrongId<struct VisitorTag>;
using AgentId = StrongId<struct AgentTag>;
using ConversationId = StrongId<struct ConversationTag>;

// Position of an event in its conversation's log: 1, 2, 3 … without holes, in commit order. 0 is before the first.
using Seq = std::int64_t;

// Which history a Seq belongs to: random, stored, changed when a store is restored from a backup.
struct Epoch {
  std::uint64_t value = 0;
  friend constexpr auto operator<=>(Epoch, Epoch) = default;
};

// The sender's own UUID for a message; unique within a conversation.
struct ClientId {
  std::array<std::byte, 16> bytes{};
  friend constexpr auto operator<=>(const ClientId&, const ClientId&) = default;
};

// A new id: 42 bits of time in ms and the low 21 bits of `random`; so ids sort by creation. Where nothing stored would
// refuse a repetition, `random` is a counter (app/id_source.h).
[[nodiscard]] std::int64_t make_id(WallTime now, std::uint64_t random);

[[nodiscard]] std::string to_text(VisitorId id);
[[nodiscard]] std::string to_text(AgentId id);
[[nodiscard]] std::string to_text(ConversationId id);
[[nodiscard]] std::string to_text(Epoch epoch);         // 16 hexadecimal digits
[[nodiscard]] std::string to_text(const ClientId& id);  // UUID, 36 characters, lower case

// Nothing unless the text is exactly what to_text writes.
[[nodiscard]] std::optional<VisitorId> visitor_id_from_text(std::string_view text);
[[nodiscard]] std::optional<AgentId> agent_id_from_text(std::string_view text);
[[nodiscard]] std::optional<ConversationId> conversation_id_from_text(std::string_view text);
[[nodiscard]] std::optional<Epoch> epoch_from_text(std::string_view text);
[[nodiscard]] std::optional<ClientId> client_id_from_text(std::string_view text);

}  // namespace clearline

template <>
struct std::hash<clearline::ClientId> {
  std::size_t operator()(const clearline::ClientId& id) const noexcept {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::memcpy(&high, id.bytes.data(), 8);
    std::memcpy(&low, id.bytes.data() + 8, 8);
    return static_cast<std::size_t>((high ^ (low << 1)) * 0x9E3779B97F4A7C15ULL);
  }
};
