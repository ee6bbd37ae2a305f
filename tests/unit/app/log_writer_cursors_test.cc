// Read cursors: announced at once, saved with the next commit or after a while, and never read older than announced.
#include <gtest/gtest.h>

#include "log_writer_fixture.h"

namespace clearline::app {
namespace {

class LogWriterCursorsTest : public LogWriterTest {
 protected:
  void SetUp() override {
    start({.cursor_delay_ms = 3'600'000});
    carry_out({visitor_says(1, 1), visitor_says(1, 2), visitor_says(1, 3)});
    announced_.forget();
  }
  void move(CursorCommand command) {
    announced_.forget();
    submit(std::move(command));
    announced_.wait_for_messages(1);
  }
};

TEST_F(LogWriterCursorsTest, AreAnnouncedBeforeTheyAreSavedAndReadAsAnnounced) {
  move(agent_has_seen(1, 2));
  const auto messages = announced_.take_messages();
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].seq, 0);
  EXPECT_EQ(messages[0].except, agents_connection);
  EXPECT_EQ(number_in(*messages[0].payload, "seen"), 2);
  EXPECT_EQ(number_in(*messages[0].payload, "unread"), 1);
  EXPECT_EQ(stored(1)->agents_cursor.seen, 0);
  EXPECT_EQ(current(1)->agents_cursor.seen, 2);
  EXPECT_EQ(current(1)->unread, 1);
  const auto page = current_reader_.inbox(site, chat::ConversationStatus::open, 10, {});
  ASSERT_TRUE(page);
  EXPECT_EQ(page->conversations.at(0), *current(1));
}

TEST_F(LogWriterCursorsTest, AreSavedWithTheNextCommit) {
  move(agent_has_seen(1, 2));
  move(visitor_has_seen(1, 3));
  const int before = control_.commits();
  carry_out({visitor_says(2, 4)});
  EXPECT_EQ(control_.commits(), before + 1);
  EXPECT_EQ(stored(1)->agents_cursor, (chat::ReadCursor{2, 2}));
  EXPECT_EQ(stored(1)->visitor_cursor, (chat::ReadCursor{3, 3}));
  EXPECT_EQ(unsaved_.find(ConversationId{1}), nullptr);
}

TEST_F(LogWriterCursorsTest, AreSavedAfterTheDelayWhenNobodySpeaks) {
  start({.cursor_delay_ms = 20});
  const int before = control_.commits();
  move(agent_has_seen(1, 2));
  control_.wait_for_commits(before + 1);
  EXPECT_EQ(current(1)->agents_cursor.seen, 2);
  writer_->stop();
  EXPECT_EQ(stored(1)->agents_cursor.seen, 2);
}

TEST_F(LogWriterCursorsTest, AreSavedWhenTheWriterStops) {
  move(agent_has_seen(1, 2));
  writer_->stop();
  EXPECT_EQ(stored(1)->agents_cursor.seen, 2);
}

TEST_F(LogWriterCursorsTest, OnlyGrowAndStayWithinTheLog) {
  move(agent_has_seen(1, 2));
  move(agent_has_seen(1, 99));  // the two that change nothing would come before it
  EXPECT_EQ(current(1)->agents_cursor, (chat::ReadCursor{3, 3}));
  const std::int64_t version = current(1)->version;
  submit(agent_has_seen(1, 1));
  submit(agent_has_seen(1, 3));
  move(visitor_has_seen(1, 1));
  EXPECT_EQ(current(1)->agents_cursor, (chat::ReadCursor{3, 3}));
  EXPECT_EQ(current(1)->version, version + 1);
}

TEST_F(LogWriterCursorsTest, OfStrangersMoveNothing) {
  CursorCommand stranger = visitor_has_seen(2, 3);
  stranger.move.id = ConversationId{1};
  submit(stranger);
  submit(visitor_has_seen(77, 3));  // a conversation that does not exist
  move(visitor_has_seen(1, 2));
  EXPECT_EQ(current(1)->visitor_cursor.seen, 2);
  EXPECT_EQ(announced_.take_messages().size(), 1U);
  EXPECT_FALSE(current(77));
}

TEST_F(LogWriterCursorsTest, CountUnreadWithTheMessagesOfTheirOwnBatch) {
  announced_.forget();
  submit_together({visitor_says(1, 4), agent_has_seen(1, 2)});
  announced_.wait_for_messages(2);
  EXPECT_EQ(current(1)->unread, 2);
  EXPECT_EQ(stored(1)->unread, 2);
}

}  // namespace
}  // namespace clearline::app
