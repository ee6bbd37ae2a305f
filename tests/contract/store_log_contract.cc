// chat::Log.
#include <array>

#include "contract/store_contract.h"

namespace clearline::store {
namespace {

const chat::ConversationId first{101};
const chat::ConversationId second{102};

TEST_P(StoreContract, LoadFindsNothingInAnEmptyStore) {
  ASSERT_TRUE(is_ok(log().begin()));
  EXPECT_EQ(value_of(log().load(first)), std::nullopt);
  EXPECT_EQ(value_of(log().find(first, client_id(1))), std::nullopt);
  EXPECT_EQ(value_of(log().count_visitor_messages(first, 0)), 0);
  log().rollback();
}

TEST_P(StoreContract, ATransactionSeesWhatItWrote) {
  ASSERT_TRUE(is_ok(log().begin()));
  const chat::Event event = message(1, "Hello");
  ASSERT_TRUE(is_ok(log().append(first, event)));
  ASSERT_TRUE(is_ok(log().save(conversation(101))));
  EXPECT_EQ(value_of(log().load(first)), conversation(101));
  EXPECT_EQ(value_of(log().find(first, client_id(1))), event);
  EXPECT_EQ(value_of(log().count_visitor_messages(first, 0)), 1);
  log().rollback();
}

TEST_P(StoreContract, CommitMakesVisibleToReadersAndLaterTransactions) {
  ASSERT_TRUE(is_ok(log().begin()));
  ASSERT_TRUE(is_ok(log().append(first, message(1, "Hello"))));
  ASSERT_TRUE(is_ok(log().save(conversation(101))));
  EXPECT_EQ(value_of(reader().conversation(first)), std::nullopt) << "seen before the commit";
  EXPECT_TRUE(value_of(reader().events_after(first, 0, 10)).empty()) << "seen before the commit";
  EXPECT_TRUE(value_of(reader().inbox(chat::SiteId{11}, chat::ConversationStatus::open, 10, "")).conversations.empty());
  ASSERT_TRUE(is_ok(log().commit()));
  EXPECT_EQ(value_of(reader().conversation(first)), conversation(101));
  EXPECT_EQ(value_of(reader().events_after(first, 0, 10)), std::vector{message(1, "Hello")});
  ASSERT_TRUE(is_ok(log().begin()));
  EXPECT_EQ(value_of(log().load(first)), conversation(101));
  EXPECT_EQ(value_of(log().find(first, client_id(1))), message(1, "Hello"));
  log().rollback();
}

TEST_P(StoreContract, RollbackUndoesEverything) {
  write(conversation(101), {message(1, "kept")});
  ASSERT_TRUE(is_ok(log().begin()));
  chat::Conversation changed = conversation(101);
  changed.unread = 77;
  ASSERT_TRUE(is_ok(log().append(first, message(2, "undone"))));
  ASSERT_TRUE(is_ok(log().save(changed)));
  ASSERT_TRUE(is_ok(log().append(second, message(1, "undone"))));
  ASSERT_TRUE(is_ok(log().save(conversation(102))));
  log().rollback();
  EXPECT_EQ(value_of(reader().conversation(first)), conversation(101));
  EXPECT_EQ(value_of(reader().conversation(second)), std::nullopt);
  EXPECT_EQ(seqs_of(value_of(reader().events_after(first, 0, 10))), std::vector<chat::Seq>{1});
  ASSERT_TRUE(is_ok(log().begin()));
  EXPECT_EQ(value_of(log().find(first, client_id(2))), std::nullopt);
  EXPECT_TRUE(is_ok(log().append(first, message(2, "the seq and the client_id are free again"))));
  EXPECT_TRUE(is_ok(log().commit()));
}

TEST_P(StoreContract, RollbackWithoutATransactionDoesNothing) {
  log().rollback();
  write(conversation(101), {message(1, "kept")});
  log().rollback();
  EXPECT_EQ(seqs_of(value_of(reader().events_after(first, 0, 10))), std::vector<chat::Seq>{1});
}

TEST_P(StoreContract, ATransactionMayBeEmpty) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(is_ok(log().begin()));
    ASSERT_TRUE(is_ok(log().commit()));
    ASSERT_TRUE(is_ok(log().begin()));
    log().rollback();
  }
}

TEST_P(StoreContract, SaveReplacesTheWholeRow) {
  write(conversation(101), {});
  chat::Conversation changed = conversation(101);
  changed.site = chat::SiteId{12};
  changed.visitor = chat::VisitorId{1};
  changed.status = chat::ConversationStatus::closed;
  changed.created_at = WallTime{2};
  changed.last_seq = 3;
  changed.last_at = WallTime{4};
  changed.last_visitor_seq = 5;
  changed.waiting_since.reset();
  changed.unread = 6;
  changed.visitor_cursor = {8, 7};
  changed.agents_cursor = {10, 9};
  changed.version = 11;
  changed.last.reset();
  write(changed, {});
  EXPECT_EQ(value_of(reader().conversation(first)), changed);
  EXPECT_TRUE(value_of(reader().inbox(chat::SiteId{11}, chat::ConversationStatus::open, 10, "")).conversations.empty());
  EXPECT_EQ(ids_of(value_of(reader().inbox(chat::SiteId{12}, chat::ConversationStatus::closed, 10, "")).conversations),
            std::vector<std::int64_t>{101});
}

