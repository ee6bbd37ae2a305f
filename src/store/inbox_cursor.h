// The opaque text that names a place in an inbox: the last conversation of a page. Both stores write the same form, so
// that a cursor survives a restart and a change of the store.
//
//     cursor   = site status last_at id
//     site     = "s" 13 digits of base32        status = "o" (open) or "x" (closed), joined with last_at:
//     last_at  = status 13 digits of base32     id     = "c" 13 digits of base32
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "chat/types.h"

namespace clearline::store {

// Conversations of a page come newest first: (last_at, id) descending.
struct InboxPosition {
  WallTime last_at;
  chat::ConversationId id;
  friend constexpr auto operator<=>(const InboxPosition&, const InboxPosition&) = default;
};

[[nodiscard]] std::string inbox_cursor(chat::SiteId site, chat::ConversationStatus status, InboxPosition position);

// invalid_argument, with the cursor in its message, unless inbox_cursor() wrote it for this site and status.
[[nodiscard]] Result<InboxPosition> parse_inbox_cursor(std::string_view cursor, chat::SiteId site,
                                                       chat::ConversationStatus status);

}  // namespace clearline::store
