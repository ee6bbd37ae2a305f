#include "store/memory/memory_log.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "store/errors.h"

namespace clearline::store {

namespace {

const ConversationRecord* find_record(const ConversationRecords& records, chat::ConversationId id) {
  const auto it = records.find(id);
  return it == records.end() ? nullptr : &it->second;
}

const chat::Event* find_event(const ConversationRecord* record, const chat::ClientId& client_id) {
  if (record == nullptr) return nullptr;
  const auto it = record->seq_of.find(client_id);
  return it == record->seq_of.end() ? nullptr : &record->events.at(it->second);
}

std::int64_t count_visitor_messages_in(const ConversationRecord* record, chat::Seq after) {
  if (record == nullptr) return 0;
  return std::count_if(record->events.upper_bound(after), record->events.end(), [](const auto& entry) {
    return entry.second.kind == chat::EventKind::message && entry.second.from.role == chat::Role::visitor;
  });
}

}  // namespace

MemoryLog::~MemoryLog() {
  const std::unique_lock lock(state_.mutex);
  state_.log_open = false;
}

Result<void> MemoryLog::begin() {
  transaction_.open();
  return {};
}

Result<void> MemoryLog::commit() {
  CLEARLINE_CHECK(transaction_.check());
  const std::unique_lock lock(state_.mutex);
  for (auto& [id, record] : written_) {
    ConversationRecord& committed = state_.conversations[id];
    if (record.row) committed.row = std::move(record.row);
    committed.events.merge(record.events);
    committed.seq_of.merge(record.seq_of);
  }
  written_.clear();
  transaction_.close();
  return {};
}

void MemoryLog::rollback() {
  written_.clear();
  transaction_.close();
}

Result<std::optional<chat::Conversation>> MemoryLog::load(chat::ConversationId id) {
  CLEARLINE_CHECK(transaction_.check());
  const ConversationRecord* written = find_record(written_, id);
  if (written != nullptr && written->row) return written->row;
  const std::shared_lock lock(state_.mutex);
  const ConversationRecord* committed = find_record(state_.conversations, id);
  return committed != nullptr ? committed->row : std::nullopt;
}

Result<std::optional<chat::Event>> MemoryLog::find(chat::ConversationId id, const chat::ClientId& client_id) {
  CLEARLINE_CHECK(transaction_.check());
  if (const chat::Event* event = find_event(find_record(written_, id), client_id)) return *event;
  const std::shared_lock lock(state_.mutex);
  if (const chat::Event* event = find_event(find_record(state_.conversations, id), client_id)) return *event;
  return std::nullopt;
}

Result<std::int64_t> MemoryLog::count_visitor_messages(chat::ConversationId id, chat::Seq after) {
  CLEARLINE_CHECK(transaction_.check());
  const std::shared_lock lock(state_.mutex);
  return count_visitor_messages_in(find_record(state_.conversations, id), after) +
         count_visitor_messages_in(find_record(written_, id), after);
}

Result<void> MemoryLog::append(chat::ConversationId id, const chat::Event& event) {
  CLEARLINE_CHECK(transaction_.check());
  CLEARLINE_CHECK(transaction_.note(check_new(id, event)));
  ConversationRecord& written = written_[id];
  written.events.emplace(event.seq, event);
  if (event.client_id) written.seq_of.emplace(*event.client_id, event.seq);
  return {};
}

Result<void> MemoryLog::check_new(chat::ConversationId id, const chat::Event& event) {
  const std::shared_lock lock(state_.mutex);
  for (const ConversationRecord* record : {find_record(state_.conversations, id), find_record(written_, id)}) {
    if (record == nullptr) continue;
    if (record->events.contains(event.seq)) return seq_taken(id, event);
    if (event.client_id && record->seq_of.contains(*event.client_id)) return client_id_taken(id, event);
  }
  return {};
}

Result<void> MemoryLog::save(const chat::Conversation& conversation) {
  CLEARLINE_CHECK(transaction_.check());
  written_[conversation.id].row = conversation;
  return {};
}

}  // namespace clearline::store
