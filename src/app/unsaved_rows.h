// Conversations' rows that were announced before they are in the store: read cursors wait up to a second for a commit.
// The log writer keeps them here, so that whoever reads a conversation sees no less than what was announced.
#pragma once

#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "chat/types.h"

namespace clearline::app {

// Thread-safe; small critical sections only.
class UnsavedRows {
 public:
  using Row = std::shared_ptr<const chat::Conversation>;

  // Before the rows are announced.
  void put(const std::vector<Row>& rows) {
    const std::lock_guard lock(mutex_);
    for (const Row& row : rows) rows_[row->id] = row;
  }
  // After all of them were committed.
  void clear() {
    const std::lock_guard lock(mutex_);
    rows_.clear();
  }

  // Null if there is none.
  [[nodiscard]] Row find(ConversationId id) const {
    const std::lock_guard lock(mutex_);
    const auto found = rows_.find(id);
    return found == rows_.end() ? nullptr : found->second;
  }
  [[nodiscard]] std::unordered_map<ConversationId, Row> of_site(SiteId site) const {
    std::unordered_map<ConversationId, Row> found;
    const std::lock_guard lock(mutex_);
    for (const auto& [id, row] : rows_)
      if (row->site == site) found.emplace(id, row);
    return found;
  }
  [[nodiscard]] std::vector<ConversationId> ids() const {
    std::vector<ConversationId> ids;
    const std::lock_guard lock(mutex_);
    for (const auto& [id, row] : rows_) ids.push_back(id);
    return ids;
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_map<ConversationId, Row> rows_;
};

}  // namespace clearline::app
