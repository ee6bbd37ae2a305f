#include "store/sqlite/connection.h"

#include <fmt/core.h>
#include <sqlite3.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace clearline::store {

namespace {

// What the caller can do about it. Constraints are named by the calls that can break one; here they would be our bug.
ErrorCode code_of(int primary_result) {
  switch (primary_result) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorCode::unavailable;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_NOLFS:
    case SQLITE_PROTOCOL:
      return ErrorCode::io;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::corrupt;
    case SQLITE_TOOBIG:
      return ErrorCode::too_large;
    default:
      return ErrorCode::internal;
  }
}

Error describe(sqlite3* handle, const std::string& path, const char* operation) {
  // SQLite notes the system's error for all but the failures of a COMMIT; for those it is what the call left in errno.
  const int errno_left = errno;
  const int extended = sqlite3_extended_errcode(handle);
  const int primary = extended & 0xff;
  std::string message = fmt::format("{}: {}: {} (SQLite {})", path, operation, sqlite3_errmsg(handle), extended);
  // The operating system's words exist only for failures that came from it.
  const int noted = sqlite3_system_errno(handle);
  const int system_error = noted != 0 ? noted : errno_left;
  if (system_error != 0 && (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN || primary == SQLITE_FULL))
    message += fmt::format(": {}", std::strerror(system_error));
  return Error{code_of(primary), std::move(message)};
}

}  // namespace

Query::~Query() {
  sqlite3_reset(statement_);
}

Result<bool> Query::next() {
  if (bind_failure_ != 0) return tl::unexpected(connection_.error(operation_));
  errno = 0;
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  return tl::unexpected(connection_.error(operation_));
}

Result<void> Query::run() {
  CLEARLINE_TRY(const bool row, next());
  CLEARLINE_ASSERT(!row);
  return {};
}

Result<void> Query::row() {
  CLEARLINE_TRY(const bool found, next());
  CLEARLINE_ASSERT(found);
  return {};
}

bool Query::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Query::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::optional<std::int64_t> Query::optional_integer(int column) const {
  if (is_null(column)) return std::nullopt;
  return integer(column);
}

std::string_view Query::text(int column) const {
  const std::span<const std::byte> bytes = blob(column);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::span<const std::byte> Query::blob(int column) const {
  // As a blob, a TEXT column is its UTF-8 bytes: no conversion, no terminator, and U+0000 is a byte like any other.
  const void* bytes = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return {static_cast<const std::byte*>(bytes), static_cast<std::size_t>(size)};
}

void Query::bind(int parameter, std::int64_t value) {
  bind_failure_ |= sqlite3_bind_int64(statement_, parameter, value);
}

void Query::bind(int parameter, std::string_view text) {
  // A null pointer would bind NULL, and an empty view may have one.
  const char* data = text.data() != nullptr ? text.data() : "";
  bind_failure_ |= sqlite3_bind_text64(statement_, parameter, data, text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void Query::bind(int parameter, std::span<const std::byte> blob) {
  const void* data = blob.data() != nullptr ? static_cast<const void*>(blob.data()) : "";
  bind_failure_ |= sqlite3_bind_blob64(statement_, parameter, data, blob.size(), SQLITE_STATIC);
}

void Query::bind(int parameter, std::nullopt_t) {
  bind_failure_ |= sqlite3_bind_null(statement_, parameter);
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

void Connection::Close::operator()(sqlite3* handle) const {
  sqlite3_close_v2(handle);
}

Result<std::unique_ptr<Connection>> Connection::open(const std::filesystem::path& path, int busy_timeout_ms) {
  sqlite3* handle = nullptr;
  // The connection belongs to one thread at a time, so SQLite needs no mutex for it.
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int result = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  CLEARLINE_ASSERT(handle != nullptr);  // else out of memory
  std::unique_ptr<Connection> connection(new Connection(handle, path.string(), busy_timeout_ms));
  if (result != SQLITE_OK) return tl::unexpected(connection->error("open"));
  // SQLite falls back to reading silently; a store that cannot write has to say so now.
  if (sqlite3_db_readonly(handle, "main") == 1)
    return fail(ErrorCode::io, fmt::format("{}: open: the file may only be read by this user", path.string()));
  sqlite3_busy_timeout(handle, busy_timeout_ms);
  return connection;
}

Result<Statement> Connection::prepare(const char* operation, std::string_view sql) {
  sqlite3_stmt* handle = nullptr;
  const int result = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  if (result != SQLITE_OK) return tl::unexpected(error(operation));
  Statement statement;
  statement.connection_ = this;
  statement.statement_.reset(handle);
  statement.operation_ = operation;
  return statement;
}

Result<void> Connection::prepare(std::initializer_list<Preparation> preparations) {
  for (const Preparation& preparation : preparations) {
    CLEARLINE_TRY(preparation.statement, prepare(preparation.operation, preparation.sql));
  }
  return {};
}

Result<void> Connection::execute(const char* operation, const std::string& sql) {
  if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    return tl::unexpected(error(operation));
  return {};
}

Result<std::int64_t> Connection::query_integer(const char* operation, std::string_view sql) {
  CLEARLINE_TRY(Statement statement, prepare(operation, sql));
  Query query = statement.start();
  CLEARLINE_CHECK(query.row());
  return query.integer(0);
}

Result<std::string> Connection::query_text(const char* operation, std::string_view sql) {
  CLEARLINE_TRY(Statement statement, prepare(operation, sql));
  Query query = statement.start();
  CLEARLINE_CHECK(query.row());
  return std::string(query.text(0));
}

bool Connection::in_transaction() const {
  return sqlite3_get_autocommit(handle_.get()) == 0;
}

std::int64_t Connection::changes() const {
  return sqlite3_changes64(handle_.get());
}

Result<bool> Connection::truncate_wal() {
  sqlite3_busy_timeout(handle_.get(), 0);
  const int result = sqlite3_wal_checkpoint_v2(handle_.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  Result<bool> outcome = true;
  if ((result & 0xff) == SQLITE_BUSY)
    outcome = false;
  else if (result != SQLITE_OK)
    outcome = tl::unexpected(error("checkpoint"));
  sqlite3_busy_timeout(handle_.get(), busy_timeout_ms_);
  return outcome;
}

bool Connection::violated_unique() const {
  const int code = sqlite3_extended_errcode(handle_.get());
  return code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY || code == SQLITE_CONSTRAINT_ROWID;
}

bool Connection::violated_foreign_key() const {
  return sqlite3_extended_errcode(handle_.get()) == SQLITE_CONSTRAINT_FOREIGNKEY;
}

std::string_view Connection::last_message() const {
  return sqlite3_errmsg(handle_.get());
}

Error Connection::error(const char* operation) const {
  return describe(handle_.get(), path_, operation);
}

Error Connection::fault(ErrorCode code, std::string_view what) const {
  return {code, fmt::format("{}: {}", path_, what)};
}

}  // namespace clearline::store
