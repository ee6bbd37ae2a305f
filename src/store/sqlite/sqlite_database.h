// The store on SQLite: one file, its write-ahead log beside it. Measured reasons for the defaults: docs/adr, storage.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/result.h"
#include "chat/store.h"

namespace clearline::store {

enum class Synchronous : std::uint8_t {
  normal,  // a commit survives a killed process, but the newest may be lost when the machine loses power
  full,    // a commit is flushed to the disk: what an acknowledgement promises
};

struct SqliteOptions {
  Synchronous synchronous = Synchronous::full;
  bool create_if_missing = true;         // the file with mode 0600, its directory with 0700
  int busy_timeout_ms = 5'000;           // how long a write waits for another process's, then `unavailable`
  int wal_autocheckpoint_pages = 4'000;  // of 4 KiB: the write-ahead log stays near 16 MiB
  int log_cache_kib = 16 * 1024;
  int reader_cache_kib = 2 * 1024;
};

// Fails with `io` or `corrupt`, naming the path, if the file cannot be opened, is not a Clearline database, or was
// written by a newer version; `not_found` if it is missing and may not be created.
[[nodiscard]] Result<std::unique_ptr<chat::Database>> open_sqlite_database(const std::filesystem::path& path,
                                                                           const SqliteOptions& options);

}  // namespace clearline::store
