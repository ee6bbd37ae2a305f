#include "store/sqlite/sqlite_database.h"

#include <fmt/core.h>

#include <atomic>
#include <string>
#include <system_error>
#include <utility>

#include "store/errors.h"
#include "store/sqlite/configure.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/database_file.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/sqlite_directory.h"
#include "store/sqlite/sqlite_log.h"
#include "store/sqlite/sqlite_reader.h"
#include "store/sqlite/write_turn.h"

namespace clearline::store {

namespace {

namespace fs = std::filesystem;

class SqliteDatabase final : public chat::Database {
 public:
  SqliteDatabase(fs::path path, const SqliteOptions& options) : path_(std::move(path)), options_(options) {}

  Result<std::unique_ptr<chat::Log>> open_log() override {
    if (log_open_.exchange(true)) return log_is_open();
    auto log = open_sqlite_log(path_, options_, turn_, log_open_);
    if (!log) log_open_ = false;
    return log;
  }
  Result<std::unique_ptr<chat::Reader>> open_reader() override { return open_sqlite_reader(path_, options_); }
  Result<std::unique_ptr<chat::Directory>> open_directory() override {
    return open_sqlite_directory(path_, options_, turn_);
  }

 private:
  fs::path path_;
  SqliteOptions options_;
  WriteTurn turn_;
  std::atomic<bool> log_open_ = false;
};

Result<void> check_file(const fs::path& path) {
  std::error_code failure;
  const fs::file_status status = fs::status(path, failure);
  if (status.type() == fs::file_type::not_found)
    return fail(ErrorCode::not_found, fmt::format("{}: there is no such database", path.string()));
  if (failure) return fail(ErrorCode::io, fmt::format("{}: open: {}", path.string(), failure.message()));
  if (status.type() != fs::file_type::regular)
    return fail(ErrorCode::io, fmt::format("{}: open: is not a regular file", path.string()));
  return {};
}

}  // namespace

Result<std::unique_ptr<chat::Database>> open_sqlite_database(const fs::path& given, const SqliteOptions& options) {
  // Absolute, so that it stays the same file if the process changes its directory, and so that no SQLite that was built
  // with SQLITE_USE_URI takes a name such as "file:x" for an address.
  std::error_code failure;
  const fs::path path = fs::absolute(given, failure);
  if (failure) return fail(ErrorCode::io, fmt::format("{}: {}", given.string(), failure.message()));
  if (options.create_if_missing) CLEARLINE_CHECK(create_database_file(path, options));
  CLEARLINE_CHECK(check_file(path));
  CLEARLINE_TRY(const auto connection, Connection::open(path, options.busy_timeout_ms));
  CLEARLINE_CHECK(migrate_schema(*connection));
  return std::make_unique<SqliteDatabase>(path, options);
}

}  // namespace clearline::store
