#pragma once

#include "base/result.h"
#include "chat/store.h"
#include "store/memory/memory_state.h"
#include "store/transaction_state.h"

namespace clearline::store {

// Keeps what a transaction wrote apart from the shared state until commit().
class MemoryLog final : public chat::Log {
 public:
  explicit MemoryLog(MemoryState& state) : state_(state) {}
  ~MemoryLog() override;
  MemoryLog(const MemoryLog&) = delete;
  MemoryLog& operator=(const MemoryLog&) = delete;

  Result<void> begin() override;
  Result<void> commit() override;
  void rollback() override;
  Result<std::optional<chat::Conversation>> load(chat::ConversationId id) override;
  Result<std::optional<chat::Event>> find(chat::ConversationId id, const chat::ClientId& client_id) override;
  Result<std::int64_t> count_visitor_messages(chat::ConversationId id, chat::Seq after) override;
  Result<void> append(chat::ConversationId id, const chat::Event& event) override;
  Result<void> save(const chat::Conversation& conversation) override;

 private:
  Result<void> check_new(chat::ConversationId id, const chat::Event& event);

  MemoryState& state_;
  TransactionState transaction_;
  ConversationRecords written_;  // by the open transaction
};

}  // namespace clearline::store
