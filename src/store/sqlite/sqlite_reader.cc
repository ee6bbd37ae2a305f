#include "store/sqlite/sqlite_reader.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "store/errors.h"
#include "store/inbox_cursor.h"
#include "store/sqlite/configure.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/rows.h"

namespace clearline::store {

namespace {

class SqliteReader final : public chat::Reader {
 public:
  explicit SqliteReader(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}

  Result<void> prepare();

  Result<std::optional<chat::Conversation>> conversation(chat::ConversationId id) override;
  Result<std::vector<chat::Event>> events_after(chat::ConversationId id, chat::Seq after, std::size_t limit) override;
  Result<std::vector<chat::Event>> events_before(chat::ConversationId id, chat::Seq before, std::size_t limit) override;
  Result<chat::InboxPage> inbox(chat::SiteId site, chat::ConversationStatus status, std::size_t limit,
                                std::string_view cursor) override;

 private:
  Result<std::vector<chat::Event>> read_events(chat::ConversationId id, Query& query);

  std::unique_ptr<Connection> connection_;
  Statement conversation_, events_after_, events_before_, inbox_;
};

Result<void> SqliteReader::prepare() {
  return connection_->prepare({
      {conversation_, "read a conversation",
       "SELECT " CLEARLINE_CONVERSATION_COLUMNS " FROM conversations WHERE id = ?1"},
      {events_after_, "read events after a seq",
       "SELECT " CLEARLINE_EVENT_COLUMNS " FROM events WHERE conversation = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3"},
      {events_before_, "read events before a seq",
       "SELECT " CLEARLINE_EVENT_COLUMNS
       " FROM events WHERE conversation = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3"},
      {inbox_, "read an inbox",
       "SELECT " CLEARLINE_CONVERSATION_COLUMNS
       " FROM conversations WHERE site = ?1 AND status = ?2 AND (last_at, id) < (?3, ?4) "
       "ORDER BY last_at DESC, id DESC LIMIT ?5"},
  });
}

Result<std::optional<chat::Conversation>> SqliteReader::conversation(chat::ConversationId id) {
  Query query = conversation_.start(id.value());
  CLEARLINE_TRY(const bool row, query.next());
  if (!row) return std::nullopt;
  return read_conversation(*connection_, query);
}

Result<std::vector<chat::Event>> SqliteReader::events_after(chat::ConversationId id, chat::Seq after,
                                                            std::size_t limit) {
  CLEARLINE_CHECK(check_limit("events_after", limit));
  Query query = events_after_.start(id.value(), after, static_cast<std::int64_t>(limit));
  return read_events(id, query);
}

Result<std::vector<chat::Event>> SqliteReader::events_before(chat::ConversationId id, chat::Seq before,
                                                             std::size_t limit) {
  CLEARLINE_CHECK(check_limit("events_before", limit));
  Query query = events_before_.start(id.value(), before, static_cast<std::int64_t>(limit));
  auto events = read_events(id, query);
  if (events) std::reverse(events->begin(), events->end());
  return events;
}

Result<std::vector<chat::Event>> SqliteReader::read_events(chat::ConversationId id, Query& query) {
  std::vector<chat::Event> events;
  while (true) {
    CLEARLINE_TRY(const bool row, query.next());
    if (!row) return events;
    CLEARLINE_TRY(chat::Event event, read_event(*connection_, id, query));
    events.push_back(std::move(event));
  }
}

Result<chat::InboxPage> SqliteReader::inbox(chat::SiteId site, chat::ConversationStatus status, std::size_t limit,
                                            std::string_view cursor) {
  CLEARLINE_CHECK(check_limit("inbox", limit));
  constexpr std::int64_t int64_max = std::numeric_limits<std::int64_t>::max();
  InboxPosition before{WallTime{int64_max}, chat::ConversationId{int64_max}};
  if (!cursor.empty()) {
    CLEARLINE_TRY(before, parse_inbox_cursor(cursor, site, status));
  }
  // One more than asked tells whether there is a next page.
  Query query = inbox_.start(site.value(), static_cast<std::int64_t>(status), before.last_at.ms, before.id.value(),
                             static_cast<std::int64_t>(limit) + 1);
  chat::InboxPage page;
  while (true) {
    CLEARLINE_TRY(const bool row, query.next());
    if (!row) return page;
    if (page.conversations.size() == limit) break;
    CLEARLINE_TRY(chat::Conversation conversation, read_conversation(*connection_, query));
    page.conversations.push_back(std::move(conversation));
  }
  const chat::Conversation& last = page.conversations.back();
  page.cursor = inbox_cursor(site, status, {last.last_at, last.id});
  return page;
}

}  // namespace

Result<std::unique_ptr<chat::Reader>> open_sqlite_reader(const std::filesystem::path& path,
                                                         const SqliteOptions& options) {
  CLEARLINE_TRY(auto connection, Connection::open(path, options.busy_timeout_ms));
  CLEARLINE_CHECK(configure(*connection, ConnectionUse::reader, options));
  auto reader = std::make_unique<SqliteReader>(std::move(connection));
  CLEARLINE_CHECK(reader->prepare());
  return reader;
}

}  // namespace clearline::store
