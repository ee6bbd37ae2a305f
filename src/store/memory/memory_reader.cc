#include "store/memory/memory_reader.h"

#include <algorithm>
#include <mutex>
#include <shared_mutex>

#include "store/errors.h"
#include "store/inbox_cursor.h"

namespace clearline::store {

namespace {

InboxPosition position_of(const chat::Conversation& conversation) {
  return {conversation.last_at, conversation.id};
}

}  // namespace

Result<std::optional<chat::Conversation>> MemoryReader::conversation(chat::ConversationId id) {
  const std::shared_lock lock(state_.mutex);
  const auto it = state_.conversations.find(id);
  return it == state_.conversations.end() ? std::nullopt : it->second.row;
}

Result<std::vector<chat::Event>> MemoryReader::events_after(chat::ConversationId id, chat::Seq after,
                                                            std::size_t limit) {
  CLEARLINE_CHECK(check_limit("events_after", limit));
  const std::shared_lock lock(state_.mutex);
  std::vector<chat::Event> page;
  const auto conversation = state_.conversations.find(id);
  if (conversation == state_.conversations.end()) return page;
  const auto& events = conversation->second.events;
  for (auto it = events.upper_bound(after); it != events.end() && page.size() < limit; ++it) page.push_back(it->second);
  return page;
}

Result<std::vector<chat::Event>> MemoryReader::events_before(chat::ConversationId id, chat::Seq before,
                                                             std::size_t limit) {
  CLEARLINE_CHECK(check_limit("events_before", limit));
  const std::shared_lock lock(state_.mutex);
  std::vector<chat::Event> page;
  const auto conversation = state_.conversations.find(id);
  if (conversation == state_.conversations.end()) return page;
  const auto& events = conversation->second.events;
  for (auto it = events.lower_bound(before); it != events.begin() && page.size() < limit;)
    page.push_back((--it)->second);
  std::reverse(page.begin(), page.end());
  return page;
}

Result<chat::InboxPage> MemoryReader::inbox(chat::SiteId site, chat::ConversationStatus status, std::size_t limit,
                                            std::string_view cursor) {
  CLEARLINE_CHECK(check_limit("inbox", limit));
  std::optional<InboxPosition> before;
  if (!cursor.empty()) {
    CLEARLINE_TRY(before, parse_inbox_cursor(cursor, site, status));
  }
  chat::InboxPage page;
  {
    const std::shared_lock lock(state_.mutex);
    for (const auto& [id, record] : state_.conversations)
      if (record.row && record.row->site == site && record.row->status == status &&
          (!before || position_of(*record.row) < *before))
        page.conversations.push_back(*record.row);
  }
  std::sort(page.conversations.begin(), page.conversations.end(),
            [](const auto& a, const auto& b) { return position_of(a) > position_of(b); });
  if (page.conversations.size() > limit) {
    page.conversations.resize(limit);
    page.cursor = inbox_cursor(site, status, position_of(page.conversations.back()));
  }
  return page;
}

}  // namespace clearline::store
