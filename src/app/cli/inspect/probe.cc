#include "app/cli/inspect/probe.h"

#include <algorithm>
#include <array>

namespace clearline::app::inspect {

namespace {

struct GroupText {
  std::string_view name;
  std::string_view title;
};

constexpr std::array<GroupText, group_count> groups = {{
    {"handshake", "Opening handshake"},
    {"framing", "Framing"},
    {"control", "Control frames"},
    {"messages", "Messages"},
    {"utf8", "UTF-8"},
    {"close-codes", "Close codes"},
    {"closing", "Closing"},
    {"compression", "permessage-deflate"},
    {"limits", "Message limit"},
}};

}  // namespace

std::string_view group_name(Group group) {
  return groups[static_cast<std::size_t>(group)].name;
}

std::string_view group_title(Group group) {
  return groups[static_cast<std::size_t>(group)].title;
}

bool shows_acceptance(const Reply& reply) {
  return std::any_of(reply.events.begin(), reply.events.end(), [](const Event& event) {
    if (event.kind == EventKind::ping) return false;
    return event.kind == EventKind::pong || event.payload.find(marker) != std::string::npos;
  });
}

}  // namespace clearline::app::inspect
