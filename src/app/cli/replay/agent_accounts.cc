#include "app/cli/replay/agent_accounts.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "app/cli/admin_operations.h"
#include "app/data_directory.h"
#include "base/clock.h"
#include "base/log.h"
#include "chat/store.h"
#include "store/sqlite/sqlite_database.h"

namespace clearline::app::replay {

namespace {

Result<std::unique_ptr<chat::Database>> open_database(const std::filesystem::path& path) {
  store::SqliteOptions options;
  options.create_if_missing = false;
  return store::open_sqlite_database(path, options);
}

Result<SiteId> find_site(chat::Directory& directory, const std::string& key) {
  CLEARLINE_TRY(const std::vector<chat::Site> sites, directory.sites());
  std::string known;
  for (const chat::Site& site : sites) {
    if (site.key == key) return site.id;
    known += " " + site.key;
  }
  return fail(ErrorCode::not_found, fmt::format("the server has no site \"{}\"; it has:{}", key, known));
}

chat::Agent new_agent(std::size_t number, RandomSource random) {
  std::uint64_t bits = 0;
  random(std::as_writable_bytes(std::span(&bits, 1)));
  chat::Agent agent;
  agent.created_at = wall_now();
  agent.id = AgentId{make_id(agent.created_at, bits)};
  agent.name = fmt::format("replay-{}", number);
  agent.display_name = fmt::format("Replay {}", number);
  return agent;
}

}  // namespace

Result<TemporaryAgents> TemporaryAgents::create(const std::filesystem::path& data_directory,
                                                const std::string& site_key, std::size_t count, RandomSource random) {
  TemporaryAgents made(database_path(data_directory));
  CLEARLINE_TRY(const std::unique_ptr<chat::Database> database, open_database(made.database_));
  CLEARLINE_TRY(const std::unique_ptr<chat::Directory> directory, database->open_directory());
  CLEARLINE_TRY(const SiteId site, find_site(*directory, site_key));
  // One password for all of them: each hash costs 0.1 s, and none of them outlives the run.
  const std::string password = generate_password(random);
  CLEARLINE_TRY(const std::string hash, hash_password(password));
  for (std::size_t number = 1; made.accounts_.size() < count; ++number) {
    const chat::Agent fresh = new_agent(number, random);
    CLEARLINE_TRY(const std::optional<chat::Agent> present, directory->find_agent(fresh.name));
    if (present && !present->disabled) continue;
    chat::Agent agent = present ? *present : fresh;
    agent.disabled = false;
    agent.password_hash = hash;
    agent.role = chat::AgentRole::agent;
    agent.sites = {site};
    CLEARLINE_CHECK(present ? directory->update_agent(agent) : directory->create_agent(agent));
    made.accounts_.push_back({agent.name, password});
  }
  return made;
}

TemporaryAgents::~TemporaryAgents() {
  if (const auto disabled = disable(); !disabled)
    log_warning("the replay's agents stay enabled: {}", disabled.error().message);
}

Result<void> TemporaryAgents::disable() {
  const std::vector<AgentAccount> accounts = std::exchange(accounts_, {});
  if (accounts.empty()) return {};
  CLEARLINE_TRY(const std::unique_ptr<chat::Database> database, open_database(database_));
  CLEARLINE_TRY(const std::unique_ptr<chat::Directory> directory, database->open_directory());
  AdminOperations operations(*directory, wall_now(), [](std::span<std::byte>) {});
  for (const AgentAccount& account : accounts) CLEARLINE_CHECK(operations.set_disabled(account.name, true));
  return {};
}

}  // namespace clearline::app::replay
