#include "app/inbox_feed.h"

#include <string_view>
#include <utility>
#include <vector>

namespace clearline::app {

bool InboxFeed::add(const bus::Message& message) {
  const bool was_empty = changed_.empty();
  changed_[SiteId{message.topic.id}][message.replaces_key] = message.payload;
  return was_empty;
}

void InboxFeed::flush(const Send& send) {
  for (const auto& [site, conversations] : std::exchange(changed_, {})) {
    std::vector<std::string_view> summaries;
    summaries.reserve(conversations.size());
    for (const auto& [conversation, summary] : conversations) summaries.emplace_back(*summary);
    send(site, summaries);
  }
}

}  // namespace clearline::app
