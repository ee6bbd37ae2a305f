#include "store/sqlite/rows.h"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>

#include "base/base32.h"

namespace clearline::store {

namespace {

tl::unexpected<Error> corrupt(const Connection& connection, chat::ConversationId id, std::string_view what) {
  return tl::unexpected(connection.fault(
      ErrorCode::corrupt,
      fmt::format("conversation {}: {}", id_to_text('c', static_cast<std::uint64_t>(id.value())), what)));
}

bool in_range(std::int64_t value, auto first, auto last) {
  return value >= static_cast<std::int64_t>(first) && value <= static_cast<std::int64_t>(last);
}

}  // namespace

Result<chat::Conversation> read_conversation(const Connection& connection, const Query& row) {
  chat::Conversation conversation;
  conversation.id = chat::ConversationId{row.integer(0)};
  conversation.site = chat::SiteId{row.integer(1)};
  conversation.visitor = chat::VisitorId{row.integer(2)};
  const std::int64_t status = row.integer(3);
  if (!in_range(status, chat::ConversationStatus::open, chat::ConversationStatus::closed))
    return corrupt(connection, conversation.id, fmt::format("status {} is unknown", status));
  conversation.status = static_cast<chat::ConversationStatus>(status);
  conversation.created_at = WallTime{row.integer(4)};
  conversation.last_seq = row.integer(5);
  conversation.last_at = WallTime{row.integer(6)};
  conversation.last_visitor_seq = row.integer(7);
  if (!row.is_null(8)) conversation.waiting_since = WallTime{row.integer(8)};
  conversation.unread = row.integer(9);
  conversation.visitor_cursor = {row.integer(10), row.integer(11)};
  conversation.agents_cursor = {row.integer(12), row.integer(13)};
  conversation.version = row.integer(14);
  if (row.is_null(15)) return conversation;
  const std::int64_t kind = row.integer(15);
  const std::int64_t role = row.integer(16);
  if (!in_range(kind, chat::EventKind::message, chat::EventKind::reopened) ||
      !in_range(role, chat::Role::visitor, chat::Role::agent))
    return corrupt(connection, conversation.id, fmt::format("preview of kind {}, role {} is unknown", kind, role));
  conversation.last =
      chat::Preview{static_cast<chat::EventKind>(kind), static_cast<chat::Role>(role), std::string(row.text(17))};
  return conversation;
}

Result<chat::Event> read_event(const Connection& connection, chat::ConversationId id, const Query& row) {
  chat::Event event;
  event.seq = row.integer(0);
  event.at = WallTime{row.integer(1)};
  const std::int64_t kind = row.integer(2);
  const std::int64_t role = row.integer(3);
  if (!in_range(kind, chat::EventKind::message, chat::EventKind::reopened) ||
      !in_range(role, chat::Role::visitor, chat::Role::agent))
    return corrupt(connection, id, fmt::format("seq {}: kind {}, role {} is unknown", event.seq, kind, role));
  event.kind = static_cast<chat::EventKind>(kind);
  event.from = {static_cast<chat::Role>(role), row.integer(4)};
  if (!row.is_null(5)) {
    const std::span<const std::byte> bytes = row.blob(5);
    chat::ClientId client_id;
    if (bytes.size() != client_id.bytes.size())
      return corrupt(connection, id, fmt::format("seq {}: client_id has {} bytes", event.seq, bytes.size()));
    std::copy(bytes.begin(), bytes.end(), client_id.bytes.begin());
    event.client_id = client_id;
  }
  event.text = row.text(6);
  return event;
}

}  // namespace clearline::store
