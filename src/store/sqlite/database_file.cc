#include "store/sqlite/database_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include "base/random.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/schema.h"

namespace clearline::store {

namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> io_failure(const fs::path& path, std::string_view operation, int system_error) {
  return fail(ErrorCode::io, fmt::format("{}: {}: {}", path.string(), operation, std::strerror(system_error)));
}

fs::path directory_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

// The directories above it get the usual mode: they may well be shared.
Result<void> make_private_directory(const fs::path& directory) {
  std::error_code failure;
  if (fs::is_directory(directory, failure)) return {};
  if (directory.has_parent_path()) fs::create_directories(directory.parent_path(), failure);
  if (failure) return io_failure(directory, "create the directory", failure.value());
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
    return io_failure(directory, "create the directory", errno);
  return {};
}

Result<void> create_empty_file(const fs::path& path) {
  const int file = ::open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0) return io_failure(path, "create the database", errno);
  ::close(file);
  return {};
}

Result<void> fill(const fs::path& path, const SqliteOptions& options) {
  CLEARLINE_CHECK(create_empty_file(path));
  CLEARLINE_TRY(auto connection, Connection::open(path, options.busy_timeout_ms));
  // Nobody knows this file before it has its name. So it is flushed once, by the checkpoint at the end: a dozen flushes
  // on the way would be most of the time of a first start.
  CLEARLINE_CHECK(connection->execute("set synchronous", "PRAGMA synchronous = OFF"));
  CLEARLINE_TRY(const std::string mode, connection->query_text("set journal_mode", "PRAGMA journal_mode = WAL"));
  if (mode != "wal")
    return tl::unexpected(connection->fault(
        ErrorCode::io, fmt::format("this file system cannot hold a write-ahead log (journal_mode stays {})", mode)));
  CLEARLINE_CHECK(create_schema(*connection));
  CLEARLINE_CHECK(connection->execute("set synchronous", "PRAGMA synchronous = FULL"));
  CLEARLINE_TRY(const bool emptied, connection->truncate_wal());
  CLEARLINE_ASSERT(emptied);
  return {};
}

void remove_with_wal(const fs::path& path) {
  for (const char* suffix : {"", "-wal", "-shm"}) ::unlink((path.string() + suffix).c_str());
}

// Gives the finished file its name, unless the name is in use by now.
Result<void> publish(const fs::path& made, const fs::path& path) {
  if (::link(made.c_str(), path.c_str()) != 0 && errno != EEXIST) return io_failure(path, "create the database", errno);
  return {};
}

// So that the name, too, survives a loss of power.
Result<void> flush_directory(const fs::path& directory) {
  const int handle = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (handle < 0) return io_failure(directory, "open the directory", errno);
  const int failure = ::fsync(handle) == 0 ? 0 : errno;
  ::close(handle);
  if (failure != 0) return io_failure(directory, "flush the directory", failure);
  return {};
}

}  // namespace

Result<void> create_database_file(const fs::path& path, const SqliteOptions& options) {
  std::error_code failure;
  if (fs::exists(path, failure)) return {};
  const fs::path directory = directory_of(path);
  CLEARLINE_CHECK(make_private_directory(directory));
  fs::path made = path;
  made += fmt::format(".new-{:016x}", random_u64());
  Result<void> outcome = fill(made, options);
  if (outcome) outcome = publish(made, path);
  remove_with_wal(made);
  CLEARLINE_CHECK(std::move(outcome));
  return flush_directory(directory);
}

}  // namespace clearline::store
