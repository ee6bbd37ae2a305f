#include "chat/decide.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/chat/chat_values.h"

namespace clearline::chat {
namespace {

TEST(DecidePost, AVisitorsFirstMessageCreatesItsConversation) {
  const Facts facts = facts_of(nullptr, visitor(), post(1, "Hello"), WallTime{1'000});
  Event event;
  event.seq = 1;
  event.at = WallTime{1'000};
  event.kind = EventKind::message;
  event.from = {Role::visitor, 501};
  event.client_id = client_id(1);
  event.text = "Hello";
  EXPECT_EQ(facts.events, std::vector{event});
  Conversation state;
  state.id = id;
  state.site = shop;
  state.visitor = VisitorId{501};
  state.created_at = WallTime{1'000};
  state.last_seq = 1;
  state.last_at = WallTime{1'000};
  state.last_visitor_seq = 1;
  state.waiting_since = WallTime{1'000};
  state.unread = 1;
  state.version = 1;
  state.last = Preview{EventKind::message, Role::visitor, "Hello"};
  EXPECT_EQ(facts.state, state);
}

TEST(DecidePost, TheNextMessageFollowsInTheSameConversation) {
  const Conversation state = begun();
  const Facts facts = facts_of(&state, shop_agent(), post(2, "Good morning"), WallTime{2'000});
  ASSERT_EQ(facts.events.size(), 1U);
  EXPECT_EQ(facts.events[0].seq, 2);
  EXPECT_EQ(facts.events[0].at, WallTime{2'000});
  EXPECT_EQ(facts.events[0].from, (Sender{Role::agent, 601}));
  EXPECT_EQ(facts.events[0].client_id, client_id(2));
  EXPECT_EQ(facts.state.last_seq, 2);
  EXPECT_EQ(facts.state.created_at, state.created_at);
  EXPECT_EQ(facts.state.visitor, state.visitor);
  EXPECT_EQ(facts.state.version, 2);
}

TEST(DecidePost, AMessageToAClosedConversationReopensIt) {
  for (const Actor& actor : {visitor(), shop_agent(), admin()}) {
    const Conversation closed = after(begun(), shop_agent(), close(2), 2'000);
    ASSERT_EQ(closed.status, ConversationStatus::closed);
    const Facts facts = facts_of(&closed, actor, post(3, "One more thing"), WallTime{3'000});
    ASSERT_EQ(facts.events.size(), 2U);
    EXPECT_EQ(facts.events[0].kind, EventKind::reopened);
    EXPECT_EQ(facts.events[0].seq, 3);
    EXPECT_EQ(facts.events[0].from, actor.sender);
    EXPECT_EQ(facts.events[0].client_id, std::nullopt) << "no client asked for it; the client_id is the message's";
    EXPECT_EQ(facts.events[0].text, "");
    EXPECT_EQ(facts.events[1].kind, EventKind::message);
    EXPECT_EQ(facts.events[1].seq, 4);
    EXPECT_EQ(facts.events[1].client_id, client_id(3));
    EXPECT_EQ(facts.state.status, ConversationStatus::open);
    EXPECT_EQ(facts.state.last_seq, 4);
  }
}

TEST(DecidePost, TimeNeverGoesBackInALog) {
  const Conversation state = after(begun(), visitor(), post(2, "Later"), 9'000);
  const Facts back = facts_of(&state, visitor(), post(3, "The clock was set back"), WallTime{500});
  EXPECT_EQ(back.events[0].at, WallTime{9'000});
  EXPECT_EQ(back.state.last_at, WallTime{9'000});
  const Conversation closed = after(state, shop_agent(), close(4), 100);
  EXPECT_EQ(closed.last_at, WallTime{9'000});
  const Facts reopened = facts_of(&closed, visitor(), post(5, "Still set back"), WallTime{200});
  for (const Event& event : reopened.events) EXPECT_EQ(event.at, WallTime{9'000});
}

TEST(DecidePost, TheTextIsKeptByteForByte) {
  const std::string text("  a\0b\r\n\xF0\x9F\x98\x80  ", 12);
  EXPECT_EQ(facts_of(nullptr, visitor(), post(1, text), WallTime{1}).events[0].text, text);
}

// Only nothing at all is refused: whether white space is worth sending is for the page to say.
TEST(DecidePost, WhiteSpaceIsAText) {
  const Facts facts = facts_of(nullptr, visitor(), post(1, " \n\t"), WallTime{1});
  EXPECT_EQ(facts.events[0].text, " \n\t");
  EXPECT_EQ(facts.state.last->text, "");
}

struct RefusedCase {
  const char* what;
  const Conversation* state;
  Actor actor;
  LogCommand command;
  Refusal refusal;
  const char* word;
};

TEST(Decide, RefusesWithTheReasonAndTheFieldsName) {
  const Conversation open = begun();
  const Conversation closed = after(open, shop_agent(), close(2), 2'000);
  const std::string longest(text_bytes_max, 'x');
  const RefusedCase cases[] = {
      {"empty text", nullptr, visitor(), post(1, ""), Refusal::text_empty, "send.text"},
      {"text too long", &open, visitor(), post(3, longest + "x"), Refusal::too_large, "16385"},
      {"foreign visitor posts", &open, visitor(502), post(3, "x"), Refusal::not_found, "send.conv"},
      {"agent without the site posts", &open, bank_agent(), post(3, "x"), Refusal::not_found, "send.conv"},
      {"agent posts to no conversation", nullptr, shop_agent(), post(3, "x"), Refusal::not_found, "send.conv"},
      {"admin posts to no conversation", nullptr, admin(), post(3, "x"), Refusal::not_found, "send.conv"},
      {"no conversation to close", nullptr, shop_agent(), close(3), Refusal::not_found, "close_conversation.conv"},
      {"agent without the site closes", &open, bank_agent(), close(3), Refusal::not_found, "close_conversation.conv"},
      {"foreign visitor closes", &open, visitor(502), close(3), Refusal::not_found, "close_conversation.conv"},
      {"its visitor closes", &open, visitor(), close(3), Refusal::forbidden, "only an agent"},
      {"closed already", &closed, shop_agent(), close(3), Refusal::conversation_closed, "closed already"},
  };
  for (const RefusedCase& each : cases) {
    const auto decision = decide(each.state, std::nullopt, each.actor, each.command, WallTime{3'000});
    ASSERT_FALSE(decision) << each.what;
    EXPECT_EQ(decision.error().refusal, each.refusal) << each.what;
    EXPECT_NE(decision.error().message.find(each.word), std::string::npos)
        << each.what << ": " << decision.error().message;
  }
}

// An agent's id and a visitor's id are numbers of two kinds: the same number is not the same person.
TEST(Decide, AnAgentIsNotTheVisitorOfTheSameNumber) {
  const Conversation state = begun();
  Actor agent = bank_agent();
  agent.sender.id = state.visitor.value();
  EXPECT_EQ(decide(&state, std::nullopt, agent, post(3, "x"), WallTime{2}).error().refusal, Refusal::not_found);
}

TEST(DecidePost, TheLongestTextIsFine) {
  EXPECT_TRUE(decide(nullptr, std::nullopt, visitor(), post(1, std::string(text_bytes_max, 'x')), WallTime{1}));
}

TEST(DecideClose, ClosesAndNothingMore) {
  const Conversation state = begun();
  for (const Actor& actor : {shop_agent(), admin()}) {
    const Facts facts = facts_of(&state, actor, close(2), WallTime{2'000});
    ASSERT_EQ(facts.events.size(), 1U);
    EXPECT_EQ(facts.events[0].kind, EventKind::closed);
    EXPECT_EQ(facts.events[0].from, actor.sender);
    EXPECT_EQ(facts.events[0].client_id, client_id(2));
    EXPECT_EQ(facts.events[0].seq, 2);
    EXPECT_EQ(facts.state.status, ConversationStatus::closed);
    EXPECT_EQ(facts.state.last, state.last) << "the preview is the newest message's";
  }
}

Event first_event(const Conversation* state, const Actor& actor, const LogCommand& command) {
  return facts_of(state, actor, command, WallTime{5'000}).events.back();
}

TEST(DecideDuplicate, ARepeatGetsTheFirstAnswer) {
  const Conversation open = begun();
  const Event posted = first_event(&open, visitor(), post(7, "Again"));
  const Event closed = first_event(&open, shop_agent(), close(8));
  const Conversation then = after(open, shop_agent(), close(9), 6'000);
  struct {
    const Actor actor;
    LogCommand command;
    const Event& prior;
  } const cases[] = {{visitor(), post(7, "Again"), posted}, {shop_agent(), close(8), closed}};
  for (const auto& each : cases)
    for (const Conversation* state : {&open, &then}) {  // whatever happened since
      const auto decision = decide(state, each.prior, each.actor, each.command, WallTime{9'000});
      ASSERT_TRUE(decision) << decision.error().message;
      const auto* duplicate = std::get_if<Duplicate>(&*decision);
      ASSERT_NE(duplicate, nullptr) << "stored twice";
      EXPECT_EQ(duplicate->seq, each.prior.seq);
      EXPECT_EQ(duplicate->at, WallTime{5'000});
    }
}

TEST(DecideDuplicate, TheSameClientIdForSomethingElseIsAMismatch) {
  const Conversation state = begun();
  const Event posted = first_event(&state, visitor(), post(7, "Again"));
  const Event posted_by_agent = first_event(&state, shop_agent(), post(7, "Again"));
  const Event closed = first_event(&state, shop_agent(), close(7));
  struct {
    const char* what;
    Actor actor;
    LogCommand command;
    const Event& prior;
  } const cases[] = {
      {"another text", visitor(), post(7, "again"), posted},
      {"another text, only longer", visitor(), post(7, "Again "), posted},
      {"another sender", shop_agent(), post(7, "Again"), posted},
      {"another agent", shop_agent(699), post(7, "Again"), posted_by_agent},
      {"a message after a close", shop_agent(), post(7, "Again"), closed},
      {"a close after a message", shop_agent(), close(7), posted_by_agent},
      {"a close after another agent's", shop_agent(699), close(7), closed},
  };
  for (const auto& each : cases) {
    const auto decision = decide(&state, each.prior, each.actor, each.command, WallTime{9'000});
    ASSERT_FALSE(decision) << each.what;
    EXPECT_EQ(decision.error().refusal, Refusal::duplicate_mismatch) << each.what;
    EXPECT_NE(decision.error().message.find("seq 2"), std::string::npos) << decision.error().message;
  }
}

// Whoever may not see the conversation does not learn from a duplicate that a client_id is in it.
TEST(DecideDuplicate, RightsComeFirst) {
  const Conversation state = begun();
  const Event posted = first_event(&state, visitor(), post(7, "Again"));
  EXPECT_EQ(decide(&state, posted, visitor(502), post(7, "Again"), WallTime{9}).error().refusal, Refusal::not_found);
  EXPECT_EQ(decide(&state, posted, bank_agent(), post(7, "Again"), WallTime{9}).error().refusal, Refusal::not_found);
  EXPECT_EQ(decide(&state, posted, bank_agent(), close(7), WallTime{9}).error().refusal, Refusal::not_found);
}

TEST(MayActOn, AgentsServeTheirSitesAndAdminsAll) {
  EXPECT_TRUE(may_act_on(shop_agent(), shop));
  EXPECT_FALSE(may_act_on(shop_agent(), bank));
  EXPECT_TRUE(may_act_on(admin(), shop));
  EXPECT_TRUE(may_act_on(admin(), bank));
  EXPECT_FALSE(may_act_on(Actor{{Role::agent, 1}, false, {}}, shop));
}

}  // namespace
}  // namespace clearline::chat
