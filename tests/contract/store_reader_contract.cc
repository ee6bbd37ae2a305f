// chat::Reader.
#include <algorithm>
#include <limits>
#include <thread>

#include "contract/store_contract.h"

namespace clearline::store {
namespace {

using Seqs = std::vector<chat::Seq>;
using Ids = std::vector<std::int64_t>;

const chat::ConversationId first{101};
constexpr chat::Seq seq_max = std::numeric_limits<chat::Seq>::max();

TEST_P(StoreContract, AnUnknownConversationHasNoRowAndNoEvents) {
  EXPECT_EQ(value_of(reader().conversation(first)), std::nullopt);
  EXPECT_TRUE(value_of(reader().events_after(first, 0, 10)).empty());
  EXPECT_TRUE(value_of(reader().events_before(first, seq_max, 10)).empty());
}

TEST_P(StoreContract, EventsAfterPagesForward) {
  write(conversation(101), messages(10));
  write(conversation(102), messages(3));
  EXPECT_EQ(value_of(reader().events_after(first, 0, 100)), messages(10));
  EXPECT_EQ(seqs_of(value_of(reader().events_after(first, 0, 4))), (Seqs{1, 2, 3, 4}));
  EXPECT_EQ(seqs_of(value_of(reader().events_after(first, 4, 4))), (Seqs{5, 6, 7, 8}));
  EXPECT_EQ(seqs_of(value_of(reader().events_after(first, 8, 4))), (Seqs{9, 10}));
  EXPECT_EQ(seqs_of(value_of(reader().events_after(first, 9, 1))), (Seqs{10}));
  EXPECT_EQ(seqs_of(value_of(reader().events_after(first, 10, 4))), Seqs{});
  EXPECT_EQ(seqs_of(value_of(reader().events_after(first, seq_max, 4))), Seqs{});
  EXPECT_EQ(seqs_of(value_of(reader().events_after(first, -5, 2))), (Seqs{1, 2}));
}

TEST_P(StoreContract, EventsBeforePagesBackward) {
  write(conversation(101), messages(10));
  write(conversation(102), messages(3));
  EXPECT_EQ(value_of(reader().events_before(first, seq_max, 100)), messages(10));
  EXPECT_EQ(seqs_of(value_of(reader().events_before(first, 11, 4))), (Seqs{7, 8, 9, 10}));
  EXPECT_EQ(seqs_of(value_of(reader().events_before(first, 7, 4))), (Seqs{3, 4, 5, 6}));
  EXPECT_EQ(seqs_of(value_of(reader().events_before(first, 3, 4))), (Seqs{1, 2}));
  EXPECT_EQ(seqs_of(value_of(reader().events_before(first, 2, 1))), (Seqs{1}));
  EXPECT_EQ(seqs_of(value_of(reader().events_before(first, 1, 4))), Seqs{});
  EXPECT_EQ(seqs_of(value_of(reader().events_before(first, 0, 4))), Seqs{});
}

TEST_P(StoreContract, LimitsAreOneToTenThousand) {
  const chat::SiteId site{11};
  for (const std::size_t limit : {std::size_t{0}, std::size_t{10'001}, std::numeric_limits<std::size_t>::max()}) {
    const std::string named = "limit is " + std::to_string(limit);
    EXPECT_TRUE(fails_with(reader().events_after(first, 0, limit), ErrorCode::invalid_argument, {named}));
    EXPECT_TRUE(fails_with(reader().events_before(first, 1, limit), ErrorCode::invalid_argument, {named}));
    EXPECT_TRUE(fails_with(reader().inbox(site, chat::ConversationStatus::open, limit, ""), ErrorCode::invalid_argument,
                           {named}));
  }
  EXPECT_TRUE(is_ok(reader().events_after(first, 0, 10'000)));
  EXPECT_TRUE(is_ok(reader().events_before(first, 1, 10'000)));
  EXPECT_TRUE(is_ok(reader().inbox(site, chat::ConversationStatus::open, 10'000, "")));
}

TEST_P(StoreContract, EachReaderSeesTheSame) {
  write(conversation(101), messages(2));
  const auto other = value_of(database().open_reader());
  ASSERT_NE(other, nullptr);
  EXPECT_EQ(value_of(other->events_after(first, 0, 10)), messages(2));
  EXPECT_EQ(value_of(other->conversation(first)), value_of(reader().conversation(first)));
  write(conversation(101), {message(3, "while both are open")});
  EXPECT_EQ(seqs_of(value_of(other->events_after(first, 2, 10))), (Seqs{3}));
  EXPECT_EQ(seqs_of(value_of(reader().events_after(first, 2, 10))), (Seqs{3}));
}

chat::Conversation row(std::int64_t id, std::int64_t last_at, std::int64_t site = 11,
                       chat::ConversationStatus status = chat::ConversationStatus::open) {
  chat::Conversation row = conversation(id);
  row.last_at = WallTime{last_at};
  row.site = chat::SiteId{site};
  row.status = status;
  return row;
}

TEST_P(StoreContract, InboxIsNewestFirstAndTiesByIdDescending) {
  for (const auto& [id, at] : {std::pair{7, 30}, {3, 50}, {9, 30}, {1, 50}, {4, 40}, {8, 30}}) write(row(id, at), {});
  const auto page = value_of(reader().inbox(chat::SiteId{11}, chat::ConversationStatus::open, 10, ""));
  EXPECT_EQ(ids_of(page.conversations), (Ids{3, 1, 4, 9, 8, 7}));
  EXPECT_EQ(page.cursor, "");
  EXPECT_EQ(page.conversations.front(), row(3, 50));
}

TEST_P(StoreContract, InboxIsOfOneSiteAndOneStatus) {
  write(row(1, 10), {});
  write(row(2, 20, 12), {});
  write(row(3, 30, 11, chat::ConversationStatus::closed), {});
  const auto ids = [&](std::int64_t site, chat::ConversationStatus status) {
    return ids_of(value_of(reader().inbox(chat::SiteId{site}, status, 10, "")).conversations);
  };
  EXPECT_EQ(ids(11, chat::ConversationStatus::open), Ids{1});
  EXPECT_EQ(ids(12, chat::ConversationStatus::open), Ids{2});
  EXPECT_EQ(ids(11, chat::ConversationStatus::closed), Ids{3});
  EXPECT_EQ(ids(12, chat::ConversationStatus::closed), Ids{});
  EXPECT_EQ(ids(13, chat::ConversationStatus::open), Ids{});
}

TEST_P(StoreContract, InboxPagesJoinWithoutGapOrRepeat) {
  Ids expected;
  for (std::int64_t id = 1; id <= 23; ++id) {
    write(row(id, 100 + id / 4), {});  // runs of equal times, some of them across pages
    expected.insert(expected.begin(), id);
  }
  for (const std::size_t limit : {1, 2, 5, 22, 23, 24}) {
    Ids seen;
    std::string cursor;
    do {
      const auto page = value_of(reader().inbox(chat::SiteId{11}, chat::ConversationStatus::open, limit, cursor));
      EXPECT_LE(page.conversations.size(), limit);
      ASSERT_FALSE(page.conversations.empty()) << "a cursor led to nothing";
      const Ids ids = ids_of(page.conversations);
      seen.insert(seen.end(), ids.begin(), ids.end());
      cursor = page.cursor;
    } while (!cursor.empty());
    EXPECT_EQ(seen, expected) << "pages of " << limit;
  }
}

TEST_P(StoreContract, ACursorStaysGoodWhileConversationsMove) {
  for (std::int64_t id = 1; id <= 6; ++id) write(row(id, 100 + id), {});
  const auto page = value_of(reader().inbox(chat::SiteId{11}, chat::ConversationStatus::open, 3, ""));
  EXPECT_EQ(ids_of(page.conversations), (Ids{6, 5, 4}));
  write(row(4, 200), {});                                        // the cursor's own moves to the front
  write(row(2, 102, 11, chat::ConversationStatus::closed), {});  // another leaves
  const auto next = value_of(reader().inbox(chat::SiteId{11}, chat::ConversationStatus::open, 3, page.cursor));
  EXPECT_EQ(ids_of(next.conversations), (Ids{3, 1}));
}

TEST_P(StoreContract, InboxSortsTimesAndIdsOverTheirWholeRange) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  write(row(1, 0), {});
  write(row(most, 0), {});
  write(row(2, 1LL << 41), {});
  write(row(3, most), {});
  Ids seen;
  std::string cursor;
  do {
    const auto page = value_of(reader().inbox(chat::SiteId{11}, chat::ConversationStatus::open, 1, cursor));
    ASSERT_EQ(page.conversations.size(), 1U);
    seen.push_back(page.conversations.front().id.value());
    cursor = page.cursor;
  } while (!cursor.empty());
  EXPECT_EQ(seen, (Ids{3, 2, most, 1}));
}

TEST_P(StoreContract, ACursorThatWeDidNotWriteIsRefused) {
  write(row(1, 10), {});
  write(row(2, 20), {});
  const auto inbox = [&](std::string_view cursor, std::int64_t site = 11,
                         chat::ConversationStatus status = chat::ConversationStatus::open) {
    return reader().inbox(chat::SiteId{site}, status, 1, cursor);
  };
  const std::string good = value_of(inbox("")).cursor;
  ASSERT_FALSE(good.empty());
  EXPECT_TRUE(is_ok(inbox(good)));
  EXPECT_TRUE(fails_with(inbox(good, 12), ErrorCode::invalid_argument, {good}));
  EXPECT_TRUE(fails_with(inbox(good, 11, chat::ConversationStatus::closed), ErrorCode::invalid_argument, {good}));
  EXPECT_TRUE(fails_with(inbox("2"), ErrorCode::invalid_argument, {"inbox cursor \"2\""}));
  EXPECT_TRUE(fails_with(inbox(good + "0"), ErrorCode::invalid_argument, {good + "0"}));
  EXPECT_TRUE(fails_with(inbox(std::string(1'000'000, 'x')), ErrorCode::invalid_argument, {"1000000 bytes"}));
  EXPECT_TRUE(fails_with(inbox(std::string("\n\x80\0z", 4)), ErrorCode::invalid_argument, {"\"???z\""}));
  for (std::size_t length = 1; length < good.size(); ++length)
    EXPECT_TRUE(fails_with(inbox(good.substr(0, length)), ErrorCode::invalid_argument)) << length;
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = '~';
    EXPECT_TRUE(fails_with(inbox(bad), ErrorCode::invalid_argument, {bad})) << i;
  }
}

// One writer and several readers at once: a reader never sees half a transaction, nor a later one without the earlier.
TEST_P(StoreContract, ReadersBesideTheWriterSeeWholeTransactions) {
  constexpr chat::Seq batches = 200;
  std::vector<std::string> complaints(3);
  std::vector<std::thread> threads;
  for (std::string& complaint : complaints)
    threads.emplace_back([&complaint, own = value_of(database().open_reader())] {
      chat::Seq seen = 0;
      while (seen < 2 * batches && complaint.empty()) {
        const auto row_now = own->conversation(first);
        const auto events = own->events_after(first, 0, 1'000);
        if (!row_now || !events) {
          complaint = "a read failed";
          break;
        }
        const chat::Seq promised = *row_now ? (*row_now)->last_seq : 0;
        const auto count = static_cast<chat::Seq>(events->size());
        if (count % 2 != 0) complaint = "half a transaction: " + std::to_string(count) + " events";
        if (count < promised || promised < seen) complaint = "the row and the log disagree";
        for (chat::Seq seq = 1; seq <= count; ++seq)
          if ((*events)[static_cast<std::size_t>(seq - 1)].seq != seq)
            complaint = "a hole before " + std::to_string(seq);
        seen = promised;
      }
    });
  for (chat::Seq batch = 0; batch < batches; ++batch) {
    chat::Conversation state = conversation(101);
    state.last_seq = 2 * batch + 2;
    write(state, {message(2 * batch + 1, "one"), message(2 * batch + 2, "two")});
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& complaint : complaints) EXPECT_EQ(complaint, "");
}

}  // namespace
}  // namespace clearline::store
