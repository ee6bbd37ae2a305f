#pragma once

#include <atomic>
#include <filesystem>
#include <memory>

#include "base/result.h"
#include "chat/store.h"
#include "store/sqlite/sqlite_database.h"
#include "store/sqlite/write_turn.h"

namespace clearline::store {

// `log_open` is set by the caller, and cleared by the log when it goes.
[[nodiscard]] Result<std::unique_ptr<chat::Log>> open_sqlite_log(const std::filesystem::path& path,
                                                                 const SqliteOptions& options, WriteTurn& turn,
                                                                 std::atomic<bool>& log_open);

}  // namespace clearline::store
