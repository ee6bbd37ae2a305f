#include "app/cli/admin_operations.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <span>
#include <utility>

#include "app/names.h"

namespace clearline::app {

namespace {

Result<std::vector<std::string>> normalise_origins(const std::vector<std::string>& origins) {
  std::vector<std::string> normal;
  for (const std::string& origin : origins) {
    CLEARLINE_TRY(std::string one, normalise_origin(origin));
    if (std::find(normal.begin(), normal.end(), one) == normal.end()) normal.push_back(std::move(one));
  }
  if (normal.empty()) normal.emplace_back("self");
  return normal;
}

}  // namespace

std::string_view role_name(chat::AgentRole role) {
  return role == chat::AgentRole::admin ? "admin" : "agent";
}

std::optional<chat::AgentRole> role_from_name(std::string_view name) {
  if (name == "admin") return chat::AgentRole::admin;
  if (name == "agent") return chat::AgentRole::agent;
  return std::nullopt;
}

std::int64_t AdminOperations::new_id() const {
  std::uint64_t random = 0;
  random_(std::as_writable_bytes(std::span(&random, 1)));
  return make_id(now_, random);
}

Result<chat::Site> AdminOperations::find_site(std::string_view key) {
  CLEARLINE_TRY(std::vector<chat::Site> all, directory_.sites());
  const auto found = std::find_if(all.begin(), all.end(), [key](const chat::Site& site) { return site.key == key; });
  if (found == all.end()) return fail(ErrorCode::not_found, fmt::format("there is no site \"{}\"", key));
  return std::move(*found);
}

Result<std::vector<SiteId>> AdminOperations::site_ids(const std::vector<std::string>& keys) {
  std::vector<SiteId> ids;
  for (const std::string& key : keys) {
    CLEARLINE_TRY(const chat::Site site, find_site(key));
    ids.push_back(site.id);
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

Result<chat::Agent> AdminOperations::find_agent(std::string_view name) {
  CLEARLINE_TRY(std::optional<chat::Agent> agent, directory_.find_agent(name));
  if (!agent) return fail(ErrorCode::not_found, fmt::format("there is no agent \"{}\"", name));
  return *std::move(agent);
}

Result<std::string> AdminOperations::hash_or_generate(const std::optional<std::string>& password,
                                                      std::optional<std::string>& generated) const {
  if (password) return hash_password(*password);
  generated = generate_password(random_);
  return hash_password(*generated);
}

Result<chat::Site> AdminOperations::create_site(const std::string& key, const std::string& name,
                                                const std::vector<std::string>& origins) {
  CLEARLINE_CHECK(check_site_key(key));
  CLEARLINE_CHECK(check_display_name(name));
  chat::Site site;
  CLEARLINE_TRY(site.allowed_origins, normalise_origins(origins));
  site.id = SiteId{new_id()};
  site.key = key;
  site.name = name;
  site.created_at = now_;
  CLEARLINE_CHECK(directory_.create_site(site));
  return site;
}

Result<chat::Site> AdminOperations::set_origins(const std::string& key, const std::vector<std::string>& origins) {
  CLEARLINE_TRY(std::vector<std::string> normal, normalise_origins(origins));
  CLEARLINE_TRY(chat::Site site, find_site(key));
  site.allowed_origins = std::move(normal);
  CLEARLINE_CHECK(directory_.update_site(site));
  return site;
}

Result<chat::Site> AdminOperations::set_closed(const std::string& key, bool closed) {
  CLEARLINE_TRY(chat::Site site, find_site(key));
  site.closed = closed;
  CLEARLINE_CHECK(directory_.update_site(site));
  return site;
}

Result<AdminOperations::AgentWithPassword> AdminOperations::create_agent(const NewAgent& wanted) {
  CLEARLINE_CHECK(check_agent_name(wanted.name));
  const std::string display_name = wanted.display_name.empty() ? wanted.name : wanted.display_name;
  CLEARLINE_CHECK(check_display_name(display_name));
  AgentWithPassword made;
  chat::Agent& agent = made.agent;
  CLEARLINE_TRY(agent.sites, site_ids(wanted.sites));
  // Before the hash, which takes a while; create_agent decides if two do it at once.
  CLEARLINE_TRY(const std::optional<chat::Agent> taken, directory_.find_agent(wanted.name));
  if (taken) return fail(ErrorCode::already_exists, fmt::format("there is an agent \"{}\" already", wanted.name));
  CLEARLINE_TRY(agent.password_hash, hash_or_generate(wanted.password, made.generated_password));
  agent.id = AgentId{new_id()};
  agent.name = wanted.name;
  agent.display_name = display_name;
  agent.role = wanted.role;
  agent.created_at = now_;
  CLEARLINE_CHECK(directory_.create_agent(agent));
  return made;
}

Result<AdminOperations::AgentWithPassword> AdminOperations::set_password(const std::string& name,
                                                                         const std::optional<std::string>& password) {
  AgentWithPassword changed;
  CLEARLINE_TRY(changed.agent, find_agent(name));
  CLEARLINE_TRY(changed.agent.password_hash, hash_or_generate(password, changed.generated_password));
  CLEARLINE_CHECK(directory_.update_agent(changed.agent));
  CLEARLINE_CHECK(directory_.delete_sessions_of(changed.agent.id));
  return changed;
}

Result<chat::Agent> AdminOperations::set_disabled(const std::string& name, bool disabled) {
  CLEARLINE_TRY(chat::Agent agent, find_agent(name));
  agent.disabled = disabled;
  CLEARLINE_CHECK(directory_.update_agent(agent));
  if (disabled) CLEARLINE_CHECK(directory_.delete_sessions_of(agent.id));
  return agent;
}

Result<chat::Agent> AdminOperations::grant(const std::string& name, const std::vector<std::string>& sites) {
  CLEARLINE_TRY(chat::Agent agent, find_agent(name));
  CLEARLINE_TRY(const std::vector<SiteId> more, site_ids(sites));
  std::vector<SiteId> both;
  std::set_union(agent.sites.begin(), agent.sites.end(), more.begin(), more.end(), std::back_inserter(both));
  agent.sites = std::move(both);
  CLEARLINE_CHECK(directory_.update_agent(agent));
  return agent;
}

Result<chat::Agent> AdminOperations::revoke(const std::string& name, const std::vector<std::string>& sites) {
  CLEARLINE_TRY(chat::Agent agent, find_agent(name));
  CLEARLINE_TRY(const std::vector<SiteId> fewer, site_ids(sites));
  std::vector<SiteId> rest;
  std::set_difference(agent.sites.begin(), agent.sites.end(), fewer.begin(), fewer.end(), std::back_inserter(rest));
  agent.sites = std::move(rest);
  CLEARLINE_CHECK(directory_.update_agent(agent));
  return agent;
}

}  // namespace clearline::app
