// The store refuses at every step: nothing half done, everybody is told, and what follows is right.
#include <gtest/gtest.h>

#include "log_writer_fixture.h"

namespace clearline::app {
namespace {

class LogWriterFaultsTest : public LogWriterTest {
 protected:
  // Conversation 1 has a message and a cursor that is announced and not saved.
  void begin_with_unsaved_cursor() {
    start({.cursor_delay_ms = 3'600'000});
    carry_out({visitor_says(1, 1), visitor_says(1, 2)});
    announced_.forget();
    submit(agent_has_seen(1, 1));
    announced_.wait_for_messages(1);
  }

  void expect_all_busy(std::size_t count) {
    announced_.wait_for_answers(count);
    const auto outcomes = announced_.take_outcomes();
    ASSERT_EQ(outcomes.size(), count);
    for (const Outcome& outcome : outcomes) {
      const auto* refused = std::get_if<Rejected>(&outcome.result);
      ASSERT_NE(refused, nullptr);
      EXPECT_EQ(refused->error, registry::ErrorName::busy);
      EXPECT_GT(refused->retry_after_ms.value_or(0), 0);
    }
    EXPECT_TRUE(announced_.take_messages().empty());
  }
};

TEST_F(LogWriterFaultsTest, AtEveryStepOfABatchNothingIsHalfDone) {
  const auto batch = [this](std::int64_t one, std::int64_t other) {
    return std::vector<LogWriter::Item>{visitor_says(one, 1), visitor_says(other, 2), agent_closes(one, 3),
                                        visitor_says(one, 4)};
  };
  for (int step = 1;; ++step) {
    const std::int64_t one = 10 * step, other = one + 1;
    SCOPED_TRACE(step);
    announced_.forget();
    control_.hold();
    submit(visitor_has_seen(999, 1));
    control_.wait_until_held();
    for (LogWriter::Item& item : batch(one, other)) submit(std::move(item));
    control_.fail_at(step + 2);  // the held transaction has a begin and a load before the batch
    control_.release();
    announced_.wait_for_answers(4);
    if (!control_.has_failed()) {
      EXPECT_GT(step, 10);  // begin, 2 loads, 3 finds, 5 appends, 2 saves, commit
      EXPECT_EQ(events(one).size(), 4U);
      control_.forget_fault();
      return;
    }
    expect_all_busy(4);
    for (const std::int64_t conversation : {one, other}) {
      EXPECT_FALSE(stored(conversation));
      EXPECT_FALSE(current(conversation));
      EXPECT_TRUE(events(conversation).empty());
    }
    // Sent again, as clients do.
    carry_out(batch(one, other));
    std::vector<Seq> seqs;
    for (const chat::Event& event : events(one)) seqs.push_back(event.seq);
    EXPECT_EQ(seqs, (std::vector<Seq>{1, 2, 3, 4}));
    EXPECT_EQ(events(other).size(), 1U);
    EXPECT_EQ(stored(one)->last_seq, 4);
    EXPECT_EQ(stored(one)->version, 4);
  }
}

TEST_F(LogWriterFaultsTest, ACommitThatHappenedAllTheSameIsFoundAgain) {
  carry_out({visitor_says(1, 1)});
  announced_.forget();
  control_.fail_at(1, LogControl::Fault::commit_happens_and_fails);
  submit(visitor_says(1, 2, "two"));
  expect_all_busy(1);
  carry_out({visitor_says(1, 2, "two"), visitor_says(1, 3, "three")});
  const auto outcomes = announced_.take_outcomes();
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(std::get<Acknowledged>(outcomes[0].result).seq, 2);
  EXPECT_EQ(events(1).size(), 3U);
}

TEST_F(LogWriterFaultsTest, AnAnnouncedCursorSurvivesARefusedBatch) {
  begin_with_unsaved_cursor();
  const std::int64_t version = current(1)->version;
  announced_.forget();
  control_.fail_at(1);
  submit(visitor_says(1, 3));
  expect_all_busy(1);
  EXPECT_EQ(current(1)->agents_cursor.seen, 1);
  EXPECT_EQ(current(1)->version, version);
  carry_out({visitor_says(1, 3)});
  EXPECT_EQ(stored(1)->agents_cursor.seen, 1);
  EXPECT_EQ(stored(1)->unread, 2);
  EXPECT_EQ(stored(1)->version, version + 1);
}

TEST_F(LogWriterFaultsTest, AnAnnouncedCursorIsSavedLaterEvenIfNobodySpeaks) {
  begin_with_unsaved_cursor();
  announced_.forget();
  control_.fail_at(1);
  submit(visitor_says(1, 3));
  expect_all_busy(1);
  writer_->stop();
  EXPECT_EQ(stored(1)->agents_cursor.seen, 1);
  EXPECT_EQ(unsaved_.find(ConversationId{1}), nullptr);
}

TEST_F(LogWriterFaultsTest, AVersionThatWasSeenIsNeverGivenToAnotherChange) {
  begin_with_unsaved_cursor();
  const std::int64_t version = current(1)->version;
  announced_.forget();
  // The commit has happened: the log has moved on from where the cursor was announced.
  control_.fail_at(1, LogControl::Fault::commit_happens_and_fails);
  submit(visitor_says(1, 3));
  expect_all_busy(1);
  carry_out({visitor_says(1, 4)});
  EXPECT_GT(stored(1)->version, version);
  EXPECT_EQ(events(1).size(), 4U);
  EXPECT_EQ(stored(1)->last_seq, 4);
}

TEST_F(LogWriterFaultsTest, AStoreThatNeverComesBackDoesNotKeepTheServerFromEnding) {
  begin_with_unsaved_cursor();
  control_.fail_at(1);
  writer_->stop();
  EXPECT_TRUE(control_.has_failed());
  EXPECT_EQ(stored(1)->agents_cursor.seen, 0);
}

}  // namespace
}  // namespace clearline::app
