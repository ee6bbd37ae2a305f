// SIGKILL at any moment: what was acknowledged is there, what was not is there whole or not at all.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "contract/store_values.h"
#include "contract/temporary_directory.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/sqlite_database.h"

namespace clearline::store {
namespace {

constexpr int kills = 30;
constexpr std::int64_t conversations = 5;
constexpr std::size_t batch_max = 40;

// What the child says after a commit, in one write (and so whole, or not at all).
struct Acknowledged {
  std::array<chat::Seq, conversations> last_seq{};
};

// Appends batches until it is killed. Exits only when the store fails.
[[noreturn]] void append_until_killed(const std::filesystem::path& path, int pipe, unsigned seed) {
  std::mt19937 random(seed);
  // Checkpoints come often, so that many kills hit one.
  auto database = open_sqlite_database(path, {.create_if_missing = false, .wal_autocheckpoint_pages = 20});
  if (!database) ::_exit(1);
  auto log = (*database)->open_log();
  if (!log) ::_exit(2);
  Acknowledged now;
  while (true) {
    if (!(*log)->begin()) ::_exit(3);
    for (std::size_t left = 1 + random() % batch_max; left > 0; --left) {
      const auto index = random() % conversations;
      const chat::ConversationId id{static_cast<std::int64_t>(index) + 1};
      if (now.last_seq[index] == 0) {
        auto row = (*log)->load(id);
        if (!row) ::_exit(4);
        if (*row) now.last_seq[index] = (*row)->last_seq;
      }
      chat::Conversation row = conversation(id.value());
      row.last_seq = ++now.last_seq[index];
      if (!(*log)->append(id, message(row.last_seq, std::string(random() % 2'000, 'k')))) ::_exit(5);
      if (!(*log)->save(row)) ::_exit(6);
    }
    if (!(*log)->commit()) ::_exit(7);
    if (::write(pipe, &now, sizeof now) != static_cast<::ssize_t>(sizeof now)) ::_exit(8);
  }
}

class Child {
 public:
  Child(const std::filesystem::path& path, unsigned seed) {
    EXPECT_EQ(::pipe(ends_), 0);
    pid_ = ::fork();
    if (pid_ == 0) append_until_killed(path, ends_[1], seed);
    ::close(ends_[1]);
  }
  ~Child() { ::close(ends_[0]); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Blocks for the next acknowledgement; false at the end.
  [[nodiscard]] bool next(Acknowledged& acknowledged) const {
    return ::read(ends_[0], &acknowledged, sizeof acknowledged) == static_cast<::ssize_t>(sizeof acknowledged);
  }
  void kill() const {
    ::kill(pid_, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(pid_, &status, 0), pid_);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child gave up by itself at step " << WEXITSTATUS(status);
  }

 private:
  int ends_[2] = {-1, -1};
  ::pid_t pid_ = -1;
};

TEST(SqliteCrash, NothingAcknowledgedIsLostAndNothingIsHalfDone) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "clearline.db";
  { ASSERT_NE(value_of(open_sqlite_database(path, {})), nullptr); }
  std::mt19937 random(20'251'122);
  Acknowledged acknowledged;  // over all children
  chat::Seq total = 0;
  for (int kill = 0; kill < kills; ++kill) {
    SCOPED_TRACE("kill " + std::to_string(kill));
    {
      const Child child(path, static_cast<unsigned>(random()));
      const auto note = [&](const Acknowledged& said) {
        for (std::size_t i = 0; i < said.last_seq.size(); ++i)
          acknowledged.last_seq[i] = std::max(acknowledged.last_seq[i], said.last_seq[i]);
      };
      Acknowledged said;
      for (auto left = 1 + random() % 12; left > 0; --left) {
        ASSERT_TRUE(child.next(said));
        note(said);
      }
      // Anywhere in the batches that follow: this many turns are spent, not waited for.
      for (volatile auto turns = random() % 2'000'000; turns > 0;) turns = turns - 1;
      child.kill();
      while (child.next(said)) note(said);
    }
    const auto database = value_of(open_sqlite_database(path, {.create_if_missing = false}));
    ASSERT_NE(database, nullptr);
    const auto reader = value_of(database->open_reader());
    std::size_t beyond = 0;
    total = 0;
    for (std::int64_t id = 1; id <= conversations; ++id) {
      const chat::Seq last_acknowledged = acknowledged.last_seq[static_cast<std::size_t>(id) - 1];
      const auto row = value_of(reader->conversation(chat::ConversationId{id}));
      const chat::Seq last_seq = row ? row->last_seq : 0;
      ASSERT_GE(last_seq, last_acknowledged) << "an acknowledged message is lost";
      chat::Seq seq = 0;
      while (seq < last_seq) {
        const auto events = value_of(reader->events_after(chat::ConversationId{id}, seq, 10'000));
        ASSERT_FALSE(events.empty()) << "the row promises seq " << last_seq << ", the log ends at " << seq;
        for (const chat::Event& event : events) ASSERT_EQ(event.seq, ++seq) << "a hole";
      }
      ASSERT_TRUE(value_of(reader->events_after(chat::ConversationId{id}, last_seq, 1)).empty()) << "beyond the row";
      beyond += static_cast<std::size_t>(last_seq - last_acknowledged);
      total += last_seq;
      // What was committed but never acknowledged is part of the history from now on.
      acknowledged.last_seq[static_cast<std::size_t>(id) - 1] = last_seq;
    }
    ASSERT_LE(beyond, batch_max) << "more than the one batch that was being committed";
    const auto connection = value_of(Connection::open(path, 1'000));
    ASSERT_EQ(value_of(connection->query_text("check", "PRAGMA integrity_check")), "ok");
  }
  RecordProperty("messages", std::to_string(total));
  EXPECT_GT(total, kills);
}

}  // namespace
}  // namespace clearline::store
