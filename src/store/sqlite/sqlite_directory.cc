#include "store/sqlite/sqlite_directory.h"

#include <fmt/core.h>

#include <array>
#include <span>
#include <string_view>
#include <utility>

#include "store/errors.h"
#include "store/sqlite/configure.h"
#include "store/sqlite/connection.h"

namespace clearline::store {

namespace {

using TokenHash = std::array<std::byte, 32>;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

class SqliteDirectory final : public chat::Directory {
 public:
  SqliteDirectory(std::unique_ptr<Connection> connection, const SqliteOptions& options, WriteTurn& turn)
      : connection_(std::move(connection)), options_(options), turn_(turn) {}

  Result<void> prepare();

  Result<std::int64_t> data_version() override;
  Result<chat::Epoch> epoch() override;
  Result<std::optional<std::string>> fact(std::string_view name) override;
  Result<void> set_fact(std::string_view name, std::string_view value) override;
  Result<void> create_site(const chat::Site& site) override;
  Result<void> update_site(const chat::Site& site) override;
  Result<std::vector<chat::Site>> sites() override;
  Result<void> create_agent(const chat::Agent& agent) override;
  Result<void> update_agent(const chat::Agent& agent) override;
  Result<std::vector<chat::Agent>> agents() override;
  Result<std::optional<chat::Agent>> find_agent(std::string_view name) override;
  Result<void> create_session(const chat::Session& session) override;
  Result<std::optional<chat::Session>> find_session(const TokenHash& token_hash) override;
  Result<void> delete_session(const TokenHash& token_hash) override;
  Result<std::int64_t> delete_sessions_of(chat::AgentId agent) override;
  Result<std::int64_t> delete_expired_sessions(WallTime now) override;

 private:
  // Runs `body` in a transaction of its own and counts it in directory_version. Rolls back what fails.
  template <typename Body>
  Result<void> write(Body&& body);
  template <typename Body>
  Result<void> write_in_turn(Body&& body);
  // Returns how many rows went.
  template <typename... Arguments>
  Result<std::int64_t> erase(Statement& statement, const Arguments&... arguments);

  Result<void> insert_origins(const chat::Site& site);
  Result<void> insert_agent_sites(const chat::Agent& agent);
  Result<std::vector<chat::Agent>> read_agents(Query& query);
  Result<chat::AgentRole> read_agent_role(const Query& row, std::string_view name) const;

