// Changes of an inbox, collected for a moment and sent to the site's agents together: a busy site costs an agent a few
// messages a second, not one per event. Bound to one shard.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "bus/bus.h"

namespace clearline::app {

class InboxFeed {
 public:
  // Called for each site that has changes, with the newest summary of each conversation.
  using Send = std::function<void(SiteId site, std::span<const std::string_view> summaries)>;

  // Keeps the summary of `message` (its payload; its key is the conversation) in place of an older one. True if the
  // feed was empty: flush() is due after the collecting time.
  [[nodiscard]] bool add(const bus::Message& message);
  void flush(const Send& send);

 private:
  std::map<SiteId, std::map<std::int64_t, std::shared_ptr<const std::string>>> changed_;
};

}  // namespace clearline::app
