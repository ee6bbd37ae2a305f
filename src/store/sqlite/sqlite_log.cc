#include "store/sqlite/sqlite_log.h"

#include <chrono>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "store/errors.h"
#include "store/sqlite/configure.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/rows.h"
#include "store/transaction_state.h"

namespace clearline::store {

namespace {

class SqliteLog final : public chat::Log {
 public:
  SqliteLog(std::unique_ptr<Connection> connection, const SqliteOptions& options, WriteTurn& turn,
            std::atomic<bool>& log_open)
      : connection_(std::move(connection)), options_(options), turn_(turn), log_open_(log_open) {}
  ~SqliteLog() override {
    if (transaction_.is_open()) SqliteLog::rollback();
    log_open_ = false;
  }

  Result<void> prepare();

  Result<void> begin() override;
  Result<void> commit() override;
  void rollback() override;
  Result<std::optional<chat::Conversation>> load(chat::ConversationId id) override;
  Result<std::optional<chat::Event>> find(chat::ConversationId id, const chat::ClientId& client_id) override;
  Result<std::int64_t> count_visitor_messages(chat::ConversationId id, chat::Seq after) override;
  Result<void> append(chat::ConversationId id, const chat::Event& event) override;
  Result<void> save(const chat::Conversation& conversation) override;
  void idle() override;

 private:
  Result<std::optional<chat::Conversation>> load_row(chat::ConversationId id);
  Result<std::optional<chat::Event>> find_row(chat::ConversationId id, const chat::ClientId& client_id);
  Result<std::int64_t> count_rows(chat::ConversationId id, chat::Seq after);
  Result<void> insert_event(chat::ConversationId id, const chat::Event& event);
  Result<void> save_row(const chat::Conversation& conversation);

