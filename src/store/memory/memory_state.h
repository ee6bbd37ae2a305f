// What a memory database holds, shared by the objects that it makes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>

#include "chat/types.h"

namespace clearline::store {

struct ConversationRecord {
  std::optional<chat::Conversation> row;
  std::map<chat::Seq, chat::Event> events;
  std::map<chat::ClientId, chat::Seq> seq_of;
};

using ConversationRecords = std::unordered_map<chat::ConversationId, ConversationRecord>;
using TokenHash = std::array<std::byte, 32>;

struct MemoryState {
  std::shared_mutex mutex;  // guards all that follows
  chat::Epoch epoch;
  bool log_open = false;
  ConversationRecords conversations;
  std::int64_t directory_writes = 0;
  std::map<std::string, std::string, std::less<>> facts;
  std::map<chat::SiteId, chat::Site> sites;
  std::map<chat::AgentId, chat::Agent> agents;
  std::map<TokenHash, chat::Session> sessions;
};

}  // namespace clearline::store
