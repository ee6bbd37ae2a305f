#include "app/log_writer.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "log_writer_fixture.h"

namespace clearline::app {
namespace {

using registry::ErrorName;

const Rejected& rejected(const Outcome& outcome) {
  return std::get<Rejected>(outcome.result);
}
const Acknowledged& acknowledged(const Outcome& outcome) {
  return std::get<Acknowledged>(outcome.result);
}

TEST_F(LogWriterTest, StoresAndThenSaysSo) {
  carry_out({visitor_says(1, 70, "Hello!")});
  const auto messages = announced_.take_messages();
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].topic, bus::conversation_topic(ConversationId{1}));
  EXPECT_EQ(messages[0].seq, 1);
  EXPECT_EQ(messages[0].except, visitors_connection);
  EXPECT_NE(messages[0].payload->find("Hello!"), std::string::npos);
  EXPECT_EQ(number_in(*messages[0].reply, "id"), 70);
  EXPECT_EQ(number_in(*messages[0].reply, "seq"), 1);
  EXPECT_TRUE(announced_.take_outcomes().empty());
  ASSERT_EQ(events(1).size(), 1U);
  EXPECT_EQ(events(1)[0].text, "Hello!");
  EXPECT_EQ(stored(1)->unread, 1);
}

TEST_F(LogWriterTest, ABatchIsOneCommitAndKeepsItsOrder) {
  carry_out({visitor_says(1, 1)});
  const int before = control_.commits();
  announced_.forget();
  submit_together({agent_says(1, 2), visitor_says(1, 3), agent_says(1, 4), visitor_says(2, 5), visitor_says(1, 6)});
  announced_.wait_for_answers(5);
  EXPECT_EQ(control_.commits(), before + 1);
  std::vector<Seq> seqs;
  for (const bus::Message& message : announced_.take_messages())
    if (message.topic.id == 1) seqs.push_back(message.seq);
  EXPECT_EQ(seqs, (std::vector<Seq>{2, 3, 4, 5}));
}

TEST_F(LogWriterTest, BatchesHaveALimit) {
  start({.batch_max = 2});
  std::vector<LogWriter::Item> items;
  for (std::uint64_t i = 0; i < 7; ++i) items.push_back(visitor_says(1, i));
  const int before = control_.commits();
  submit_together(std::move(items));
  announced_.wait_for_answers(7);
  EXPECT_EQ(control_.commits(), before + 4);
  EXPECT_EQ(events(1).size(), 7U);
}

TEST_F(LogWriterTest, ARepeatIsAcknowledgedWithTheFirstSeq) {
  carry_out({visitor_says(1, 1, "one"), visitor_says(1, 2, "two")});
  carry_out({visitor_says(1, 1, "one")});
  const auto outcomes = announced_.take_outcomes();
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(acknowledged(outcomes[0]).seq, 1);
  EXPECT_TRUE(acknowledged(outcomes[0]).duplicate);
  EXPECT_TRUE(announced_.take_messages().empty());
  EXPECT_EQ(events(1).size(), 2U);
}

TEST_F(LogWriterTest, ARepeatWithinTheBatchIsStoredOnce) {
  submit_together({visitor_says(1, 1, "one"), visitor_says(1, 1, "one"), visitor_says(1, 1, "another")});
  announced_.wait_for_answers(3);
  const auto outcomes = announced_.take_outcomes();
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_TRUE(acknowledged(outcomes[0]).duplicate);
  EXPECT_EQ(rejected(outcomes[1]).error, ErrorName::duplicate_mismatch);
  EXPECT_EQ(events(1).size(), 1U);
}

TEST_F(LogWriterTest, ARefusalNamesItsReason) {
  carry_out({visitor_says(1, 1)});
  carry_out({visitor_says(1, 2, ""), visitor_says(1, 3, std::string(chat::text_bytes_max + 1, 'x')), agent_says(77, 4),
             agent_closes(1, 5), agent_closes(1, 6)});
  std::vector<ErrorName> names;
  for (const Outcome& outcome : announced_.take_outcomes()) {
    names.push_back(rejected(outcome).error);
    EXPECT_FALSE(rejected(outcome).retry_after_ms);
  }
  EXPECT_EQ(names, (std::vector{ErrorName::text_empty, ErrorName::too_large, ErrorName::not_found,
                                ErrorName::conversation_closed}));
}

