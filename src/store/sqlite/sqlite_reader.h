#pragma once

#include <filesystem>
#include <memory>

#include "base/result.h"
#include "chat/store.h"
#include "store/sqlite/sqlite_database.h"

namespace clearline::store {

[[nodiscard]] Result<std::unique_ptr<chat::Reader>> open_sqlite_reader(const std::filesystem::path& path,
                                                                       const SqliteOptions& options);

}  // namespace clearline::store
