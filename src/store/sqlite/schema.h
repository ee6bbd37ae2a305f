// The tables, and how a database comes to have the newest version of them.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "store/sqlite/connection.h"

namespace clearline::store {

// "Clln" in the file's header says that it is ours (PRAGMA application_id).
inline constexpr std::int32_t application_id = 0x436c6c6e;

// The number of migrations that this program knows (PRAGMA user_version).
[[nodiscard]] std::int64_t schema_version_newest();

// Makes the tables, and the epoch, in an empty database.
[[nodiscard]] Result<void> create_schema(Connection& connection);

// Brings the tables of a Clearline database to the newest version. `corrupt`, and nothing is touched, if the database
// is another program's or of a version that this program does not know.
[[nodiscard]] Result<void> migrate_schema(Connection& connection);

}  // namespace clearline::store