TEST_F(LogWriterTest, ReopeningIsForAllAndTheMessageIsAcknowledged) {
  carry_out({visitor_says(1, 1), agent_closes(1, 2)});
  carry_out({visitor_says(1, 3)});
  const auto messages = announced_.take_messages();
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0].seq, 3);
  EXPECT_EQ(messages[0].except, 0U);
  EXPECT_EQ(messages[0].reply, nullptr);
  EXPECT_EQ(messages[1].seq, 4);
  EXPECT_EQ(messages[1].except, visitors_connection);
  EXPECT_EQ(number_in(*messages[1].reply, "seq"), 4);
}

TEST_F(LogWriterTest, SummariesAreWrittenWhenAgentsAreThere) {
  carry_out({visitor_says(1, 1)});
  EXPECT_EQ(announced_.take_messages().size(), 1U);
  presence_.agent_connected(site);
  submit_together({visitor_says(1, 2), visitor_says(1, 3), visitor_says(2, 4)});
  announced_.wait_for_answers(4);
  announced_.wait_for_messages(5);
  std::vector<std::int64_t> keys;
  for (const bus::Message& message : announced_.take_messages())
    if (message.topic == bus::site_agents_topic(site)) keys.push_back(message.replaces_key);
  EXPECT_EQ(keys, (std::vector<std::int64_t>{1, 2}));
}

TEST_F(LogWriterTest, AFullQueueTakesNothingMore) {
  start({.queue_max = 3});
  control_.hold();
  submit(visitor_says(1, 1));
  control_.wait_until_held();
  for (std::uint64_t i = 2; i <= 4; ++i) submit(visitor_says(1, i));
  EXPECT_FALSE(writer_->submit(visitor_says(1, 5)));
  EXPECT_EQ(writer_->queued(), 3U);
  control_.release();
  announced_.wait_for_answers(4);
  EXPECT_EQ(events(1).size(), 4U);
  carry_out({visitor_says(1, 5)});
}

TEST_F(LogWriterTest, StopWritesWhatIsQueuedAndTakesNothingMore) {
  control_.hold();
  submit(visitor_says(1, 1));
  control_.wait_until_held();
  for (std::uint64_t i = 2; i <= 40; ++i) submit(visitor_says(1, i));
  std::thread stopper([this] { writer_->stop(); });
  control_.release();
  stopper.join();
  EXPECT_EQ(events(1).size(), 40U);
  announced_.wait_for_answers(40);
  EXPECT_FALSE(writer_->submit(visitor_says(1, 41)));
  writer_->stop();
}

TEST_F(LogWriterTest, TheStoreIsGivenTimeForItsUpkeep) {
  start({.idle_after_ms = 0});
  control_.wait_for_idle_calls(1);
  carry_out({visitor_says(1, 1)});
  control_.wait_for_idle_calls(2);
}

TEST_F(LogWriterTest, TheCacheHasALimitAlsoWhileCursorsMove) {
  start({.cursor_delay_ms = 3'600'000, .cached_conversations_max = 2});
  for (std::int64_t i = 1; i <= 3; ++i) carry_out({visitor_says(i, 1)});
  announced_.forget();
  submit(agent_has_seen(1, 1));  // stays dirty from now on
  announced_.wait_for_messages(1);
  submit(agent_has_seen(2, 1));
  announced_.wait_for_messages(2);
  const int before = control_.loads();
  submit(agent_has_seen(3, 1));  // was evicted, so it is loaded again
  announced_.wait_for_messages(3);
  EXPECT_GT(control_.loads(), before);
  writer_->stop();
  for (std::int64_t i = 1; i <= 3; ++i) EXPECT_EQ(stored(i)->agents_cursor.seen, 1) << i;
}

}  // namespace
}  // namespace clearline::app
