#include "net/connection_table.h"

#include <algorithm>
#include <memory>

namespace clearline::net {

ConnectionTable::ConnectionTable(Endpoint& endpoint, std::uint8_t shard_index, MonotonicTime start)
    : endpoint_(endpoint), shard_index_(shard_index), start_(start) {}

ConnectionTable::~ConnectionTable() = default;

Connection* ConnectionTable::acquire() {
  if (free_slots_.empty()) {
    const std::uint32_t first = slot_count();
    if (first >= slots_max) return nullptr;
    chunks_.push_back(std::make_unique<Connection[]>(chunk_slots));
    deadlines_.resize(first + chunk_slots, no_deadline);
    for (std::uint32_t i = chunk_slots; i-- > 0;) free_slots_.push_back(first + i);
  }
  const std::uint32_t slot = free_slots_.back();
  free_slots_.pop_back();
  Connection& connection = at(slot);
  connection.endpoint_ = &endpoint_;
  connection.slot_ = slot;
  if (++connection.generation_ == 0) connection.generation_ = 1;  // no id is 0
  return &connection;
}

void ConnectionTable::release(Connection& connection) {
  const std::uint32_t slot = connection.slot_;
  const std::uint32_t generation = connection.generation_;
  std::destroy_at(&connection);
  std::construct_at(&connection);
  connection.generation_ = generation;
  deadlines_[slot] = no_deadline;
  free_slots_.push_back(slot);
}

Connection& ConnectionTable::at(std::uint32_t slot) const {
  return chunks_[slot / chunk_slots][slot % chunk_slots];
}

ConnectionId ConnectionTable::id_of(const Connection& connection) const {
  return ConnectionId((std::uint64_t{connection.generation_} << 32) | (std::uint64_t{shard_index_} << 24) |
                      connection.slot_);
}

Connection* ConnectionTable::find(ConnectionId id) const {
  const auto slot = static_cast<std::uint32_t>(id.value()) & (slots_max - 1);
  if (slot >= slot_count()) return nullptr;
  Connection& connection = at(slot);
  return connection.phase_ != Connection::Phase::free && id_of(connection) == id ? &connection : nullptr;
}

void ConnectionTable::set_deadline(const Connection& connection, MonotonicTime deadline) {
  const std::int64_t tick = (deadline.ms - start_.ms + tick_ms - 1) / tick_ms;  // rounded up: never early
  deadlines_[connection.slot_] = static_cast<std::uint32_t>(std::clamp<std::int64_t>(tick, 0, no_deadline - 1));
}

void ConnectionTable::clear_deadline(const Connection& connection) {
  deadlines_[connection.slot_] = no_deadline;
}

bool ConnectionTable::has_deadline(const Connection& connection) const {
  return deadlines_[connection.slot_] != no_deadline;
}

void ConnectionTable::take_due(MonotonicTime now, std::vector<Connection*>& due) {
  const auto now_tick = static_cast<std::uint32_t>(std::max<std::int64_t>(now.ms - start_.ms, 0) / tick_ms);
  for (std::uint32_t slot = 0; slot < slot_count(); ++slot) {
    if (deadlines_[slot] > now_tick) continue;
    deadlines_[slot] = no_deadline;
    due.push_back(&at(slot));
  }
}

}  // namespace clearline::net
