#include "store/memory/memory_directory.h"

#include <algorithm>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include "store/errors.h"

namespace clearline::store {

namespace {

template <typename Map, typename Name>
bool name_taken_by_another(const Map& map, const typename Map::mapped_type& wanted, Name name) {
  return std::any_of(map.begin(), map.end(),
                     [&](const auto& entry) { return entry.first != wanted.id && entry.second.*name == wanted.*name; });
}

template <typename Map, typename Name>
std::vector<typename Map::mapped_type> values_by(const Map& map, Name name) {
  std::vector<typename Map::mapped_type> values;
  values.reserve(map.size());
  for (const auto& entry : map) values.push_back(entry.second);
  std::sort(values.begin(), values.end(), [&](const auto& a, const auto& b) { return a.*name < b.*name; });
  return values;
}

}  // namespace

Result<std::int64_t> MemoryDirectory::data_version() {
  const std::shared_lock lock(state_.mutex);
  return state_.directory_writes - own_writes_;
}

Result<chat::Epoch> MemoryDirectory::epoch() {
  const std::shared_lock lock(state_.mutex);
  return state_.epoch;
}

Result<std::optional<std::string>> MemoryDirectory::fact(std::string_view name) {
  const std::shared_lock lock(state_.mutex);
  const auto it = state_.facts.find(name);
  if (it == state_.facts.end()) return std::nullopt;
  return it->second;
}

Result<void> MemoryDirectory::set_fact(std::string_view name, std::string_view value) {
  const std::unique_lock lock(state_.mutex);
  state_.facts.insert_or_assign(std::string(name), std::string(value));
  count_write();
  return {};
}

Result<void> MemoryDirectory::create_site(const chat::Site& site) {
  const std::unique_lock lock(state_.mutex);
  if (state_.sites.contains(site.id) || name_taken_by_another(state_.sites, site, &chat::Site::key))
    return site_exists(site);
  state_.sites.emplace(site.id, site);
  count_write();
  return {};
}

Result<void> MemoryDirectory::update_site(const chat::Site& site) {
  const std::unique_lock lock(state_.mutex);
  if (!state_.sites.contains(site.id)) return no_such_site(site.id);
  if (name_taken_by_another(state_.sites, site, &chat::Site::key)) return site_exists(site);
  state_.sites.insert_or_assign(site.id, site);
  count_write();
  return {};
}

Result<std::vector<chat::Site>> MemoryDirectory::sites() {
  const std::shared_lock lock(state_.mutex);
  return values_by(state_.sites, &chat::Site::key);
}

Result<void> MemoryDirectory::create_agent(const chat::Agent& agent) {
  const std::unique_lock lock(state_.mutex);
  if (state_.agents.contains(agent.id)) return agent_exists(agent);
  return put_agent(agent);
}

Result<void> MemoryDirectory::update_agent(const chat::Agent& agent) {
  const std::unique_lock lock(state_.mutex);
  if (!state_.agents.contains(agent.id)) return no_such_agent(agent.id);
  return put_agent(agent);
}

Result<void> MemoryDirectory::put_agent(chat::Agent agent) {
  if (name_taken_by_another(state_.agents, agent, &chat::Agent::name)) return agent_exists(agent);
  std::sort(agent.sites.begin(), agent.sites.end());
  agent.sites.erase(std::unique(agent.sites.begin(), agent.sites.end()), agent.sites.end());
  for (const chat::SiteId site : agent.sites)
    if (!state_.sites.contains(site)) return no_such_site(site);
  const chat::AgentId id = agent.id;
  state_.agents.insert_or_assign(id, std::move(agent));
  count_write();
  return {};
}

Result<std::vector<chat::Agent>> MemoryDirectory::agents() {
  const std::shared_lock lock(state_.mutex);
  return values_by(state_.agents, &chat::Agent::name);
}

Result<std::optional<chat::Agent>> MemoryDirectory::find_agent(std::string_view name) {
  const std::shared_lock lock(state_.mutex);
  for (const auto& [id, agent] : state_.agents)
    if (agent.name == name) return agent;
  return std::nullopt;
}

Result<void> MemoryDirectory::create_session(const chat::Session& session) {
  const std::unique_lock lock(state_.mutex);
  if (!state_.agents.contains(session.agent)) return no_such_agent(session.agent);
  if (!state_.sessions.emplace(session.token_hash, session).second) return session_exists(session.agent);
  count_write();
  return {};
}

Result<std::optional<chat::Session>> MemoryDirectory::find_session(const TokenHash& token_hash) {
  const std::shared_lock lock(state_.mutex);
  const auto it = state_.sessions.find(token_hash);
  if (it == state_.sessions.end()) return std::nullopt;
  return it->second;
}

Result<void> MemoryDirectory::delete_session(const TokenHash& token_hash) {
  const std::unique_lock lock(state_.mutex);
  if (state_.sessions.erase(token_hash) > 0) count_write();
  return {};
}

Result<std::int64_t> MemoryDirectory::delete_sessions_of(chat::AgentId agent) {
  const std::unique_lock lock(state_.mutex);
  const auto count = std::erase_if(state_.sessions, [&](const auto& entry) { return entry.second.agent == agent; });
  if (count > 0) count_write();
  return static_cast<std::int64_t>(count);
}

Result<std::int64_t> MemoryDirectory::delete_expired_sessions(WallTime now) {
  const std::unique_lock lock(state_.mutex);
  const auto count = std::erase_if(state_.sessions, [&](const auto& entry) { return entry.second.expires_at <= now; });
  if (count > 0) count_write();
  return static_cast<std::int64_t>(count);
}

void MemoryDirectory::count_write() {
  ++state_.directory_writes;
  ++own_writes_;
}

}  // namespace clearline::store
