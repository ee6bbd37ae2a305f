// The settings of the three kinds of connections, and the start of a write.
#pragma once

#include "base/result.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/sqlite_database.h"
#include "store/sqlite/write_turn.h"

namespace clearline::store {

enum class ConnectionUse : std::uint8_t { log, reader, directory };

[[nodiscard]] Result<void> configure(Connection& connection, ConnectionUse use, const SqliteOptions& options);

// `unavailable` if other writers of this process keep the turn longer than busy_timeout_ms.
[[nodiscard]] Result<void> acquire_turn(const Connection& connection, WriteTurn& turn, const SqliteOptions& options);

}  // namespace clearline::store
