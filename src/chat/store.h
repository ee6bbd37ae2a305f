// The ports that the domain needs, and store/ implements (memory, sqlite; PostgreSQL later). One contract suite,
// tests/contract/store_contract.h, runs against every implementation.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "chat/types.h"

namespace clearline::chat {

// The write side of every conversation's log. Used by one thread at a time. All calls but begin(), rollback()
// and idle() need an open transaction, and begin() needs none open. A failed begin() opens nothing; any other failed
// call leaves the transaction open and good only for rollback().
class Log {
 public:
  virtual ~Log() = default;

  [[nodiscard]] virtual Result<void> begin() = 0;
  // When it returns, everything since begin() is flushed to stable storage (an acknowledgement may follow).
  [[nodiscard]] virtual Result<void> commit() = 0;
  // Undoes everything since begin(). Also closes a transaction whose commit() failed. Without one open, does nothing.
  virtual void rollback() = 0;

  // These see what this transaction wrote.
  [[nodiscard]] virtual Result<std::optional<Conversation>> load(ConversationId id) = 0;
  [[nodiscard]] virtual Result<std::optional<Event>> find(ConversationId id, const ClientId& client_id) = 0;
  // Visitor messages with seq > after.
  [[nodiscard]] virtual Result<std::int64_t> count_visitor_messages(ConversationId id, Seq after) = 0;

  // Fails with ErrorCode::conflict, naming both, if the seq or the client_id is in the conversation already.
  [[nodiscard]] virtual Result<void> append(ConversationId id, const Event& event) = 0;
  // Inserts the row or replaces the one with the same id.
  [[nodiscard]] virtual Result<void> save(const Conversation& conversation) = 0;

  // For the store's upkeep. The writer calls it, outside a transaction, when nothing has been written for a second.
  virtual void idle() {}
};

struct InboxPage {
  std::vector<Conversation> conversations;  // newest last_at first; ties by id, descending
  std::string cursor;                       // for the next page; empty when there is none
};

// The read side. Sees committed data only. Each Reader is used by one thread at a time; any number may exist.
class Reader {
 public:
  virtual ~Reader() = default;

  [[nodiscard]] virtual Result<std::optional<Conversation>> conversation(ConversationId id) = 0;
  // Events with seq > after, ascending, at most `limit` (1 … 10,000).
  [[nodiscard]] virtual Result<std::vector<Event>> events_after(ConversationId id, Seq after, std::size_t limit) = 0;
  // The newest events with seq < before, ascending, at most `limit`.
  [[nodiscard]] virtual Result<std::vector<Event>> events_before(ConversationId id, Seq before, std::size_t limit) = 0;
  // `cursor` is empty for the first page, else a page's cursor; one that we did not write is invalid_argument.
  [[nodiscard]] virtual Result<InboxPage> inbox(SiteId site, ConversationStatus status, std::size_t limit,
                                                std::string_view cursor) = 0;
};

// Sites, agents, their sessions and the server's own facts. Small, rarely written. Every call is its own durable
// transaction. Used by one thread at a time. Another process (clearline admin) may write between two calls.
class Directory {
 public:
  virtual ~Directory() = default;

  // A number that changes whenever another Directory, of this process or another, has written; not with the log.
  [[nodiscard]] virtual Result<std::int64_t> data_version() = 0;

  // The store's epoch, made at creation.
  [[nodiscard]] virtual Result<Epoch> epoch() = 0;
  // A fact by name, for example the key that signs visitors' tokens.
  [[nodiscard]] virtual Result<std::optional<std::string>> fact(std::string_view name) = 0;
  [[nodiscard]] virtual Result<void> set_fact(std::string_view name, std::string_view value) = 0;

  // already_exists if the key or the id is taken. Ids are given by the caller.
  [[nodiscard]] virtual Result<void> create_site(const Site& site) = 0;
  // not_found if there is no site with this id, already_exists if its new key is another's.
  [[nodiscard]] virtual Result<void> update_site(const Site& site) = 0;
  [[nodiscard]] virtual Result<std::vector<Site>> sites() = 0;  // by key

  // already_exists if the name or the id is taken, not_found if one of its sites is not there.
  [[nodiscard]] virtual Result<void> create_agent(const Agent& agent) = 0;
  // not_found if there is no agent with this id or one of its sites is not there, already_exists if its new name is
  // another's.
  [[nodiscard]] virtual Result<void> update_agent(const Agent& agent) = 0;
  [[nodiscard]] virtual Result<std::vector<Agent>> agents() = 0;  // by name
  [[nodiscard]] virtual Result<std::optional<Agent>> find_agent(std::string_view name) = 0;

  // not_found if there is no such agent, already_exists if the token_hash is taken.
  [[nodiscard]] virtual Result<void> create_session(const Session& session) = 0;
  // Expired ones too, as long as they are stored.
  [[nodiscard]] virtual Result<std::optional<Session>> find_session(const std::array<std::byte, 32>& token_hash) = 0;
  // Nothing happens if there is none.
  [[nodiscard]] virtual Result<void> delete_session(const std::array<std::byte, 32>& token_hash) = 0;
  // Ends all sessions of an agent (password changed, agent disabled) and returns how many there were.
  [[nodiscard]] virtual Result<std::int64_t> delete_sessions_of(AgentId agent) = 0;
  // Those with expires_at <= now; returns how many there were.
  [[nodiscard]] virtual Result<std::int64_t> delete_expired_sessions(WallTime now) = 0;
};

// One database. The objects that it makes must not outlive it.
class Database {
 public:
  virtual ~Database() = default;
  [[nodiscard]] virtual Result<std::unique_ptr<Log>> open_log() = 0;  // one at a time
  [[nodiscard]] virtual Result<std::unique_ptr<Reader>> open_reader() = 0;
  [[nodiscard]] virtual Result<std::unique_ptr<Directory>> open_directory() = 0;
};

}  // namespace clearline::chat
