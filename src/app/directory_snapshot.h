// Sites and agents as the shards see them: immutable, shared, replaced as a whole when the database changed.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "chat/types.h"

namespace clearline::app {

// What a signed-in person may do. Shared by its connections and by the commands that are under way.
struct Rights {
  bool all_sites = false;
  std::vector<SiteId> sites;  // sorted
  std::string display_name;   // agents
  // Agents: of the password that was good when they connected; another one ends what was signed in with it.
  std::uint64_t password_mark = 0;

  [[nodiscard]] bool same_reach(const Rights& other) const {
    return all_sites == other.all_sites && sites == other.sites;
  }
};

// Tells whether a password was changed, without keeping its hash.
[[nodiscard]] std::uint64_t password_mark(const chat::Agent& agent);

struct DirectorySnapshot {
  std::vector<chat::Site> sites;    // by key
  std::vector<chat::Agent> agents;  // by name; without password hashes

  // `sites` and `agents` as the directory gives them.
  DirectorySnapshot(std::vector<chat::Site> all_sites, std::vector<chat::Agent> all_agents);
  DirectorySnapshot() = default;

  [[nodiscard]] const chat::Site* site(std::string_view key) const;
  [[nodiscard]] const chat::Site* site(SiteId id) const;
  [[nodiscard]] const chat::Agent* agent(AgentId id) const;
  // The same object for every visitor of a site; null for a site that does not exist.
  [[nodiscard]] std::shared_ptr<const Rights> visitor_rights(SiteId id) const;
  // The sites that the agent serves, in order of id: all for an admin.
  [[nodiscard]] std::vector<SiteId> sites_of(const chat::Agent& agent) const;
  [[nodiscard]] Rights rights_of(const chat::Agent& agent) const;
  // 0 for an agent that does not exist.
  [[nodiscard]] std::uint64_t password_mark(AgentId id) const;
  // Nobody's rights or names differ.
  [[nodiscard]] bool same_as(const DirectorySnapshot& other) const;

 private:
  std::vector<std::uint64_t> password_marks_;                  // as agents
  std::vector<std::shared_ptr<const Rights>> visitor_rights_;  // as sites
};

// The current snapshot, for any thread.
class DirectoryCache {
 public:
  [[nodiscard]] std::shared_ptr<const DirectorySnapshot> get() const {
    const std::lock_guard lock(mutex_);
    return snapshot_;
  }
  void set(std::shared_ptr<const DirectorySnapshot> snapshot) {
    const std::lock_guard lock(mutex_);
    snapshot_ = std::move(snapshot);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const DirectorySnapshot> snapshot_ = std::make_shared<DirectorySnapshot>();
};

// Whether a page of `origin` may talk to the site on a server that is reached as `host` (the Host header). An empty
// origin is a program's, not a browser's: a program can claim any origin, so refusing it would protect nobody.
// `https_only` as in is_own_origin.
[[nodiscard]] bool origin_allowed(const chat::Site& site, std::string_view origin, std::string_view host,
                                  bool https_only = false);
// Whether the origin is the server's own. `https_only` where the server ends TLS itself: a page of http:// at its
// address is then somebody else's.
[[nodiscard]] bool is_own_origin(std::string_view origin, std::string_view host, bool https_only = false);

}  // namespace clearline::app
