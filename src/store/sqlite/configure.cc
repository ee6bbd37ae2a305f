#include "store/sqlite/configure.h"

#include <fmt/core.h>

#include <chrono>
#include <string>

namespace clearline::store {

namespace {

// What the write-ahead log's file shrinks to when it starts anew after it had to grow.
constexpr int journal_size_limit_bytes = 64 * 1024 * 1024;
constexpr int directory_cache_kib = 512;

int cache_kib(ConnectionUse use, const SqliteOptions& options) {
  switch (use) {
    case ConnectionUse::log:
      return options.log_cache_kib;
    case ConnectionUse::reader:
      return options.reader_cache_kib;
    case ConnectionUse::directory:
      break;
  }
  return directory_cache_kib;
}

}  // namespace

Result<void> configure(Connection& connection, ConnectionUse use, const SqliteOptions& options) {
  const char* synchronous = options.synchronous == Synchronous::full ? "FULL" : "NORMAL";
  // Checkpoints are left to writers: a checkpoint thread beside a busy writer lets the write-ahead log grow without
  // bound, since it starts anew only when a transaction begins with nothing left to move.
  // What is deleted is overwritten: an erased conversation must not be found in the file. It costs nothing measurable.
  std::string sql = fmt::format(
      "PRAGMA synchronous = {}; PRAGMA wal_autocheckpoint = {}; PRAGMA journal_size_limit = {};"
      "PRAGMA cache_size = -{}; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON;",
      synchronous, options.wal_autocheckpoint_pages, journal_size_limit_bytes, cache_kib(use, options));
  if (use == ConnectionUse::reader) sql += "PRAGMA query_only = ON;";
  if (use == ConnectionUse::directory) sql += "PRAGMA foreign_keys = ON;";
  return connection.execute("configure", sql);
}

Result<void> acquire_turn(const Connection& connection, WriteTurn& turn, const SqliteOptions& options) {
  if (turn.acquire(std::chrono::milliseconds(options.busy_timeout_ms))) return {};
  return tl::unexpected(connection.fault(
      ErrorCode::unavailable, fmt::format("begin: other writes took longer than {} ms", options.busy_timeout_ms)));
}

}  // namespace clearline::store
