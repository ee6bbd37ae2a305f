#include "store/sqlite/schema.h"

#include <fmt/core.h>

#include <array>
#include <string>

#include "base/random.h"

namespace clearline::store {

namespace {

// Migration n brings user_version from n to n + 1. Never change one that was released: add the next.
constexpr std::array migrations = {
    R"sql(
-- What the store knows of itself; one row.
CREATE TABLE store (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  epoch INTEGER NOT NULL,                     -- unsigned 64 bits, stored as signed
  directory_version INTEGER NOT NULL          -- grows with every write of a Directory
) STRICT;

-- id is the order of commits over all conversations, for search, webhooks and export. Chats read the newest events,
-- which lie together at the table's end whatever their conversation: measured better than clustering by conversation.
CREATE TABLE events (
  id INTEGER PRIMARY KEY,
  conversation INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  kind INTEGER NOT NULL,                      -- chat::EventKind
  sender_role INTEGER NOT NULL,               -- chat::Role
  sender INTEGER NOT NULL,
  client_id BLOB,                             -- 16 bytes
  text TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX events_by_seq ON events (conversation, seq);
CREATE UNIQUE INDEX events_by_client_id ON events (conversation, client_id);

CREATE TABLE conversations (
  id INTEGER PRIMARY KEY,
  site INTEGER NOT NULL,
  visitor INTEGER NOT NULL,
  status INTEGER NOT NULL,                    -- chat::ConversationStatus
  created_at INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  last_visitor_seq INTEGER NOT NULL,
  waiting_since INTEGER,
  unread INTEGER NOT NULL,
  visitor_delivered INTEGER NOT NULL,
  visitor_seen INTEGER NOT NULL,
  agents_delivered INTEGER NOT NULL,
  agents_seen INTEGER NOT NULL,
  version INTEGER NOT NULL,
  last_kind INTEGER,                          -- the preview: all three or none
  last_role INTEGER,
  last_text TEXT
) STRICT;
-- The rowid (id) ends every index, so this one read backwards is an inbox in its order.
CREATE INDEX conversations_by_inbox ON conversations (site, status, last_at);

CREATE TABLE sites (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  closed INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE site_origins (
  site INTEGER NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  origin TEXT NOT NULL,
  PRIMARY KEY (site, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE agents (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  display_name TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  role INTEGER NOT NULL,                      -- chat::AgentRole
  disabled INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE agent_sites (
  agent INTEGER NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
  site INTEGER NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
  PRIMARY KEY (agent, site)
) STRICT, WITHOUT ROWID;
CREATE INDEX agent_sites_by_site ON agent_sites (site);

CREATE TABLE sessions (
  token_hash BLOB PRIMARY KEY,                -- 32 bytes
  agent INTEGER NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_agent ON sessions (agent);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE facts (
  name TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
)sql",
};

Result<void> check_ours(Connection& connection) {
  CLEARLINE_TRY(const std::int64_t id, connection.query_integer("read application_id", "PRAGMA application_id"));
  if (id == application_id) return {};
  return tl::unexpected(connection.fault(
      ErrorCode::corrupt, fmt::format("is not a Clearline database: its application_id is {:#x}, ours is {:#x}",
                                      static_cast<std::uint32_t>(id), application_id)));
}

Result<std::int64_t> read_version(Connection& connection) {
  CLEARLINE_TRY(const std::int64_t version, connection.query_integer("read user_version", "PRAGMA user_version"));
  if (version >= 1 && version <= schema_version_newest()) return version;
  return tl::unexpected(connection.fault(
      ErrorCode::corrupt, fmt::format("has schema version {}, this program knows versions 1 to {}; use the version "
                                      "of Clearline that wrote it, or a newer one",
                                      version, schema_version_newest())));
}

Result<void> apply_migrations(Connection& connection, std::int64_t from) {
  for (auto version = static_cast<std::size_t>(from); version < migrations.size(); ++version)
    CLEARLINE_CHECK(connection.execute("migrate the schema", migrations[version]));
  return connection.execute("set user_version", fmt::format("PRAGMA user_version = {}", migrations.size()));
}

}  // namespace

std::int64_t schema_version_newest() {
  return static_cast<std::int64_t>(migrations.size());
}

Result<void> create_schema(Connection& connection) {
  const auto epoch = static_cast<std::int64_t>(random_u64());
  CLEARLINE_CHECK(connection.execute("begin", "BEGIN IMMEDIATE"));
  CLEARLINE_CHECK(apply_migrations(connection, 0));
  CLEARLINE_CHECK(connection.execute(
      "create the store",
      fmt::format("PRAGMA application_id = {}; INSERT INTO store VALUES (1, {}, 0)", application_id, epoch)));
  return connection.execute("commit", "COMMIT");
}

Result<void> migrate_schema(Connection& connection) {
  CLEARLINE_CHECK(check_ours(connection));
  CLEARLINE_TRY(std::int64_t version, read_version(connection));
  if (version == schema_version_newest()) return {};
  CLEARLINE_CHECK(connection.execute("begin", "BEGIN IMMEDIATE"));
  // Another process may have migrated while this one waited for its turn to write.
  CLEARLINE_TRY(version, read_version(connection));
  CLEARLINE_CHECK(apply_migrations(connection, version));
  return connection.execute("commit", "COMMIT");
}

}  // namespace clearline::store
