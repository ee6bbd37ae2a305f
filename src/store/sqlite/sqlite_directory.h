#pragma once

#include <filesystem>
#include <memory>

#include "base/result.h"
#include "chat/store.h"
#include "store/sqlite/sqlite_database.h"
#include "store/sqlite/write_turn.h"

namespace clearline::store {

[[nodiscard]] Result<std::unique_ptr<chat::Directory>> open_sqlite_directory(const std::filesystem::path& path,
                                                                             const SqliteOptions& options,
                                                                             WriteTurn& turn);

}  // namespace clearline::store
