// A disk that fails at step 1, 2, 3 … and one that loses its power.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "contract/fault_vfs.h"
#include "contract/store_values.h"
#include "contract/temporary_directory.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/sqlite_database.h"

namespace clearline::store {
namespace {

namespace fs = std::filesystem;

const chat::ConversationId first{101};
constexpr chat::Seq batch_size = 3;

chat::Conversation row_at(chat::Seq last_seq) {
  chat::Conversation row = conversation(101);
  row.last_seq = last_seq;
  return row;
}

// The next batch_size messages and their row, in one transaction, up to the first failure. As the server's writer does
// it, a message that is there already (by its client_id) is not appended again.
Result<void> write_batch(chat::Log& log, chat::Seq last_seq) {
  CLEARLINE_CHECK(log.begin());
  for (chat::Seq seq = last_seq + 1; seq <= last_seq + batch_size; ++seq) {
    const chat::Event event = message(seq, std::string(2'000, 'f'));
    CLEARLINE_TRY(const auto prior, log.find(first, *event.client_id));
    if (prior) continue;
    CLEARLINE_CHECK(log.append(first, event));
  }
  CLEARLINE_CHECK(log.save(row_at(last_seq + batch_size)));
  return log.commit();
}

// The log is 1 … n and its row agrees; returns n.
chat::Seq whole_history(chat::Reader& reader) {
  const auto row = value_of(reader.conversation(first));
  const auto events = value_of(reader.events_after(first, 0, 10'000));
  chat::Seq seq = 0;
  for (const chat::Event& event : events) EXPECT_EQ(event.seq, ++seq) << "a hole";
  EXPECT_EQ(row ? row->last_seq : 0, seq) << "the row and the log disagree";
  EXPECT_EQ(seq % batch_size, 0) << "half a batch";
  return seq;
}

std::string integrity_of(const fs::path& path) {
  const auto connection = value_of(Connection::open(path, 1'000));
  return connection == nullptr ? "closed" : value_of(connection->query_text("check", "PRAGMA integrity_check"));
}

class StoreFault : public testing::TestWithParam<std::pair<Fault, Duration>> {
 protected:
  [[nodiscard]] fs::path path() const { return directory_.path() / "clearline.db"; }

  TemporaryDirectory directory_{TemporaryDirectory::Kind::in_memory};
  FaultVfs vfs_;
};

TEST_P(StoreFault, AFailedBatchIsAnErrorByValueAndNothingOfItStays) {
  const auto [fault, duration] = GetParam();
  // Checkpoints come often: faults meet them too.
  const auto database = value_of(open_sqlite_database(path(), {.wal_autocheckpoint_pages = 30}));
  const auto log = value_of(database->open_log());
  const auto reader = value_of(database->open_reader());
  chat::Seq last_seq = 0;
  int failures = 0;
  bool fired = true;
  for (int step = 1; fired; ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    ASSERT_LT(step, 1'000);
    vfs_.arm(fault, duration, step);
    const auto written = write_batch(*log, last_seq);
    vfs_.disarm();
    fired = vfs_.fired();
    if (written) {
      // Not met, or met by a checkpoint after the commit: that is upkeep, and is done again later.
      last_seq += batch_size;
    } else {
      ++failures;
      ASSERT_TRUE(fired);
      ASSERT_TRUE(fails_with(written, ErrorCode::io, {path().string(), "SQLite"}));
      log->rollback();
      ASSERT_EQ(whole_history(*reader), last_seq) << "something of the failed batch is seen";
      ASSERT_TRUE(is_ok(write_batch(*log, last_seq))) << "not usable after the fault";
      last_seq += batch_size;
    }
    ASSERT_EQ(whole_history(*reader), last_seq);
  }
  EXPECT_GE(failures, fault == Fault::flush_error ? 1 : 3);
  log->idle();
  EXPECT_EQ(integrity_of(path()), "ok");
}

TEST_P(StoreFault, AFailedDirectoryWriteLeavesNothing) {
  const auto [fault, duration] = GetParam();
  const auto database = value_of(open_sqlite_database(path(), {}));
  const auto directory = value_of(database->open_directory());
  int failures = 0;
  bool fired = true;
  for (std::int64_t step = 1; fired; ++step) {
    const chat::Site wanted = site(step, "shop-" + std::to_string(step));
    vfs_.arm(fault, duration, static_cast<int>(step));
    const auto created = directory->create_site(wanted);
    vfs_.disarm();
    fired = vfs_.fired();
    const auto count = value_of(directory->sites()).size();
    if (created) {
      ASSERT_EQ(count, static_cast<std::size_t>(step));
      continue;
    }
    ++failures;
    ASSERT_TRUE(fails_with(created, ErrorCode::io, {path().string()}));
    ASSERT_EQ(count, static_cast<std::size_t>(step) - 1) << "half a site";
    ASSERT_TRUE(is_ok(directory->create_site(wanted)));
  }
  EXPECT_GE(failures, 1);
}

TEST_P(StoreFault, ADatabaseIsMadeWholeOrNotAtAll) {
  const auto [fault, duration] = GetParam();
  int failures = 0;
  bool fired = true;
  for (int step = 1; fired; ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    ASSERT_LT(step, 1'000);
    const fs::path made = directory_.path() / ("step-" + std::to_string(step)) / "clearline.db";
    vfs_.arm(fault, duration, step);
    const auto opened = open_sqlite_database(made, {});
    vfs_.disarm();
    fired = vfs_.fired();
    if (!opened) {
      ++failures;
      ASSERT_TRUE(fails_with(opened, ErrorCode::io, {made.string()}));
      ASSERT_TRUE(fs::is_empty(made.parent_path())) << "something is left";
    }
    ASSERT_TRUE(is_ok(open_sqlite_database(made, {})));
    ASSERT_EQ(integrity_of(made), "ok");
  }
  EXPECT_GE(failures, 1);
}

std::string name_of(const testing::TestParamInfo<std::pair<Fault, Duration>>& test) {
  constexpr const char* names[] = {"disk_full", "write_error", "flush_error"};
  return std::string(names[static_cast<int>(test.param.first)]) +
         (test.param.second == Duration::once ? "_once" : "_lasting");
}

INSTANTIATE_TEST_SUITE_P(
    Faults, StoreFault,
    testing::Values(std::pair{Fault::disk_full, Duration::once}, std::pair{Fault::disk_full, Duration::lasting},
                    std::pair{Fault::write_error, Duration::once}, std::pair{Fault::write_error, Duration::lasting},
                    std::pair{Fault::flush_error, Duration::once}, std::pair{Fault::flush_error, Duration::lasting}),
    name_of);

// --- Power.

struct PowerLosses {
  int tried = 0;
  int lost = 0;    // an acknowledged message is missing
  int broken = 0;  // a hole, half a batch, a damaged file
};

// Writes batches, and at many moments looks what a loss of power would have left.
PowerLosses lose_power_often(Synchronous synchronous, unsigned seed) {
  const TemporaryDirectory directory(TemporaryDirectory::Kind::in_memory);
  std::mt19937 random(seed);
  FaultVfs vfs;
  const fs::path path = directory.path() / "clearline.db";
  const SqliteOptions options{.synchronous = synchronous, .wal_autocheckpoint_pages = 30};
  const auto database = value_of(open_sqlite_database(path, options));
  const auto log = value_of(database->open_log());
  chat::Seq acknowledged = 0;
  std::vector<std::pair<fs::path, chat::Seq>> moments;
  vfs.on_change([&] {
    if (random() % 12 != 0) return;
    const fs::path left = directory.path() / ("moment-" + std::to_string(moments.size()));
    fs::create_directory(left);
    constexpr double kept[] = {0, 0.5, 0.9};
    vfs.write_files_after_power_loss(left, random, kept[random() % 3]);
    moments.emplace_back(left / "clearline.db", acknowledged);
  });
  while (moments.size() < 60) {
    EXPECT_TRUE(is_ok(write_batch(*log, acknowledged)));
    acknowledged += batch_size;
    if (acknowledged % 30 == 0) log->idle();
  }
  vfs.on_change(nullptr);

  PowerLosses losses;
  for (const auto& [left, promised] : moments) {
    ++losses.tried;
    const auto reopened = open_sqlite_database(left, {.create_if_missing = false});
    const auto reader = reopened ? (*reopened)->open_reader() : fail(reopened.error().code, reopened.error().message);
    if (!reader || integrity_of(left) != "ok") {
      ++losses.broken;
      continue;
    }
    const auto row = (*reader)->conversation(first);
    const auto events = (*reader)->events_after(first, 0, 10'000);
    const chat::Seq last_seq = row && *row ? (*row)->last_seq : 0;
    bool whole = row && events && static_cast<chat::Seq>(events->size()) == last_seq && last_seq % batch_size == 0;
    for (std::size_t i = 0; whole && i < events->size(); ++i) whole = (*events)[i].seq == static_cast<chat::Seq>(i) + 1;
    if (!whole)
      ++losses.broken;
    else if (last_seq < promised)
      ++losses.lost;
  }
  return losses;
}

TEST(StorePower, NothingAcknowledgedIsLostWithThePower) {
  for (const unsigned seed : {1U, 2U, 3U}) {
    const PowerLosses losses = lose_power_often(Synchronous::full, seed);
    EXPECT_GE(losses.tried, 60);
    EXPECT_EQ(losses.lost, 0) << "seed " << seed;
    EXPECT_EQ(losses.broken, 0) << "seed " << seed;
  }
}

// What `full` is for; and the proof that these tests can see a loss.
TEST(StorePower, WithoutTheFlushTheNewestAreLostButNothingBreaks) {
  const PowerLosses losses = lose_power_often(Synchronous::normal, 1);
  EXPECT_GT(losses.lost, 0);
  EXPECT_EQ(losses.broken, 0);
}

// --- The kernel's own refusal, by the limit on the size of a file.

TEST(StoreDiskFull, TheKernelsRefusalIsAnErrorByValueToo) {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "clearline.db";
  const ::pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const auto database = open_sqlite_database(path, {});
    const auto log = (*database)->open_log();
    const auto reader = (*database)->open_reader();
    if (!write_batch(**log, 0)) ::_exit(1);
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = fs::file_size(path.string() + "-wal") + 10'000;
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(2);
    const auto refused = write_batch(**log, batch_size);
    if (!fails_with(refused, ErrorCode::io, {path.string(), "File too large"})) ::_exit(3);
    (*log)->rollback();
    if (whole_history(**reader) != batch_size || testing::Test::HasFailure()) ::_exit(4);
    limit.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(5);
    if (!write_batch(**log, batch_size)) ::_exit(6);
    ::_exit(whole_history(**reader) == 2 * batch_size && !testing::Test::HasFailure() ? 0 : 7);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0) << "the step that went wrong";
}

}  // namespace
}  // namespace clearline::store