  std::unique_ptr<Connection> connection_;
  SqliteOptions options_;
  WriteTurn& turn_;
  std::int64_t own_writes_ = 0;
  Statement begin_, commit_, rollback_, count_write_, data_version_, epoch_, fact_, set_fact_;
  Statement insert_site_, update_site_, delete_origins_, insert_origin_, sites_;
  Statement insert_agent_, update_agent_, delete_agent_sites_, insert_agent_site_, agents_, find_agent_;
  Statement insert_session_, find_session_, delete_session_, delete_sessions_of_, delete_expired_;
};

Result<void> SqliteDirectory::prepare() {
  return connection_->prepare({
      {begin_, "begin", "BEGIN IMMEDIATE"},
      {commit_, "commit", "COMMIT"},
      {rollback_, "roll back", "ROLLBACK"},
      {count_write_, "count a write", "UPDATE store SET directory_version = directory_version + 1"},
      {data_version_, "read the directory's version", "SELECT directory_version FROM store"},
      {epoch_, "read the epoch", "SELECT epoch FROM store"},
      {fact_, "read a fact", "SELECT value FROM facts WHERE name = ?1"},
      {set_fact_, "set a fact", "INSERT OR REPLACE INTO facts (name, value) VALUES (?1, ?2)"},
      {insert_site_, "create a site",
       "INSERT INTO sites (key, name, closed, created_at, id) VALUES (?1, ?2, ?3, ?4, ?5)"},
      {update_site_, "update a site",
       "UPDATE sites SET key = ?1, name = ?2, closed = ?3, created_at = ?4 WHERE id = ?5"},
      {delete_origins_, "delete a site's origins", "DELETE FROM site_origins WHERE site = ?1"},
      {insert_origin_, "insert a site's origin",
       "INSERT INTO site_origins (site, position, origin) VALUES (?1, ?2, ?3)"},
      {sites_, "read the sites",
       "SELECT sites.id, key, name, closed, created_at, origin FROM sites "
       "LEFT JOIN site_origins ON site = sites.id ORDER BY key, position"},
      {insert_agent_, "create an agent",
       "INSERT INTO agents (name, display_name, password_hash, role, disabled, created_at, id) "
       "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"},
      {update_agent_, "update an agent",
       "UPDATE agents SET name = ?1, display_name = ?2, password_hash = ?3, role = ?4, disabled = ?5, "
       "created_at = ?6 WHERE id = ?7"},
      {delete_agent_sites_, "delete an agent's sites", "DELETE FROM agent_sites WHERE agent = ?1"},
      {insert_agent_site_, "insert an agent's site", "INSERT OR IGNORE INTO agent_sites (agent, site) VALUES (?1, ?2)"},
      {agents_, "read the agents",
       "SELECT id, name, display_name, password_hash, role, disabled, created_at, site FROM agents "
       "LEFT JOIN agent_sites ON agent = id ORDER BY name, site"},
      {find_agent_, "find an agent",
       "SELECT id, name, display_name, password_hash, role, disabled, created_at, site FROM agents "
       "LEFT JOIN agent_sites ON agent = id WHERE name = ?1 ORDER BY site"},
      {insert_session_, "create a session",
       "INSERT INTO sessions (token_hash, agent, created_at, expires_at) VALUES (?1, ?2, ?3, ?4)"},
      {find_session_, "find a session", "SELECT agent, created_at, expires_at FROM sessions WHERE token_hash = ?1"},
      {delete_session_, "delete a session", "DELETE FROM sessions WHERE token_hash = ?1"},
      {delete_sessions_of_, "delete an agent's sessions", "DELETE FROM sessions WHERE agent = ?1"},
      {delete_expired_, "delete expired sessions", "DELETE FROM sessions WHERE expires_at <= ?1"},
  });
}

template <typename Body>
Result<void> SqliteDirectory::write(Body&& body) {
  CLEARLINE_CHECK(acquire_turn(*connection_, turn_, options_));
  Result<void> written = write_in_turn(std::forward<Body>(body));
  if (connection_->in_transaction()) static_cast<void>(rollback_.run());
  turn_.release();
  if (written) ++own_writes_;
  return written;
}

template <typename Body>
Result<void> SqliteDirectory::write_in_turn(Body&& body) {
  CLEARLINE_CHECK(begin_.run());
  CLEARLINE_CHECK(body());
  CLEARLINE_CHECK(count_write_.run());
  return commit_.run();
}

template <typename... Arguments>
Result<std::int64_t> SqliteDirectory::erase(Statement& statement, const Arguments&... arguments) {
  std::int64_t erased = 0;
  const auto body = [&]() -> Result<void> {
    CLEARLINE_CHECK(statement.run(arguments...));
    erased = connection_->changes();
    return {};
  };
  CLEARLINE_CHECK(write(body));
  return erased;
}

Result<std::int64_t> SqliteDirectory::data_version() {
  Query query = data_version_.start();
  CLEARLINE_CHECK(query.row());
  return query.integer(0) - own_writes_;
}

Result<chat::Epoch> SqliteDirectory::epoch() {
  Query query = epoch_.start();
  CLEARLINE_CHECK(query.row());
  return chat::Epoch{static_cast<std::uint64_t>(query.integer(0))};
}

Result<std::optional<std::string>> SqliteDirectory::fact(std::string_view name) {
  Query query = fact_.start(name);
  CLEARLINE_TRY(const bool row, query.next());
  if (!row) return std::nullopt;
  return std::string(query.text(0));
}

Result<void> SqliteDirectory::set_fact(std::string_view name, std::string_view value) {
  return write([&] { return set_fact_.run(name, bytes_of(value)); });
}

Result<void> SqliteDirectory::create_site(const chat::Site& site) {
  return write([&]() -> Result<void> {
    auto inserted =
        insert_site_.run(site.key, site.name, std::int64_t{site.closed}, site.created_at.ms, site.id.value());
    if (!inserted && connection_->violated_unique()) return site_exists(site);
    CLEARLINE_CHECK(std::move(inserted));
    return insert_origins(site);
  });
}

Result<void> SqliteDirectory::update_site(const chat::Site& site) {
  return write([&]() -> Result<void> {
    auto updated =
        update_site_.run(site.key, site.name, std::int64_t{site.closed}, site.created_at.ms, site.id.value());
    if (!updated && connection_->violated_unique()) return site_exists(site);
    CLEARLINE_CHECK(std::move(updated));
    if (connection_->changes() == 0) return no_such_site(site.id);
    CLEARLINE_CHECK(delete_origins_.run(site.id.value()));
    return insert_origins(site);
  });
}

Result<void> SqliteDirectory::insert_origins(const chat::Site& site) {
  std::int64_t position = 0;
  for (const std::string& origin : site.allowed_origins)
    CLEARLINE_CHECK(insert_origin_.run(site.id.value(), position++, origin));
  return {};
}

Result<std::vector<chat::Site>> SqliteDirectory::sites() {
  std::vector<chat::Site> sites;
  Query query = sites_.start();
  while (true) {
    CLEARLINE_TRY(const bool row, query.next());
    if (!row) return sites;
    const chat::SiteId id{query.integer(0)};
    if (sites.empty() || sites.back().id != id) {
      chat::Site& site = sites.emplace_back();
      site.id = id;
      site.key = query.text(1);
      site.name = query.text(2);
      site.closed = query.integer(3) != 0;
      site.created_at = WallTime{query.integer(4)};
    }
    if (!query.is_null(5)) sites.back().allowed_origins.emplace_back(query.text(5));
  }
}

Result<void> SqliteDirectory::create_agent(const chat::Agent& agent) {
  return write([&]() -> Result<void> {
    auto inserted =
        insert_agent_.run(agent.name, agent.display_name, agent.password_hash, static_cast<std::int64_t>(agent.role),
                          std::int64_t{agent.disabled}, agent.created_at.ms, agent.id.value());
    if (!inserted && connection_->violated_unique()) return agent_exists(agent);
    CLEARLINE_CHECK(std::move(inserted));
    return insert_agent_sites(agent);
  });
}

Result<void> SqliteDirectory::update_agent(const chat::Agent& agent) {
  return write([&]() -> Result<void> {
    auto updated =
        update_agent_.run(agent.name, agent.display_name, agent.password_hash, static_cast<std::int64_t>(agent.role),
                          std::int64_t{agent.disabled}, agent.created_at.ms, agent.id.value());
    if (!updated && connection_->violated_unique()) return agent_exists(agent);
    CLEARLINE_CHECK(std::move(updated));
    if (connection_->changes() == 0) return no_such_agent(agent.id);
    CLEARLINE_CHECK(delete_agent_sites_.run(agent.id.value()));
    return insert_agent_sites(agent);
  });
}

Result<void> SqliteDirectory::insert_agent_sites(const chat::Agent& agent) {
  for (const chat::SiteId site : agent.sites) {
    auto inserted = insert_agent_site_.run(agent.id.value(), site.value());
    if (!inserted && connection_->violated_foreign_key()) return no_such_site(site);
    CLEARLINE_CHECK(std::move(inserted));
  }
  return {};
}

Result<std::vector<chat::Agent>> SqliteDirectory::agents() {
  Query query = agents_.start();
  return read_agents(query);
}

Result<std::optional<chat::Agent>> SqliteDirectory::find_agent(std::string_view name) {
  Query query = find_agent_.start(name);
  CLEARLINE_TRY(std::vector<chat::Agent> found, read_agents(query));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

Result<std::vector<chat::Agent>> SqliteDirectory::read_agents(Query& query) {
  std::vector<chat::Agent> agents;
  while (true) {
    CLEARLINE_TRY(const bool row, query.next());
    if (!row) return agents;
    const chat::AgentId id{query.integer(0)};
    if (agents.empty() || agents.back().id != id) {
      chat::Agent& agent = agents.emplace_back();
      agent.id = id;
      agent.name = query.text(1);
      agent.display_name = query.text(2);
      agent.password_hash = query.text(3);
      CLEARLINE_TRY(agent.role, read_agent_role(query, agent.name));
      agent.disabled = query.integer(5) != 0;
      agent.created_at = WallTime{query.integer(6)};
    }
    if (!query.is_null(7)) agents.back().sites.emplace_back(query.integer(7));
  }
}

Result<chat::AgentRole> SqliteDirectory::read_agent_role(const Query& row, std::string_view name) const {
  const std::int64_t role = row.integer(4);
  for (const chat::AgentRole known : {chat::AgentRole::agent, chat::AgentRole::admin})
    if (role == static_cast<std::int64_t>(known)) return known;
  return tl::unexpected(
      connection_->fault(ErrorCode::corrupt, fmt::format("agent \"{}\": role {} is unknown", name, role)));
}

Result<void> SqliteDirectory::create_session(const chat::Session& session) {
  return write([&]() -> Result<void> {
    auto inserted = insert_session_.run(std::span<const std::byte>(session.token_hash), session.agent.value(),
                                        session.created_at.ms, session.expires_at.ms);
    if (!inserted && connection_->violated_unique()) return session_exists(session.agent);
    if (!inserted && connection_->violated_foreign_key()) return no_such_agent(session.agent);
    return inserted;
  });
}

Result<std::optional<chat::Session>> SqliteDirectory::find_session(const TokenHash& token_hash) {
  Query query = find_session_.start(std::span<const std::byte>(token_hash));
  CLEARLINE_TRY(const bool row, query.next());
  if (!row) return std::nullopt;
  return chat::Session{token_hash, chat::AgentId{query.integer(0)}, WallTime{query.integer(1)},
                       WallTime{query.integer(2)}};
}

Result<void> SqliteDirectory::delete_session(const TokenHash& token_hash) {
  return write([&] { return delete_session_.run(std::span<const std::byte>(token_hash)); });
}

Result<std::int64_t> SqliteDirectory::delete_sessions_of(chat::AgentId agent) {
  return erase(delete_sessions_of_, agent.value());
}

Result<std::int64_t> SqliteDirectory::delete_expired_sessions(WallTime now) {
  return erase(delete_expired_, now.ms);
}

}  // namespace

Result<std::unique_ptr<chat::Directory>> open_sqlite_directory(const std::filesystem::path& path,
                                                               const SqliteOptions& options, WriteTurn& turn) {
  CLEARLINE_TRY(auto connection, Connection::open(path, options.busy_timeout_ms));
  CLEARLINE_CHECK(configure(*connection, ConnectionUse::directory, options));
  auto directory = std::make_unique<SqliteDirectory>(std::move(connection), options, turn);
  CLEARLINE_CHECK(directory->prepare());
  return directory;
}

}  // namespace clearline::store
