// Who is connected, over all shards of this process. Thread-safe; small critical sections only.
#pragma once

#include <cstddef>
#include <mutex>
#include <unordered_map>

#include "base/ids.h"

namespace clearline::app {

class Presence {
 public:
  // Each returns the count after the change, so the caller sees the first and the last.
  std::size_t visitor_connected(VisitorId visitor) { return add(visitors_, visitor); }
  std::size_t visitor_disconnected(VisitorId visitor) { return remove(visitors_, visitor); }
  std::size_t agent_connected(SiteId site) { return add(agents_, site); }
  std::size_t agent_disconnected(SiteId site) { return remove(agents_, site); }

  [[nodiscard]] bool visitor_online(VisitorId visitor) const { return has(visitors_, visitor); }
  [[nodiscard]] bool agents_online(SiteId site) const { return has(agents_, site); }

 private:
  template <typename Counts, typename Id>
  std::size_t add(Counts& counts, Id id) {
    const std::lock_guard lock(mutex_);
    return ++counts[id];
  }
  template <typename Counts, typename Id>
  std::size_t remove(Counts& counts, Id id) {
    const std::lock_guard lock(mutex_);
    const auto found = counts.find(id);
    if (found == counts.end()) return 0;
    if (--found->second > 0) return found->second;
    counts.erase(found);
    return 0;
  }
  template <typename Counts, typename Id>
  bool has(const Counts& counts, Id id) const {
    const std::lock_guard lock(mutex_);
    return counts.contains(id);
  }

  mutable std::mutex mutex_;
  std::unordered_map<VisitorId, std::size_t> visitors_;
  std::unordered_map<SiteId, std::size_t> agents_;
};

}  // namespace clearline::app
