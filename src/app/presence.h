// Who is connected, over all shards of this process. Thread-safe; small critical sections only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "base/ids.h"

namespace clearline::app {

class Presence {
 public:
  // A visitor is online as long as it has a connection, and for a grace period behind its last one: a reload is no
  // departure. The caller measures the period; the number tells this departure from later ones.
  using Departure = std::uint64_t;

  // True if the visitor was not online before.
  bool visitor_connected(VisitorId visitor) {
    const std::lock_guard lock(mutex_);
    const auto [found, appeared] = visitors_.try_emplace(visitor);
    ++found->second.connections;
    found->second.departure = 0;
    return appeared;
  }
  // Agents see this visitor in a list, and are to be told when it goes.
  void visitor_has_conversation(VisitorId visitor) {
    const std::lock_guard lock(mutex_);
    if (const auto found = visitors_.find(visitor); found != visitors_.end()) found->second.has_conversation = true;
  }
  // When the last connection of a visitor with a conversation has gone: call visitor_gone with it after the period.
  [[nodiscard]] std::optional<Departure> visitor_disconnected(VisitorId visitor) {
    const std::lock_guard lock(mutex_);
    const auto found = visitors_.find(visitor);
    if (found == visitors_.end() || --found->second.connections > 0) return std::nullopt;
    if (!found->second.has_conversation) {
      visitors_.erase(found);
      return std::nullopt;
    }
    found->second.departure = ++last_departure_;
    return found->second.departure;
  }
  // True if the visitor has not come back since: it is offline from now on.
  [[nodiscard]] bool visitor_gone(VisitorId visitor, Departure departure) {
    const std::lock_guard lock(mutex_);
    const auto found = visitors_.find(visitor);
    if (found == visitors_.end() || found->second.departure != departure) return false;
    visitors_.erase(found);
    return true;
  }
  [[nodiscard]] bool visitor_online(VisitorId visitor) const {
    const std::lock_guard lock(mutex_);
    return visitors_.contains(visitor);
  }

  // Each returns the count after the change, so the caller sees the first and the last.
  std::size_t agent_connected(SiteId site) {
    const std::lock_guard lock(mutex_);
    return ++agents_[site];
  }
  std::size_t agent_disconnected(SiteId site) {
    const std::lock_guard lock(mutex_);
    const auto found = agents_.find(site);
    if (found == agents_.end()) return 0;
    if (--found->second > 0) return found->second;
    agents_.erase(found);
    return 0;
  }
  [[nodiscard]] bool agents_online(SiteId site) const {
    const std::lock_guard lock(mutex_);
    return agents_.contains(site);
  }

 private:
  struct Visitor {
    std::size_t connections = 0;
    Departure departure = 0;  // 0: it is here
    bool has_conversation = false;
  };

  mutable std::mutex mutex_;
  std::unordered_map<VisitorId, Visitor> visitors_;
  std::unordered_map<SiteId, std::size_t> agents_;
  Departure last_departure_ = 0;
};

}  // namespace clearline::app