TEST_P(StoreContract, TheLastSaveOfATransactionCounts) {
  ASSERT_TRUE(is_ok(log().begin()));
  chat::Conversation row = conversation(101);
  for (row.version = 1; row.version < 4; ++row.version) ASSERT_TRUE(is_ok(log().save(row)));
  ASSERT_TRUE(is_ok(log().commit()));
  EXPECT_EQ(value_of(reader().conversation(first))->version, 3);
}

TEST_P(StoreContract, EveryKindOfEventComesBackAsItWas) {
  const std::vector<chat::Event> events = {message(1, "a question"), message(2, "an answer", chat::Role::agent),
                                           closed(3), reopened(4), message(5, "one more thing")};
  write(conversation(101), events);
  EXPECT_EQ(value_of(reader().events_after(first, 0, 10)), events);
  ASSERT_TRUE(is_ok(log().begin()));
  EXPECT_EQ(value_of(log().find(first, client_id(3))), events[2]);
  log().rollback();
}

TEST_P(StoreContract, ASeqIsInAConversationOnce) {
  write(conversation(101), {message(1, "first")});
  chat::Event event = message(1, "again");
  event.client_id = client_id(99);
  ASSERT_TRUE(is_ok(log().begin()));
  EXPECT_TRUE(fails_with(log().append(first, event), ErrorCode::conflict,
                         {"c0000000000035", "seq 1", "c1000000-0000-0000-6300-000000000000", "the seq is"}));
  log().rollback();
  EXPECT_EQ(value_of(reader().events_after(first, 0, 10)), std::vector{message(1, "first")});
}

TEST_P(StoreContract, AClientIdIsInAConversationOnce) {
  write(conversation(101), {message(1, "first")});
  chat::Event event = message(2, "again");
  event.client_id = client_id(1);
  ASSERT_TRUE(is_ok(log().begin()));
  EXPECT_TRUE(fails_with(log().append(first, event), ErrorCode::conflict,
                         {"c0000000000035", "seq 2", "c1000000-0000-0000-0100-000000000000", "the client_id is"}));
  log().rollback();
  EXPECT_EQ(value_of(reader().events_after(first, 0, 10)), std::vector{message(1, "first")});
}

TEST_P(StoreContract, ConflictsAreSeenWithinATransactionToo) {
  for (const auto& event : {message(1, "the same seq"), [] {
                              chat::Event other = message(2, "the same client_id");
                              other.client_id = client_id(1);
                              return other;
                            }()}) {
    ASSERT_TRUE(is_ok(log().begin()));
    ASSERT_TRUE(is_ok(log().append(first, message(1, "first"))));
    EXPECT_TRUE(fails_with(log().append(first, event), ErrorCode::conflict)) << event.text;
    log().rollback();
  }
  EXPECT_TRUE(value_of(reader().events_after(first, 0, 10)).empty());
}

TEST_P(StoreContract, OtherConversationsMayHaveTheSameSeqAndClientId) {
  write(conversation(101), {message(1, "in the first")});
  write(conversation(102), {message(1, "in the second")});
  EXPECT_EQ(value_of(reader().events_after(first, 0, 10)), std::vector{message(1, "in the first")});
  EXPECT_EQ(value_of(reader().events_after(second, 0, 10)), std::vector{message(1, "in the second")});
  ASSERT_TRUE(is_ok(log().begin()));
  EXPECT_EQ(value_of(log().find(second, client_id(1))), message(1, "in the second"));
  log().rollback();
}

TEST_P(StoreContract, EventsWithoutAClientIdDoNotConflict) {
  write(conversation(101), {reopened(1), reopened(2), reopened(3)});
  EXPECT_EQ(seqs_of(value_of(reader().events_after(first, 0, 10))), (std::vector<chat::Seq>{1, 2, 3}));
}

