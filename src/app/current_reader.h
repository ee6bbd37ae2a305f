// A store's Reader that also knows the rows that were announced and are not committed yet.
//
// The unsaved rows are asked before the store. So a row cannot slip through between the two: if it was gone from the
// unsaved ones it was committed, and the store, read later, has it. Of two versions the higher one is newer.
#pragma once

#include <memory>
#include <utility>

#include "app/unsaved_rows.h"
#include "chat/store.h"

namespace clearline::app {

class CurrentReader final : public chat::Reader {
 public:
  CurrentReader(std::unique_ptr<chat::Reader> store, const UnsavedRows& unsaved)
      : store_(std::move(store)), unsaved_(unsaved) {}

  Result<std::optional<chat::Conversation>> conversation(ConversationId id) override;
  Result<std::vector<chat::Event>> events_after(ConversationId id, Seq after, std::size_t limit) override {
    return store_->events_after(id, after, limit);
  }
  Result<std::vector<chat::Event>> events_before(ConversationId id, Seq before, std::size_t limit) override {
    return store_->events_before(id, before, limit);
  }
  // An unsaved row differs from the stored one in its read cursors alone, and those decide neither which conversations
  // a page has nor their order.
  Result<chat::InboxPage> inbox(SiteId site, chat::ConversationStatus status, std::size_t limit,
                                std::string_view cursor) override;

 private:
  std::unique_ptr<chat::Reader> store_;
  const UnsavedRows& unsaved_;
};

}  // namespace clearline::app
