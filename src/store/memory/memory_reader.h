#pragma once

#include "chat/store.h"
#include "store/memory/memory_state.h"

namespace clearline::store {

class MemoryReader final : public chat::Reader {
 public:
  explicit MemoryReader(MemoryState& state) : state_(state) {}

  Result<std::optional<chat::Conversation>> conversation(chat::ConversationId id) override;
  Result<std::vector<chat::Event>> events_after(chat::ConversationId id, chat::Seq after, std::size_t limit) override;
  Result<std::vector<chat::Event>> events_before(chat::ConversationId id, chat::Seq before, std::size_t limit) override;
  Result<chat::InboxPage> inbox(chat::SiteId site, chat::ConversationStatus status, std::size_t limit,
                                std::string_view cursor) override;

 private:
  MemoryState& state_;
};

}  // namespace clearline::store
