// The file of a SQLite database: made whole or not at all, private to its owner.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "store/sqlite/sqlite_database.h"

namespace clearline::store {

// Makes an empty Clearline database at `path` if nothing is there. A crash, or another process that does the same,
// leaves either no file or a complete one.
[[nodiscard]] Result<void> create_database_file(const std::filesystem::path& path, const SqliteOptions& options);

}  // namespace clearline::store