  std::unique_ptr<Connection> connection_;
  SqliteOptions options_;
  WriteTurn& turn_;
  std::atomic<bool>& log_open_;
  TransactionState transaction_;
  bool wal_has_frames_ = true;  // perhaps, from before we were started
  Statement begin_, commit_, rollback_, load_, find_, count_, append_, save_;
};

Result<void> SqliteLog::prepare() {
  return connection_->prepare({
      {begin_, "begin", "BEGIN IMMEDIATE"},
      {commit_, "commit", "COMMIT"},
      {rollback_, "roll back", "ROLLBACK"},
      {load_, "load a conversation", "SELECT " CLEARLINE_CONVERSATION_COLUMNS " FROM conversations WHERE id = ?1"},
      {find_, "find an event",
       "SELECT " CLEARLINE_EVENT_COLUMNS " FROM events WHERE conversation = ?1 AND client_id = ?2"},
      {count_, "count visitor messages",
       "SELECT count(*) FROM events WHERE conversation = ?1 AND seq > ?2 AND kind = ?3 AND sender_role = ?4"},
      {append_, "append an event",
       "INSERT INTO events (" CLEARLINE_EVENT_COLUMNS ", conversation) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"},
      {save_, "save a conversation",
       "INSERT OR REPLACE INTO conversations (" CLEARLINE_CONVERSATION_COLUMNS
       ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)"},
  });
}

Result<void> SqliteLog::begin() {
  CLEARLINE_ASSERT(!transaction_.is_open());
  CLEARLINE_CHECK(acquire_turn(*connection_, turn_, options_));
  if (auto begun = begin_.run(); !begun) {
    turn_.release();
    return begun;
  }
  transaction_.open();
  return {};
}

Result<void> SqliteLog::commit() {
  CLEARLINE_CHECK(transaction_.check());
  CLEARLINE_CHECK(transaction_.note(commit_.run()));
  wal_has_frames_ = true;
  transaction_.close();
  turn_.release();
  return {};
}

void SqliteLog::rollback() {
  if (!transaction_.is_open()) return;
  // After some failures (a full disk) SQLite has rolled back by itself. A ROLLBACK that fails leaves begin() to say so.
  if (connection_->in_transaction()) static_cast<void>(rollback_.run());
  transaction_.close();
  turn_.release();
}

Result<std::optional<chat::Conversation>> SqliteLog::load(chat::ConversationId id) {
  CLEARLINE_CHECK(transaction_.check());
  return transaction_.note(load_row(id));
}

Result<std::optional<chat::Conversation>> SqliteLog::load_row(chat::ConversationId id) {
  Query query = load_.start(id.value());
  CLEARLINE_TRY(const bool row, query.next());
  if (!row) return std::nullopt;
  return read_conversation(*connection_, query);
}

Result<std::optional<chat::Event>> SqliteLog::find(chat::ConversationId id, const chat::ClientId& client_id) {
  CLEARLINE_CHECK(transaction_.check());
  return transaction_.note(find_row(id, client_id));
}

Result<std::optional<chat::Event>> SqliteLog::find_row(chat::ConversationId id, const chat::ClientId& client_id) {
  Query query = find_.start(id.value(), std::span<const std::byte>(client_id.bytes));
  CLEARLINE_TRY(const bool row, query.next());
  if (!row) return std::nullopt;
  return read_event(*connection_, id, query);
}

Result<std::int64_t> SqliteLog::count_visitor_messages(chat::ConversationId id, chat::Seq after) {
  CLEARLINE_CHECK(transaction_.check());
  return transaction_.note(count_rows(id, after));
}

Result<std::int64_t> SqliteLog::count_rows(chat::ConversationId id, chat::Seq after) {
  Query query = count_.start(id.value(), after, static_cast<std::int64_t>(chat::EventKind::message),
                             static_cast<std::int64_t>(chat::Role::visitor));
  CLEARLINE_CHECK(query.row());
  return query.integer(0);
}

Result<void> SqliteLog::append(chat::ConversationId id, const chat::Event& event) {
  CLEARLINE_CHECK(transaction_.check());
  return transaction_.note(insert_event(id, event));
}

Result<void> SqliteLog::insert_event(chat::ConversationId id, const chat::Event& event) {
  std::optional<std::span<const std::byte>> client_id;
  if (event.client_id) client_id = event.client_id->bytes;
  Result<void> inserted =
      append_.run(event.seq, event.at.ms, static_cast<std::int64_t>(event.kind),
                  static_cast<std::int64_t>(event.from.role), event.from.id, client_id, event.text, id.value());
  if (inserted || !connection_->violated_unique()) return inserted;
  // SQLite names the columns: "UNIQUE constraint failed: events.conversation, events.client_id".
  if (connection_->last_message().find("client_id") != std::string_view::npos) return client_id_taken(id, event);
  return seq_taken(id, event);
}

Result<void> SqliteLog::save(const chat::Conversation& conversation) {
  CLEARLINE_CHECK(transaction_.check());
  return transaction_.note(save_row(conversation));
}

Result<void> SqliteLog::save_row(const chat::Conversation& c) {
  std::optional<std::int64_t> waiting_since, last_kind, last_role;
  std::optional<std::string_view> last_text;
  if (c.waiting_since) waiting_since = c.waiting_since->ms;
  if (c.last) {
    last_kind = static_cast<std::int64_t>(c.last->kind);
    last_role = static_cast<std::int64_t>(c.last->role);
    last_text = c.last->text;
  }
  return save_.run(c.id.value(), c.site.value(), c.visitor.value(), static_cast<std::int64_t>(c.status),
                   c.created_at.ms, c.last_seq, c.last_at.ms, c.last_visitor_seq, waiting_since, c.unread,
                   c.visitor_cursor.delivered, c.visitor_cursor.seen, c.agents_cursor.delivered, c.agents_cursor.seen,
                   c.version, last_kind, last_role, last_text);
}

void SqliteLog::idle() {
  CLEARLINE_ASSERT(!transaction_.is_open());
  if (!wal_has_frames_) return;
  // Upkeep only: a reader in the way, or a disk that fails now, is tried again at the next idle moment.
  if (connection_->truncate_wal().value_or(false)) wal_has_frames_ = false;
}

}  // namespace

Result<std::unique_ptr<chat::Log>> open_sqlite_log(const std::filesystem::path& path, const SqliteOptions& options,
                                                   WriteTurn& turn, std::atomic<bool>& log_open) {
  CLEARLINE_TRY(auto connection, Connection::open(path, options.busy_timeout_ms));
  CLEARLINE_CHECK(configure(*connection, ConnectionUse::log, options));
  auto log = std::make_unique<SqliteLog>(std::move(connection), options, turn, log_open);
  CLEARLINE_CHECK(log->prepare());
  return log;
}

}  // namespace clearline::store
