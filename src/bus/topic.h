// What a message is about. Small and comparable; a node-to-node bus spells it as a subject.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "base/ids.h"

namespace clearline::bus {

enum class TopicKind : std::uint8_t {
  conversation,   // events and signals of one conversation, for all who watch it
  site_agents,    // for the agents of a site: their lists
  site_visitors,  // for the visitors of a site: whether agents are there
};

struct Topic {
  TopicKind kind = TopicKind::conversation;
  std::int64_t id = 0;
  friend constexpr auto operator<=>(const Topic&, const Topic&) = default;
};

[[nodiscard]] constexpr Topic conversation_topic(ConversationId id) {
  return {TopicKind::conversation, id.value()};
}
[[nodiscard]] constexpr Topic site_agents_topic(SiteId id) {
  return {TopicKind::site_agents, id.value()};
}
[[nodiscard]] constexpr Topic site_visitors_topic(SiteId id) {
  return {TopicKind::site_visitors, id.value()};
}

}  // namespace clearline::bus

template <>
struct std::hash<clearline::bus::Topic> {
  std::size_t operator()(const clearline::bus::Topic& topic) const noexcept {
    const auto value =
        static_cast<std::uint64_t>(topic.id) + static_cast<std::uint64_t>(topic.kind) * 0xD6E8FEB86659FD93ULL;
    return static_cast<std::size_t>(value * 0x9E3779B97F4A7C15ULL);
  }
};
