// The domain's values as the wire shows them. Views into the arguments: they live as long as those.
#pragma once

#include <string_view>

#include "app/directory_snapshot.h"
#include "app/presence.h"
#include "chat/types.h"
#include "wire/events.h"

namespace clearline::app {

[[nodiscard]] std::string_view event_kind_name(chat::EventKind kind);
[[nodiscard]] wire::SenderRole sender_role(chat::Role role);
[[nodiscard]] wire::SenderView sender_view(const chat::Sender& sender, const DirectorySnapshot& directory);
[[nodiscard]] wire::EventView event_view(const chat::Event& event, const DirectorySnapshot& directory);
[[nodiscard]] wire::SummaryView summary_view(const chat::Conversation& conversation, const DirectorySnapshot& directory,
                                             const Presence& presence);

}  // namespace clearline::app
