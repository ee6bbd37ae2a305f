// RAII around SQLite's handles. A connection and its statements are used by one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace clearline::store {

class Connection;

// One use of a statement: steps through its rows, and resets the statement when it goes. The reset ends the read
// transaction that a SELECT opened, so none stays open between the calls of a store.
class Query {
 public:
  template <typename... Arguments>
  Query(const Connection& connection, sqlite3_stmt* statement, const char* operation, const Arguments&... arguments)
      : connection_(connection), statement_(statement), operation_(operation) {
    int parameter = 0;
    (bind(++parameter, arguments), ...);
  }
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  // True while there is a row.
  [[nodiscard]] Result<bool> next();
  // Runs a statement that gives no rows.
  [[nodiscard]] Result<void> run();
  // Steps to a row that is always there.
  [[nodiscard]] Result<void> row();

  // Columns of the current row, from 0. Views live until next().
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::optional<std::int64_t> optional_integer(int column) const;
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] std::span<const std::byte> blob(int column) const;

 private:
  // What text and blobs point to must outlive this object. A failure shows in next().
  void bind(int parameter, std::int64_t value);
  void bind(int parameter, std::string_view text);
  void bind(int parameter, std::span<const std::byte> blob);
  void bind(int parameter, std::nullopt_t);
  template <typename T>
  void bind(int parameter, const std::optional<T>& value) {
    value ? bind(parameter, *value) : bind(parameter, std::nullopt);
  }

  const Connection& connection_;
  sqlite3_stmt* statement_;
  const char* operation_;
  int bind_failure_ = 0;
};

// Prepared once, used many times. Must not outlive its connection.
class Statement {
 public:
  Statement() = default;

  // Binds the arguments to ?1, ?2 … One use at a time.
  template <typename... Arguments>
  [[nodiscard]] Query start(const Arguments&... arguments) {
    return Query(*connection_, statement_.get(), operation_, arguments...);
  }
  template <typename... Arguments>
  [[nodiscard]] Result<void> run(const Arguments&... arguments) {
    return start(arguments...).run();
  }

 private:
  friend class Connection;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };

  const Connection* connection_ = nullptr;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  const char* operation_ = "";
};

class Connection {
 public:
  // An existing file, or a new and empty one. Waits up to busy_timeout_ms for the locks of other connections.
  [[nodiscard]] static Result<std::unique_ptr<Connection>> open(const std::filesystem::path& path, int busy_timeout_ms);

  // `operation` says in error messages what was being done; a literal, or else it must outlive the statement.
  [[nodiscard]] Result<Statement> prepare(const char* operation, std::string_view sql);
  struct Preparation {
    Statement& statement;
    const char* operation;
    std::string_view sql;
  };
  [[nodiscard]] Result<void> prepare(std::initializer_list<Preparation> preparations);
  // One or more statements that give no rows that matter.
  [[nodiscard]] Result<void> execute(const char* operation, const std::string& sql);
  // The first column of the only row.
  [[nodiscard]] Result<std::int64_t> query_integer(const char* operation, std::string_view sql);
  [[nodiscard]] Result<std::string> query_text(const char* operation, std::string_view sql);

  [[nodiscard]] bool in_transaction() const;
  // Rows that the last INSERT, UPDATE or DELETE changed.
  [[nodiscard]] std::int64_t changes() const;

  // Moves the whole write-ahead log into the database file and empties it. False if another connection was in the
  // way; waits for none.
  [[nodiscard]] Result<bool> truncate_wal();

  // Says whether the last failure was a broken UNIQUE, PRIMARY KEY or FOREIGN KEY constraint.
  [[nodiscard]] bool violated_unique() const;
  [[nodiscard]] bool violated_foreign_key() const;
  [[nodiscard]] std::string_view last_message() const;

  // The error of the last call: path, operation, and SQLite's and the operating system's words.
  [[nodiscard]] Error error(const char* operation) const;
  // An error that we found ourselves, with the path in front.
  [[nodiscard]] Error fault(ErrorCode code, std::string_view what) const;

 private:
  Connection(sqlite3* handle, std::string path, int busy_timeout_ms)
      : handle_(handle), path_(std::move(path)), busy_timeout_ms_(busy_timeout_ms) {}

  struct Close {
    void operator()(sqlite3* handle) const;
  };
  std::unique_ptr<sqlite3, Close> handle_;
  std::string path_;
  int busy_timeout_ms_;
};

}  // namespace clearline::store