TEST_P(StoreContract, AfterAFailedCallOnlyRollbackIsLeft) {
  write(conversation(101), {message(1, "first")});
  ASSERT_TRUE(is_ok(log().begin()));
  ASSERT_TRUE(is_ok(log().append(first, message(2, "good, but in a bad transaction"))));
  ASSERT_FALSE(log().append(first, message(1, "conflict")));
  EXPECT_TRUE(fails_with(log().append(first, message(3, "")), ErrorCode::conflict, {"rolled back"}));
  EXPECT_TRUE(fails_with(log().save(conversation(102)), ErrorCode::conflict, {"rolled back"}));
  EXPECT_TRUE(fails_with(log().load(first), ErrorCode::conflict, {"rolled back"}));
  EXPECT_TRUE(fails_with(log().find(first, client_id(1)), ErrorCode::conflict, {"rolled back"}));
  EXPECT_TRUE(fails_with(log().count_visitor_messages(first, 0), ErrorCode::conflict, {"rolled back"}));
  EXPECT_TRUE(fails_with(log().commit(), ErrorCode::conflict, {"rolled back"}));
  log().rollback();
  EXPECT_EQ(seqs_of(value_of(reader().events_after(first, 0, 10))), std::vector<chat::Seq>{1});
  write(conversation(101), {message(2, "the next transaction is fine")});
}

// Emoji, combining marks, right-to-left text, control characters, U+0000 …: what goes in comes out, to the byte.
TEST_P(StoreContract, EveryTextIsKeptByteForByte) {
  std::vector<std::string> texts = unicode_texts();
  ASSERT_EQ(texts.size(), 253U);
  texts.emplace_back("\0", 1);
  texts.emplace_back("a\0b\0", 4);
  texts.emplace_back(chat::text_bytes_max, '\0');
  texts.emplace_back(chat::text_bytes_max, 'x');
  std::vector<chat::Event> events;
  for (const std::string& text : texts) events.push_back(message(static_cast<chat::Seq>(events.size()) + 1, text));
  chat::Conversation row = conversation(101);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    row.last = chat::Preview{chat::EventKind::message, chat::Role::visitor, texts[i]};
    write(row, {events[i]});
    ASSERT_EQ(value_of(reader().conversation(first)), row) << "text " << i;
  }
  EXPECT_EQ(value_of(reader().events_after(first, 0, 1'000)), events);
  EXPECT_EQ(value_of(reader().events_before(first, 1'000, 1'000)), events);
  ASSERT_TRUE(is_ok(log().begin()));
  for (const chat::Event& event : events) EXPECT_EQ(value_of(log().find(first, *event.client_id)), event);
  log().rollback();
}

TEST_P(StoreContract, CountsVisitorMessagesOnly) {
  write(conversation(101), {message(1, "visitor"), message(2, "agent", chat::Role::agent), closed(3), reopened(4),
                            message(5, "visitor"), message(6, "visitor")});
  ASSERT_TRUE(is_ok(log().begin()));
  constexpr std::array<std::int64_t, 8> expected = {3, 2, 2, 2, 2, 1, 0, 0};
  for (std::size_t after = 0; after < expected.size(); ++after)
    EXPECT_EQ(value_of(log().count_visitor_messages(first, static_cast<chat::Seq>(after))), expected[after]) << after;
  ASSERT_TRUE(is_ok(log().append(first, message(7, "in this transaction"))));
  EXPECT_EQ(value_of(log().count_visitor_messages(first, 5)), 2);
  EXPECT_EQ(value_of(log().count_visitor_messages(second, 0)), 0);
  log().rollback();
}

TEST_P(StoreContract, ThereIsOneLogAtATime) {
  EXPECT_TRUE(fails_with(database().open_log(), ErrorCode::conflict, {"open already"}));
  close_log();
  EXPECT_TRUE(is_ok(database().open_log()));
}

TEST_P(StoreContract, ALogThatGoesRollsBack) {
  ASSERT_TRUE(is_ok(log().begin()));
  ASSERT_TRUE(is_ok(log().append(first, message(1, "never committed"))));
  close_log();
  EXPECT_TRUE(value_of(reader().events_after(first, 0, 10)).empty());
  const auto next = value_of(database().open_log());
  ASSERT_NE(next, nullptr);
  ASSERT_TRUE(is_ok(next->begin()));
  EXPECT_EQ(value_of(next->find(first, client_id(1))), std::nullopt);
  next->rollback();
}

TEST_P(StoreContract, IdleKeepsEverything) {
  log().idle();
  write(conversation(101), messages(50));
  log().idle();
  EXPECT_EQ(value_of(reader().events_after(first, 0, 100)), messages(50));
  write(conversation(102), messages(2));
  log().idle();
  log().idle();
  EXPECT_EQ(value_of(reader().events_after(second, 0, 100)), messages(2));
}

TEST_P(StoreContract, CallsWithoutATransactionAreOurBug) {
  EXPECT_DEATH(static_cast<void>(log().load(first)), "assertion failed");
  EXPECT_DEATH(static_cast<void>(log().append(first, message(1, ""))), "assertion failed");
  EXPECT_DEATH(static_cast<void>(log().commit()), "assertion failed");
  EXPECT_DEATH(
      {
        static_cast<void>(log().begin());
        static_cast<void>(log().begin());
      },
      "assertion failed");
}

}  // namespace
}  // namespace clearline::store
