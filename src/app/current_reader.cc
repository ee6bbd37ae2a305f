#include "app/current_reader.h"

namespace clearline::app {

Result<std::optional<chat::Conversation>> CurrentReader::conversation(ConversationId id) {
  const UnsavedRows::Row unsaved = unsaved_.find(id);
  CLEARLINE_TRY(auto stored, store_->conversation(id));
  if (unsaved && stored && unsaved->version > stored->version) return *unsaved;
  return stored;
}

Result<chat::InboxPage> CurrentReader::inbox(SiteId site, chat::ConversationStatus status, std::size_t limit,
                                             std::string_view cursor) {
  const auto unsaved = unsaved_.of_site(site);
  CLEARLINE_TRY(chat::InboxPage page, store_->inbox(site, status, limit, cursor));
  if (unsaved.empty()) return page;
  for (chat::Conversation& row : page.conversations) {
    const auto found = unsaved.find(row.id);
    if (found != unsaved.end() && found->second->version > row.version) row = *found->second;
  }
  return page;
}

}  // namespace clearline::app
