#include <gtest/gtest.h>

#include <optional>

#include "chat/decide.h"
#include "unit/chat/chat_values.h"

namespace clearline::chat {
namespace {

std::int64_t must_not_be_asked(Seq) {
  ADD_FAILURE() << "counted messages without need";
  return 0;
}

// Ten events; the visitor's messages are 2, 4, 6 and 8. Agents have delivered 5 and seen 3, the visitor 7 and 1.
Conversation ten_events() {
  Conversation state = begun();
  state.last_seq = 10;
  state.last_visitor_seq = 8;
  state.unread = 3;
  state.agents_cursor = {5, 3};
  state.visitor_cursor = {7, 1};
  state.version = 30;
  return state;
}

std::int64_t visitor_messages_after(Seq seen) {
  return seen < 2 ? 4 : seen < 4 ? 3 : seen < 6 ? 2 : seen < 8 ? 1 : 0;
}

struct CursorCase {
  const char* what;
  Role side;
  Seq delivered;
  Seq seen;
  std::optional<ReadCursor> expected;  // none: nothing changes
};

TEST(MoveCursor, OnlyForwardAndOnlyToTheEndOfTheLog) {
  const CursorCase cases[] = {
      {"agents deliver more", Role::agent, 6, 3, ReadCursor{6, 3}},
      {"agents see more", Role::agent, 5, 4, ReadCursor{5, 4}},
      {"seen implies delivered", Role::agent, 0, 9, ReadCursor{9, 9}},
      {"delivered alone", Role::agent, 10, 0, ReadCursor{10, 3}},
      {"all of it", Role::agent, 10, 10, ReadCursor{10, 10}},
      {"beyond the log", Role::agent, 99, 77, ReadCursor{10, 10}},
      {"the same again", Role::agent, 5, 3, std::nullopt},
      {"older", Role::agent, 2, 1, std::nullopt},
      {"nothing", Role::agent, 0, 0, std::nullopt},
      {"nonsense below zero", Role::agent, -7, -8, std::nullopt},
      {"one forward, one back", Role::agent, 1, 4, ReadCursor{5, 4}},
      {"the visitor sees", Role::visitor, 8, 8, ReadCursor{8, 8}},
      {"the visitor's older", Role::visitor, 7, 1, std::nullopt},
  };
  for (const CursorCase& each : cases) {
    const Conversation state = ten_events();
    const auto next = move_cursor(state, each.side, {id, each.delivered, each.seen}, visitor_messages_after);
    ASSERT_EQ(next.has_value(), each.expected.has_value()) << each.what;
    if (!next) continue;
    const bool agents = each.side == Role::agent;
    EXPECT_EQ(agents ? next->agents_cursor : next->visitor_cursor, *each.expected) << each.what;
    EXPECT_EQ(agents ? next->visitor_cursor : next->agents_cursor, agents ? state.visitor_cursor : state.agents_cursor)
        << each.what << ": the other side moved";
    EXPECT_EQ(next->version, 31) << each.what;
    EXPECT_LE(each.expected->seen, each.expected->delivered) << each.what;
  }
}

TEST(MoveCursor, UnreadIsWhatTheAgentsHaveNotSeen) {
  for (const auto& [seen, unread] : {std::pair<Seq, std::int64_t>{4, 2}, {5, 2}, {6, 1}, {7, 1}, {8, 0}, {10, 0}}) {
    const auto next = move_cursor(ten_events(), Role::agent, {id, 0, seen}, visitor_messages_after);
    ASSERT_TRUE(next) << seen;
    EXPECT_EQ(next->unread, unread) << seen;
  }
}

TEST(MoveCursor, CountsOnlyWhenAgentsStopShortOfTheVisitorsNewest) {
  const Conversation state = ten_events();
  EXPECT_EQ(move_cursor(state, Role::agent, {id, 8, 8}, must_not_be_asked)->unread, 0);
  EXPECT_EQ(move_cursor(state, Role::agent, {id, 10, 0}, must_not_be_asked)->unread, 3) << "delivered is not seen";
  EXPECT_EQ(move_cursor(state, Role::visitor, {id, 10, 10}, must_not_be_asked)->unread, 3) << "the visitor's reading";
  EXPECT_EQ(move_cursor(state, Role::agent, {id, 1, 1}, must_not_be_asked), std::nullopt);
}

TEST(MoveCursor, TouchesNothingThatTheLogAddsUpTo) {
  const Conversation before = ten_events();
  Conversation next = *move_cursor(before, Role::agent, {id, 10, 10}, must_not_be_asked);
  next.agents_cursor = before.agents_cursor;
  next.unread = before.unread;
  next.version = before.version;
  EXPECT_EQ(next, before);
}

}  // namespace
}  // namespace clearline::chat
