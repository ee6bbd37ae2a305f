// The connections of an endpoint in a slab: fixed addresses, slots that are used again with a new generation, and all
// deadlines in one flat array, where looking through a million takes less than a millisecond.
// Not part of the public interface.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "net/connection.h"

namespace clearline::net {

class ConnectionTable {
 public:
  ConnectionTable(Endpoint& endpoint, std::uint8_t shard_index, MonotonicTime start);
  ~ConnectionTable();
  ConnectionTable(const ConnectionTable&) = delete;
  ConnectionTable& operator=(const ConnectionTable&) = delete;

  // Null when every slot that an id can name is taken.
  [[nodiscard]] Connection* acquire();
  void release(Connection& connection);
  // Null when that connection was released.
  [[nodiscard]] Connection* find(ConnectionId id) const;
  [[nodiscard]] ConnectionId id_of(const Connection& connection) const;

  [[nodiscard]] std::uint32_t slot_count() const { return static_cast<std::uint32_t>(deadlines_.size()); }
  [[nodiscard]] Connection& at(std::uint32_t slot) const;

  void set_deadline(const Connection& connection, MonotonicTime deadline);
  void clear_deadline(const Connection& connection);
  [[nodiscard]] bool has_deadline(const Connection& connection) const;
  // Clears and appends those whose deadline has passed.
  void take_due(MonotonicTime now, std::vector<Connection*>& due);

 private:
  static constexpr std::uint32_t chunk_slots = 256;
  static constexpr std::uint32_t slots_max = std::uint32_t{1} << 24;
  // 32 bits of 32 ms each last for four years.
  static constexpr std::int64_t tick_ms = 32;
  static constexpr std::uint32_t no_deadline = 0xFFFFFFFF;

  Endpoint& endpoint_;
  std::uint8_t shard_index_;
  MonotonicTime start_;
  std::vector<std::unique_ptr<Connection[]>> chunks_;
  std::vector<std::uint32_t> free_slots_;
  std::vector<std::uint32_t> deadlines_;  // by slot, in ticks since start_
};

}  // namespace clearline::net
