// chat::apply: what a log adds up to.
#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "chat/decide.h"
#include "unit/chat/chat_values.h"

namespace clearline::chat {
namespace {

TEST(Apply, ReplayingTheLogGivesTheState) {
  Conversation state;
  std::vector<Event> log;
  bool exists = false;
  const auto run = [&](const Actor& actor, const LogCommand& command, std::int64_t ms) {
    Facts facts = facts_of(exists ? &state : nullptr, actor, command, WallTime{ms});
    exists = true;
    log.insert(log.end(), facts.events.begin(), facts.events.end());
    state = facts.state;
  };
  run(visitor(), post(1, "One"), 10);
  run(shop_agent(), post(2, "Two"), 20);
  run(visitor(), post(3, "Three"), 15);
  run(shop_agent(), close(4), 30);
  run(visitor(), post(5, "Four"), 40);
  run(admin(), close(6), 50);
  run(shop_agent(), post(7, "Five"), 60);

  Conversation replayed;
  replayed.id = state.id;
  replayed.site = state.site;
  replayed.visitor = state.visitor;
  replayed.created_at = log.front().at;
  for (const Event& event : log) apply(replayed, event);
  EXPECT_EQ(replayed, state);
  EXPECT_EQ(state.last_seq, 9);
  EXPECT_EQ(state.version, 9);
}

// unread counts what the visitor wrote and no agent has seen: closing does not read it.
TEST(Apply, UnreadGrowsWithTheVisitorsMessagesOnly) {
  Conversation state = begun();
  EXPECT_EQ(state.unread, 1);
  state = after(state, visitor(), post(2, "x"), 2'000);
  EXPECT_EQ(state.unread, 2);
  EXPECT_EQ(state.last_visitor_seq, 2);
  state = after(state, shop_agent(), post(3, "x"), 3'000);
  EXPECT_EQ(state.unread, 2);
  EXPECT_EQ(state.last_visitor_seq, 2);
  state = after(state, shop_agent(), close(4), 4'000);
  EXPECT_EQ(state.unread, 2);
  state = after(state, visitor(), post(5, "x"), 5'000);
  EXPECT_EQ(state.unread, 3);
  EXPECT_EQ(state.last_visitor_seq, 6) << "seq 5 is the reopening";
}

TEST(Apply, WaitingSinceIsTheOldestUnansweredMessage) {
  using Waiting = std::optional<WallTime>;
  Conversation state = begun();
  EXPECT_EQ(state.waiting_since, Waiting(WallTime{1'000}));
  state = after(state, visitor(), post(2, "Anybody?"), 2'000);
  EXPECT_EQ(state.waiting_since, Waiting(WallTime{1'000})) << "the oldest, not the newest";
  state = after(state, shop_agent(), post(3, "Yes"), 3'000);
  EXPECT_EQ(state.waiting_since, std::nullopt) << "answered";
  state = after(state, visitor(), post(4, "Good"), 4'000);
  EXPECT_EQ(state.waiting_since, Waiting(WallTime{4'000}));
  state = after(state, shop_agent(), close(5), 5'000);
  EXPECT_EQ(state.waiting_since, std::nullopt) << "closing is an answer";
  state = after(state, visitor(), post(6, "But"), 6'000);
  EXPECT_EQ(state.waiting_since, Waiting(WallTime{6'000}));
  state = after(state, shop_agent(), close(7), 7'000);
  state = after(state, shop_agent(), post(8, "By the way"), 8'000);
  EXPECT_EQ(state.waiting_since, std::nullopt) << "an agent's reopening makes nobody wait";
}

TEST(Apply, ThePreviewIsTheNewestMessage) {
  Conversation state = after(begun(), shop_agent(), post(2, "  Yes,\n\tit   is  "), 2'000);
  EXPECT_EQ(state.last, (Preview{EventKind::message, Role::agent, "Yes, it is"}));
  state = after(state, shop_agent(), close(3), 3'000);
  EXPECT_EQ(state.last, (Preview{EventKind::message, Role::agent, "Yes, it is"}));
}

TEST(ApplyDeathTest, AHoleInTheLogIsABrokenInvariant) {
  Conversation state = begun();
  Event event;
  for (const Seq seq : {Seq{0}, Seq{1}, Seq{3}}) {
    event.seq = seq;
    EXPECT_DEATH(apply(state, event), "assertion failed");
  }
}

}  // namespace
}  // namespace clearline::chat
