#include "app/directory_snapshot.h"

#include <algorithm>
#include <functional>

namespace clearline::app {

namespace {

template <typename Range, typename Predicate>
auto find_pointer(const Range& range, Predicate&& predicate) {
  const auto found = std::ranges::find_if(range, predicate);
  return found == range.end() ? nullptr : &*found;
}

}  // namespace

DirectorySnapshot::DirectorySnapshot(std::vector<chat::Site> all_sites, std::vector<chat::Agent> all_agents)
    : sites(std::move(all_sites)), agents(std::move(all_agents)) {
  for (const chat::Site& site : sites)
    visitor_rights_.push_back(std::make_shared<const Rights>(Rights{false, {site.id}, {}, 0}));
  for (chat::Agent& agent : agents) {
    password_marks_.push_back(app::password_mark(agent));
    agent.password_hash.clear();
  }
}

std::uint64_t password_mark(const chat::Agent& agent) {
  return std::hash<std::string>{}(agent.password_hash) | 1;  // 0 is nobody's
}

std::shared_ptr<const Rights> DirectorySnapshot::visitor_rights(SiteId id) const {
  const chat::Site* found = site(id);
  return found == nullptr ? nullptr : visitor_rights_[static_cast<std::size_t>(found - sites.data())];
}

const chat::Site* DirectorySnapshot::site(std::string_view key) const {
  return find_pointer(sites, [key](const chat::Site& site) { return site.key == key; });
}

const chat::Site* DirectorySnapshot::site(SiteId id) const {
  return find_pointer(sites, [id](const chat::Site& site) { return site.id == id; });
}

const chat::Agent* DirectorySnapshot::agent(AgentId id) const {
  return find_pointer(agents, [id](const chat::Agent& agent) { return agent.id == id; });
}

std::vector<SiteId> DirectorySnapshot::sites_of(const chat::Agent& agent) const {
  if (agent.role != chat::AgentRole::admin) return agent.sites;
  std::vector<SiteId> all;
  all.reserve(sites.size());
  for (const chat::Site& site : sites) all.push_back(site.id);
  std::ranges::sort(all);
  return all;
}

Rights DirectorySnapshot::rights_of(const chat::Agent& agent) const {
  return {agent.role == chat::AgentRole::admin, sites_of(agent), agent.display_name, password_mark(agent.id)};
}

std::uint64_t DirectorySnapshot::password_mark(AgentId id) const {
  const chat::Agent* found = agent(id);
  return found == nullptr ? 0 : password_marks_[static_cast<std::size_t>(found - agents.data())];
}

bool DirectorySnapshot::same_as(const DirectorySnapshot& other) const {
  return sites == other.sites && agents == other.agents && password_marks_ == other.password_marks_;
}

bool is_own_origin(std::string_view origin, std::string_view host, bool https_only) {
  for (const std::string_view scheme : {"http://", "https://"})
    if (!(https_only && scheme == "http://") && origin.starts_with(scheme) && origin.substr(scheme.size()) == host)
      return !host.empty();
  return false;
}

bool origin_allowed(const chat::Site& site, std::string_view origin, std::string_view host, bool https_only) {
  if (origin.empty()) return true;
  return std::ranges::any_of(site.allowed_origins, [&](const std::string& allowed) {
    if (allowed == "self") return is_own_origin(origin, host, https_only);
    return allowed == "*" || allowed == origin;
  });
}

}  // namespace clearline::app
