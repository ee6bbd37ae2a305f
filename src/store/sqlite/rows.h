// Conversations and events as rows. What is read is checked: a row that we cannot have written is `corrupt`.
#pragma once

#include "base/result.h"
#include "chat/types.h"
#include "store/sqlite/connection.h"

namespace clearline::store {

// In the order of read_conversation() and of the parameters of save_conversation().
#define CLEARLINE_CONVERSATION_COLUMNS                                                                  \
  "id, site, visitor, status, created_at, last_seq, last_at, last_visitor_seq, waiting_since, unread, " \
  "visitor_delivered, visitor_seen, agents_delivered, agents_seen, version, last_kind, last_role, last_text"
#define CLEARLINE_EVENT_COLUMNS "seq, at, kind, sender_role, sender, client_id, text"

[[nodiscard]] Result<chat::Conversation> read_conversation(const Connection& connection, const Query& row);
[[nodiscard]] Result<chat::Event> read_event(const Connection& connection, chat::ConversationId id, const Query& row);

}  // namespace clearline::store
