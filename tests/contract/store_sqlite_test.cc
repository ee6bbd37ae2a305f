// What SQLite adds to the contract: a file that outlives the process, other processes, and files that are not ours.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "contract/store_values.h"
#include "contract/temporary_directory.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/sqlite_database.h"

namespace clearline::store {
namespace {

namespace fs = std::filesystem;

const chat::ConversationId first{101};

class SqliteStore : public testing::Test {
 protected:
  [[nodiscard]] fs::path path() const { return directory_.path() / "clearline.db"; }
  [[nodiscard]] const fs::path& directory() const { return directory_.path(); }

  [[nodiscard]] std::unique_ptr<chat::Database> open(const SqliteOptions& options = {}) const {
    return value_of(open_sqlite_database(path(), options));
  }

  // SQL beside the store, as an old version, another program or a damaged disk would leave it.
  void execute(const std::string& sql) const {
    const auto connection = value_of(Connection::open(path(), 1'000));
    ASSERT_NE(connection, nullptr);
    ASSERT_TRUE(is_ok(connection->execute("test", sql)));
  }
  [[nodiscard]] std::string query(const std::string& sql) const {
    return value_of(value_of(Connection::open(path(), 1'000))->query_text("test", sql));
  }

  [[nodiscard]] static std::string bytes_of(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  void put(std::string_view bytes) const { std::ofstream(path(), std::ios::binary) << bytes; }

  static void write(chat::Log& log, const chat::Conversation& row, const std::vector<chat::Event>& events) {
    ASSERT_TRUE(is_ok(log.begin()));
    for (const chat::Event& event : events) ASSERT_TRUE(is_ok(log.append(row.id, event)));
    ASSERT_TRUE(is_ok(log.save(row)));
    ASSERT_TRUE(is_ok(log.commit()));
  }

 private:
  TemporaryDirectory directory_;
};

::mode_t mode_of(const fs::path& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 0777;
}

TEST_F(SqliteStore, ReopeningFindsEverything) {
  const chat::Session stored = session(1, chat::AgentId{601}, WallTime{100});
  chat::Epoch epoch;
  {
    const auto database = open();
    const auto log = value_of(database->open_log());
    write(*log, conversation(101), messages(20));
    const auto directory = value_of(database->open_directory());
    epoch = value_of(directory->epoch());
    ASSERT_TRUE(is_ok(directory->set_fact("key", std::string("\0\1", 2))));
    ASSERT_TRUE(is_ok(directory->create_site(site(11, "shop"))));
    ASSERT_TRUE(is_ok(directory->create_agent(agent(601, "ada", {chat::SiteId{11}}))));
    ASSERT_TRUE(is_ok(directory->create_session(stored)));
  }
  const auto database = open({.create_if_missing = false});
  const auto reader = value_of(database->open_reader());
  EXPECT_EQ(value_of(reader->conversation(first)), conversation(101));
  EXPECT_EQ(value_of(reader->events_after(first, 0, 100)), messages(20));
  const auto directory = value_of(database->open_directory());
  EXPECT_EQ(value_of(directory->epoch()), epoch);
  EXPECT_EQ(value_of(directory->fact("key")), std::string("\0\1", 2));
  EXPECT_EQ(value_of(directory->sites()), std::vector{site(11, "shop")});
  EXPECT_EQ(value_of(directory->agents()), std::vector{agent(601, "ada", {chat::SiteId{11}})});
  EXPECT_EQ(value_of(directory->find_session(stored.token_hash)), stored);
}

TEST_F(SqliteStore, EveryDatabaseHasAnEpochOfItsOwn) {
  const auto one = value_of(open_sqlite_database(directory() / "one.db", {}));
  const auto two = value_of(open_sqlite_database(directory() / "two.db", {}));
  EXPECT_NE(value_of(value_of(one->open_directory())->epoch()), value_of(value_of(two->open_directory())->epoch()));
}

TEST_F(SqliteStore, FilesAreTheirOwnersOnly) {
  const ::mode_t umask_before = ::umask(0);
  const fs::path nested = directory() / "above" / "private" / "clearline.db";
  const auto database = value_of(open_sqlite_database(nested, {}));
  const auto log = value_of(database->open_log());
  write(*log, conversation(101), messages(1));
  ::umask(umask_before);
  EXPECT_EQ(mode_of(nested.parent_path()), 0700U);
  EXPECT_EQ(mode_of(nested), 0600U);
  EXPECT_EQ(mode_of(nested.string() + "-wal"), 0600U);
  EXPECT_EQ(mode_of(nested.string() + "-shm"), 0600U);
}

TEST_F(SqliteStore, AnExistingDirectoryKeepsItsMode) {
  ASSERT_EQ(::chmod(directory().c_str(), 0750), 0);
  ASSERT_NE(open(), nullptr);
  EXPECT_EQ(mode_of(directory()), 0750U);
}

TEST_F(SqliteStore, CreatingLeavesNothingButTheDatabase) {
  { ASSERT_NE(open(), nullptr); }
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory())) names.push_back(entry.path().filename());
  EXPECT_EQ(names, std::vector<std::string>{"clearline.db"});
}

TEST_F(SqliteStore, AMissingFileIsNotMadeUnasked) {
  EXPECT_TRUE(fails_with(open_sqlite_database(path(), {.create_if_missing = false}), ErrorCode::not_found,
                         {path().string(), "no such database"}));
  EXPECT_TRUE(fs::is_empty(directory()));
}

// Two servers, or a server and `clearline admin`, may start at the same moment on an empty directory.
TEST_F(SqliteStore, CreatedByManyAtOnceItIsOneDatabase) {
  constexpr std::size_t openers = 8;
  std::array<std::unique_ptr<chat::Database>, openers> databases;
  std::vector<std::thread> threads;
  for (auto& database : databases) threads.emplace_back([this, &database] { database = open(); });
  for (std::thread& thread : threads) thread.join();
  const chat::Epoch epoch = value_of(value_of(databases.front()->open_directory())->epoch());
  for (const auto& database : databases) {
    ASSERT_NE(database, nullptr);
    EXPECT_EQ(value_of(value_of(database->open_directory())->epoch()), epoch);
  }
  for (const auto& entry : fs::directory_iterator(directory()))
    EXPECT_EQ(entry.path().string().find(".new-"), std::string::npos) << entry.path();
}

TEST_F(SqliteStore, ANameThatLooksLikeAnAddressIsAName) {
  const fs::path before = fs::current_path();
  fs::current_path(directory());
  const auto database = open_sqlite_database("file:chat.db?mode=memory", {});
  fs::current_path(before);
  ASSERT_TRUE(is_ok(database));
  EXPECT_TRUE(is_ok((*database)->open_log())) << "after the working directory changed";
  EXPECT_TRUE(fs::exists(directory() / "file:chat.db?mode=memory"));
}

// --- Files that are not ours, or not well. Each is named, and left as it was.

struct BadFile {
  const char* what;
  std::string bytes;
  std::vector<std::string_view> words;
};

TEST_F(SqliteStore, AFileOfAnotherProgramIsRefusedAndLeftAlone) {
  const std::string magic("SQLite format 3\0", 16);
  for (const BadFile& bad :
       {BadFile{"empty", "", {"application_id is 0"}},
        BadFile{"text", "This is a text file, and no database.\n" + std::string(5'000, 'x'), {"not a database"}},
        BadFile{"a header and nothing more", magic + std::string(84, '\0'), {"not a database"}}}) {
    put(bad.bytes);
    const auto opened = open_sqlite_database(path(), {});
    EXPECT_TRUE(fails_with(opened, ErrorCode::corrupt, {path().string()})) << bad.what;
    for (const std::string_view word : bad.words)
      EXPECT_TRUE(fails_with(opened, ErrorCode::corrupt, {word})) << bad.what;
    EXPECT_EQ(bytes_of(path()), bad.bytes) << bad.what;
  }
}

TEST_F(SqliteStore, AnotherProgramsDatabaseIsRefusedAndLeftAlone) {
  put("");
  execute("PRAGMA application_id = 0x0f055112; CREATE TABLE blobs (id); INSERT INTO blobs VALUES (1)");
  const std::string before = bytes_of(path());
  EXPECT_TRUE(fails_with(open_sqlite_database(path(), {}), ErrorCode::corrupt,
                         {path().string(), "is not a Clearline database", "0xf055112"}));
  EXPECT_EQ(bytes_of(path()), before);
}

TEST_F(SqliteStore, AnUnknownVersionIsRefusedAndLeftAlone) {
  { ASSERT_NE(open(), nullptr); }
  for (const std::int64_t version : {schema_version_newest() + 1, std::int64_t{0}, std::int64_t{-3}}) {
    execute("PRAGMA user_version = " + std::to_string(version));
    const std::string before = bytes_of(path());
    EXPECT_TRUE(fails_with(open_sqlite_database(path(), {}), ErrorCode::corrupt,
                           {path().string(), "schema version " + std::to_string(version),
                            "versions 1 to " + std::to_string(schema_version_newest())}));
    EXPECT_EQ(bytes_of(path()), before);
  }
}

TEST_F(SqliteStore, WhatIsNoFileIsRefused) {
  ASSERT_TRUE(fs::create_directory(path()));
  EXPECT_TRUE(fails_with(open_sqlite_database(path(), {}), ErrorCode::io, {path().string(), "not a regular file"}));
  const fs::path file = directory() / "file";
  std::ofstream(file) << "x";
  EXPECT_TRUE(fails_with(open_sqlite_database(file / "clearline.db", {}), ErrorCode::io,
                         {(file / "clearline.db").string(), "Not a directory"}));
}

TEST_F(SqliteStore, ADamagedPageIsAnErrorByValue) {
  {
    const auto database = open();
    const auto log = value_of(database->open_log());
    for (std::int64_t id = 1; id <= 100; ++id) write(*log, conversation(id), messages(20));
  }
  std::string bytes = bytes_of(path());
  ASSERT_GT(bytes.size(), 100'000U);
  std::fill(bytes.begin() + 4'096, bytes.end(), '\x5a');  // all but the first page, which has the schema
  put(bytes);
  const auto database = value_of(open_sqlite_database(path(), {}));
  ASSERT_NE(database, nullptr);
  const auto reader = value_of(database->open_reader());
  EXPECT_TRUE(fails_with(reader->conversation(chat::ConversationId{1}), ErrorCode::corrupt, {path().string()}));
  EXPECT_TRUE(fails_with(reader->events_after(chat::ConversationId{1}, 0, 10), ErrorCode::corrupt, {path().string()}));
  const auto log = value_of(database->open_log());
  ASSERT_TRUE(is_ok(log->begin()));
  EXPECT_TRUE(fails_with(log->load(chat::ConversationId{1}), ErrorCode::corrupt, {path().string()}));
  EXPECT_FALSE(log->commit());
  log->rollback();
}

TEST_F(SqliteStore, AValueThatWeNeverWriteIsCorrupt) {
  const auto database = open();
  const auto reader = value_of(database->open_reader());
  const auto directory = value_of(database->open_directory());
  const auto log = value_of(database->open_log());
  write(*log, conversation(101), messages(1));
  ASSERT_TRUE(is_ok(directory->create_agent(agent(601, "ada", {}))));
  execute("UPDATE conversations SET status = 9");
  EXPECT_TRUE(
      fails_with(reader->conversation(first), ErrorCode::corrupt, {path().string(), "c0000000000035", "status 9"}));
  execute("UPDATE conversations SET status = 1, last_role = 0");
  EXPECT_TRUE(fails_with(reader->conversation(first), ErrorCode::corrupt, {"role 0"}));
  execute("UPDATE events SET kind = 4");
  EXPECT_TRUE(fails_with(reader->events_after(first, 0, 1), ErrorCode::corrupt, {"c0000000000035", "seq 1", "kind 4"}));
  execute("UPDATE events SET kind = 1, client_id = x'0102'");
  EXPECT_TRUE(fails_with(reader->events_before(first, 9, 1), ErrorCode::corrupt, {"seq 1", "client_id has 2 bytes"}));
  execute("UPDATE agents SET role = 3");
  EXPECT_TRUE(fails_with(directory->agents(), ErrorCode::corrupt, {"\"ada\"", "role 3"}));
}

// In a child that has given up root's right to write anywhere. Returns what the child said.
template <typename Body>
std::string as_nobody(Body&& body) {
  int pipe_ends[2];
  EXPECT_EQ(::pipe(pipe_ends), 0);
  const ::pid_t child = ::fork();
  if (child == 0) {
    constexpr ::uid_t nobody = 65'534;
    std::string said = ::geteuid() == 0 && ::setuid(nobody) != 0 ? "setuid failed" : body();
    const bool whole = ::write(pipe_ends[1], said.data(), said.size()) == static_cast<::ssize_t>(said.size());
    ::_exit(whole ? 0 : 1);
  }
  ::close(pipe_ends[1]);
  std::string said;
  char buffer[1'024];
  for (::ssize_t n = 0; (n = ::read(pipe_ends[0], buffer, sizeof buffer)) > 0;)
    said.append(buffer, static_cast<std::size_t>(n));
  ::close(pipe_ends[0]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  return said;
}

TEST_F(SqliteStore, ADirectoryWithoutTheRightToWriteIsNamed) {
  ASSERT_EQ(::chmod(directory().c_str(), 0555), 0);
  const auto open_it = [&]() -> std::string {
    const auto opened = open_sqlite_database(path(), {});
    return opened ? "opened" : std::string(error_code_name(opened.error().code)) + " " + opened.error().message;
  };
  const std::string said = as_nobody(open_it);
  EXPECT_EQ(said.rfind("io ", 0), 0U) << said;
  EXPECT_NE(said.find(path().string()), std::string::npos) << said;
  EXPECT_NE(said.find("Permission denied"), std::string::npos) << said;
  ASSERT_EQ(::chmod(directory().c_str(), 0700), 0);
}

TEST_F(SqliteStore, AFileWithoutTheRightToWriteIsNamed) {
  { ASSERT_NE(open(), nullptr); }
  ASSERT_EQ(::chmod(directory().c_str(), 0777), 0);
  ASSERT_EQ(::chmod(path().c_str(), 0444), 0);
  const std::string said = as_nobody([&]() -> std::string {
    const auto opened = open_sqlite_database(path(), {});
    return opened ? "opened" : std::string(error_code_name(opened.error().code)) + " " + opened.error().message;
  });
  EXPECT_EQ(said, "io " + path().string() + ": open: the file may only be read by this user");
}

// --- Several processes on one file.

TEST_F(SqliteStore, AnotherProcessesWritesAreSeen) {
  const auto database = open();
  const auto directory = value_of(database->open_directory());
  const std::int64_t before = value_of(directory->data_version());
  const ::pid_t child = ::fork();
  if (child == 0) {
    const auto own = open_sqlite_database(path(), {.create_if_missing = false});
    const bool done = own && (*own)->open_directory().value()->create_site(site(11, "shop"));
    ::_exit(done ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  EXPECT_NE(value_of(directory->data_version()), before);
  EXPECT_EQ(value_of(directory->sites()), std::vector{site(11, "shop")});
}

TEST_F(SqliteStore, AWriterInTheWayIsUnavailableNotForEver) {
  const SqliteOptions impatient{.busy_timeout_ms = 20};
  const auto here = open(impatient);
  const auto there = open(impatient);  // as another process: it shares nothing with `here` but the file
  const auto log = value_of(here->open_log());
  const auto other_log = value_of(there->open_log());
  const auto own_directory = value_of(here->open_directory());
  const auto other_directory = value_of(there->open_directory());
  ASSERT_TRUE(is_ok(log->begin()));
  EXPECT_TRUE(fails_with(other_log->begin(), ErrorCode::unavailable, {path().string(), "begin", "locked"}));
  EXPECT_TRUE(fails_with(other_directory->set_fact("a", "b"), ErrorCode::unavailable, {path().string(), "locked"}));
  EXPECT_TRUE(fails_with(own_directory->set_fact("a", "b"), ErrorCode::unavailable, {path().string(), "20 ms"}));
  EXPECT_EQ(value_of(own_directory->fact("a")), std::nullopt) << "reading waits for nobody";
  ASSERT_TRUE(is_ok(log->commit()));
  EXPECT_TRUE(is_ok(own_directory->set_fact("a", "b")));
  EXPECT_TRUE(is_ok(other_directory->set_fact("a", "c")));
  EXPECT_TRUE(is_ok(other_log->begin()));
  EXPECT_TRUE(is_ok(other_log->commit()));
}

TEST_F(SqliteStore, TheDirectoryWritesBesideALogThatNeverRests) {
  const auto database = open();
  const auto log = value_of(database->open_log());
  const auto directory = value_of(database->open_directory());
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (chat::Seq seq = 1; !stop; ++seq) write(*log, conversation(101), {message(seq, "busy")});
  });
  for (std::int64_t id = 1; id <= 50; ++id)
    EXPECT_TRUE(is_ok(directory->create_site(site(id, "shop-" + std::to_string(id)))));
  stop = true;
  writer.join();
  EXPECT_EQ(value_of(directory->sites()).size(), 50U);
}

// --- The write-ahead log.

TEST_F(SqliteStore, IdleEmptiesTheWriteAheadLogThoughReadersAreOpen) {
  const auto database = open();
  const auto log = value_of(database->open_log());
  const auto reader = value_of(database->open_reader());
  const auto directory = value_of(database->open_directory());
  write(*log, conversation(101), messages(100));
  // Each of these would keep the log from being emptied if it left its read transaction open.
  EXPECT_TRUE(is_ok(reader->conversation(first)));
  EXPECT_EQ(value_of(reader->events_after(first, 0, 3)).size(), 3U);
  EXPECT_EQ(value_of(reader->events_before(first, 50, 3)).size(), 3U);
  EXPECT_TRUE(is_ok(reader->inbox(chat::SiteId{11}, chat::ConversationStatus::open, 1, "")));
  EXPECT_TRUE(is_ok(directory->fact("none")));
  EXPECT_TRUE(is_ok(directory->data_version()));
  EXPECT_TRUE(is_ok(directory->find_agent("none")));
  ASSERT_GT(fs::file_size(path().string() + "-wal"), 0U);
  log->idle();
  EXPECT_EQ(fs::file_size(path().string() + "-wal"), 0U);
  EXPECT_EQ(value_of(reader->events_after(first, 0, 1'000)), messages(100));
}

TEST_F(SqliteStore, CheckpointsKeepTheWriteAheadLogShort) {
  const auto database = open({.synchronous = Synchronous::normal, .wal_autocheckpoint_pages = 50});
  const auto log = value_of(database->open_log());
  const auto reader = value_of(database->open_reader());
  std::uintmax_t largest = 0;
  for (chat::Seq seq = 1; seq <= 500; ++seq) {
    write(*log, conversation(101), {message(seq, std::string(1'000, 'x'))});
    EXPECT_EQ(value_of(reader->events_after(first, seq - 1, 10)).size(), 1U);
    largest = std::max(largest, fs::file_size(path().string() + "-wal"));
  }
  EXPECT_LT(largest, 100U * 4'096U);
  EXPECT_EQ(query("PRAGMA integrity_check"), "ok");
}

TEST_F(SqliteStore, ANewDatabaseIsWhole) {
  const auto database = open();
  EXPECT_EQ(query("PRAGMA journal_mode"), "wal");
  EXPECT_EQ(query("PRAGMA integrity_check"), "ok");
}

}  // namespace
}  // namespace clearline::store
