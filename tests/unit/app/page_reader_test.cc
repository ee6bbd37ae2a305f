#include "app/page_reader.h"

#include <gtest/gtest.h>

#include <memory>

#include "store/memory/memory_database.h"

namespace clearline::app {
namespace {

constexpr Epoch epoch{77};
constexpr ConversationId conv{5};
constexpr PageLimits limits{.first_page_events = 10, .resume_events_max = 30};

class PageReaderTest : public testing::Test {
 protected:
  // A conversation of `count` messages.
  void write(Seq count) {
    auto log = database_->open_log();
    ASSERT_TRUE(log && (*log)->begin());
    chat::Conversation row;
    row.id = conv;
    row.last_seq = count;
    for (Seq seq = 1; seq <= count; ++seq) {
      chat::Event event;
      event.seq = seq;
      event.text = std::to_string(seq);
      ASSERT_TRUE((*log)->append(conv, event));
    }
    ASSERT_TRUE((*log)->save(row) && (*log)->commit());
  }

  LogPage page(std::optional<wire::ResumePoint> after = std::nullopt) {
    auto read = read_page(*reader_, directory_, conv, after, epoch, limits);
    EXPECT_TRUE(read);
    return read ? *read : LogPage{};
  }
  LogPage page_after(Seq seq, Epoch of = epoch) { return page(wire::ResumePoint{conv, of, seq}); }

  static void expect_events(const LogPage& page, Seq first, Seq last) {
    EXPECT_EQ(page.first_seq, first);
    EXPECT_EQ(page.last_seq, last);
    ASSERT_EQ(page.events_json.size(), static_cast<std::size_t>(last - first + 1));
    for (Seq seq = first; seq <= last; ++seq)
      EXPECT_NE(page.events_json[static_cast<std::size_t>(seq - first)].find("\"seq\":" + std::to_string(seq) + ","),
                std::string::npos);
  }

  const DirectorySnapshot directory_;
  std::unique_ptr<chat::Database> database_ = store::make_memory_database(epoch);
  std::unique_ptr<chat::Reader> reader_ = *database_->open_reader();
};

TEST_F(PageReaderTest, TheFirstPageIsTheNewestEvents) {
  write(25);
  const LogPage newest = page();
  expect_events(newest, 16, 25);
  EXPECT_TRUE(newest.more);
  EXPECT_TRUE(newest.conversation);
  EXPECT_EQ(newest.reset_reason, "");
}

TEST_F(PageReaderTest, AShortConversationIsWhole) {
  write(10);
  const LogPage all = page();
  expect_events(all, 1, 10);
  EXPECT_FALSE(all.more);
}

TEST_F(PageReaderTest, AResumePointGetsExactlyWhatIsMissing) {
  write(40);
  for (const Seq after : {Seq{10}, Seq{11}, Seq{39}}) {
    const LogPage missing = page_after(after);
    expect_events(missing, after + 1, 40);
    EXPECT_TRUE(missing.more);
    EXPECT_EQ(missing.reset_reason, "");
  }
  const LogPage nothing = page_after(40);
  expect_events(nothing, 41, 40);
  EXPECT_TRUE(nothing.more);
}

TEST_F(PageReaderTest, BeforeTheFirstEventThereIsNoMore) {
  write(5);
  const LogPage all = page_after(0);
  expect_events(all, 1, 5);
  EXPECT_FALSE(all.more);
}

TEST_F(PageReaderTest, WhatCannotBeResumedGetsAReasonAndTheFirstPage) {
  write(40);
  for (const auto& [after, of, reason] :
       {std::tuple{Seq{39}, Epoch{78}, "epoch"}, std::tuple{Seq{41}, epoch, "cursor"},
        std::tuple{Seq{9}, epoch, "too_far"}, std::tuple{Seq{99}, Epoch{78}, "epoch"}}) {
    const LogPage first = page_after(after, of);
    EXPECT_EQ(first.reset_reason, reason);
    expect_events(first, 31, 40);
    EXPECT_TRUE(first.more);
  }
}

TEST_F(PageReaderTest, AConversationThatDoesNotExist) {
  const LogPage none = page();
  EXPECT_FALSE(none.conversation);
  EXPECT_EQ(none.reset_reason, "");
  EXPECT_EQ(page_after(0).reset_reason, "");
  EXPECT_EQ(page_after(1).reset_reason, "cursor");
  EXPECT_EQ(page_after(0, Epoch{78}).reset_reason, "epoch");
  const auto older = read_before(*reader_, directory_, conv, 5, 10);
  ASSERT_TRUE(older);
  EXPECT_FALSE(older->conversation);
}

TEST_F(PageReaderTest, OlderPages) {
  write(25);
  const auto older = read_before(*reader_, directory_, conv, 16, 10);
  ASSERT_TRUE(older);
  expect_events(*older, 6, 15);
  EXPECT_TRUE(older->more);
  const auto oldest = read_before(*reader_, directory_, conv, 6, 10);
  ASSERT_TRUE(oldest);
  expect_events(*oldest, 1, 5);
  EXPECT_FALSE(oldest->more);
  const auto nothing = read_before(*reader_, directory_, conv, 1, 10);
  ASSERT_TRUE(nothing);
  EXPECT_TRUE(nothing->events_json.empty());
  EXPECT_FALSE(nothing->more);
}

TEST_F(PageReaderTest, ARepairTakesUpToItsLimit) {
  write(25);
  const auto missing = read_missing(*reader_, directory_, conv, 5, 10);
  ASSERT_TRUE(missing);
  expect_events(*missing, 6, 15);
  const auto nothing = read_missing(*reader_, directory_, conv, 25, 10);
  ASSERT_TRUE(nothing);
  EXPECT_TRUE(nothing->events_json.empty());
  EXPECT_EQ(nothing->last_seq, 25);
}

}  // namespace
}  // namespace clearline::app
