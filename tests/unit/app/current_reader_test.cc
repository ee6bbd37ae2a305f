#include "app/current_reader.h"

#include <gtest/gtest.h>

#include <functional>

#include "store/memory/memory_database.h"

namespace clearline::app {
namespace {

constexpr SiteId site{3};

chat::Conversation row(std::int64_t id, std::int64_t version, Seq agents_seen) {
  chat::Conversation made;
  made.id = ConversationId{id};
  made.site = site;
  made.last_at = WallTime{1000 + id};
  made.version = version;
  made.agents_cursor = {agents_seen, agents_seen};
  return made;
}

// Lets the test act between the two looks of a reader: when the store is asked, the unsaved rows have been.
class InterruptedReader final : public chat::Reader {
 public:
  InterruptedReader(std::unique_ptr<chat::Reader> store, std::function<void()>& before)
      : store_(std::move(store)), before_(before) {}

  Result<std::optional<chat::Conversation>> conversation(ConversationId id) override {
    interrupt();
    return store_->conversation(id);
  }
  Result<std::vector<chat::Event>> events_after(ConversationId id, Seq after, std::size_t limit) override {
    return store_->events_after(id, after, limit);
  }
  Result<std::vector<chat::Event>> events_before(ConversationId id, Seq before, std::size_t limit) override {
    return store_->events_before(id, before, limit);
  }
  Result<chat::InboxPage> inbox(SiteId id, chat::ConversationStatus status, std::size_t limit,
                                std::string_view cursor) override {
    interrupt();
    return store_->inbox(id, status, limit, cursor);
  }

 private:
  void interrupt() {
    if (before_) std::exchange(before_, nullptr)();
  }

  std::unique_ptr<chat::Reader> store_;
  std::function<void()>& before_;
};

class CurrentReaderTest : public testing::Test {
 protected:
  void commit(const chat::Conversation& saved) { ASSERT_TRUE(log_->begin() && log_->save(saved) && log_->commit()); }
  void announce(const chat::Conversation& unsaved) {
    unsaved_.put({std::make_shared<const chat::Conversation>(unsaved)});
  }
  std::int64_t version_of(std::int64_t id) {
    const auto found = reader_.conversation(ConversationId{id});
    return found && *found ? (*found)->version : 0;
  }
  std::vector<std::int64_t> inbox_versions() {
    std::vector<std::int64_t> versions;
    const auto page = reader_.inbox(site, chat::ConversationStatus::open, 10, {});
    if (page)
      for (const chat::Conversation& one : page->conversations) versions.push_back(one.version);
    return versions;
  }

  UnsavedRows unsaved_;
  std::unique_ptr<chat::Database> database_ = store::make_memory_database(Epoch{1});
  std::unique_ptr<chat::Log> log_ = *database_->open_log();
  std::function<void()> between_;
  CurrentReader reader_{std::make_unique<InterruptedReader>(*database_->open_reader(), between_), unsaved_};
};

TEST_F(CurrentReaderTest, WithoutUnsavedRowsTheStoreSpeaks) {
  EXPECT_EQ(version_of(1), 0);
  commit(row(1, 4, 2));
  EXPECT_EQ(version_of(1), 4);
  EXPECT_EQ(inbox_versions(), (std::vector<std::int64_t>{4}));
}

TEST_F(CurrentReaderTest, TheHigherVersionIsNewer) {
  commit(row(1, 4, 2));
  commit(row(2, 9, 0));
  announce(row(1, 5, 3));
  EXPECT_EQ(version_of(1), 5);
  EXPECT_EQ(version_of(2), 9);
  EXPECT_EQ(inbox_versions(), (std::vector<std::int64_t>{9, 5}));
  commit(row(1, 6, 4));
  EXPECT_EQ(version_of(1), 6);
  EXPECT_EQ(inbox_versions(), (std::vector<std::int64_t>{9, 6}));
}

TEST_F(CurrentReaderTest, ACommitBetweenTheTwoLooksLosesNothing) {
  commit(row(1, 4, 2));
  announce(row(1, 5, 3));
  const auto commit_and_clear = [&] {
    commit(row(1, 5, 3));
    unsaved_.clear();
  };
  between_ = commit_and_clear;
  EXPECT_EQ(version_of(1), 5);
  announce(row(1, 6, 4));
  between_ = [&] {
    commit(row(1, 6, 4));
    unsaved_.clear();
  };
  EXPECT_EQ(inbox_versions(), (std::vector<std::int64_t>{6}));
}

TEST_F(CurrentReaderTest, ARowOfAnotherSiteStaysOut) {
  commit(row(1, 4, 2));
  chat::Conversation elsewhere = row(1, 9, 9);
  elsewhere.site = SiteId{99};
  announce(elsewhere);
  EXPECT_EQ(inbox_versions(), (std::vector<std::int64_t>{4}));
}

}  // namespace
}  // namespace clearline::app
