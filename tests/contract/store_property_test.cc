// Random commands, decided by chat::decide and carried out on the memory and the SQLite store: both must do the same,
// and each log must add up to its conversation's row.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "chat/decide.h"
#include "contract/store_values.h"
#include "contract/temporary_directory.h"
#include "store/memory/memory_database.h"
#include "store/sqlite/sqlite_database.h"

namespace clearline::store {
namespace {

const chat::SiteId shop{11};
const chat::SiteId bank{12};
constexpr std::int64_t visitors = 6;

struct Store {
  explicit Store(std::unique_ptr<chat::Database> made)
      : database(std::move(made)), log(value_of(database->open_log())), reader(value_of(database->open_reader())) {}

  std::unique_ptr<chat::Database> database;
  std::unique_ptr<chat::Log> log;
  std::unique_ptr<chat::Reader> reader;
};

struct Step {
  chat::Actor actor;
  std::variant<chat::PostMessage, chat::CloseConversation, chat::MoveCursor> command;
  WallTime now;
};

// The result in words, so that the two stores' can be compared and shown.
std::string carry_out(chat::Log& log, const Step& step, const chat::LogCommand& command) {
  const chat::ConversationId id = std::visit([](const auto& any) { return any.id; }, command);
  const chat::ClientId& client_id = std::visit(
      [](const auto& any) -> const auto& { return any.client_id; }, command);
  const auto state = value_of(log.load(id));
  const auto prior = value_of(log.find(id, client_id));
  const auto decision = chat::decide(state ? &*state : nullptr, prior, step.actor, command, step.now);
  if (!decision) return "refused: " + decision.error().message;
  if (const auto* duplicate = std::get_if<chat::Duplicate>(&*decision))
    return "duplicate of " + std::to_string(duplicate->seq) + " at " + std::to_string(duplicate->at.ms);
  const auto& facts = std::get<chat::Facts>(*decision);
  for (const chat::Event& event : facts.events) EXPECT_TRUE(is_ok(log.append(id, event)));
  EXPECT_TRUE(is_ok(log.save(facts.state)));
  return "stored up to " + std::to_string(facts.state.last_seq);
}

std::string carry_out(chat::Log& log, const Step& step) {
  if (const auto* post = std::get_if<chat::PostMessage>(&step.command)) return carry_out(log, step, *post);
  if (const auto* close = std::get_if<chat::CloseConversation>(&step.command)) return carry_out(log, step, *close);
  const auto& move = std::get<chat::MoveCursor>(step.command);
  const auto state = value_of(log.load(move.id));
  if (!state) return "no conversation";
  const auto count = [&](chat::Seq seen) { return value_of(log.count_visitor_messages(move.id, seen)); };
  const auto next = chat::move_cursor(*state, step.actor.sender.role, move, count);
  if (!next) return "cursor stays";
  EXPECT_TRUE(is_ok(log.save(*next)));
  return "cursor moves, unread " + std::to_string(next->unread);
}

class StoreProperty : public testing::TestWithParam<unsigned> {
 protected:
  Step random_step() {
    if (!past_.empty() && below(5) == 0) {  // a client that did not hear the answer sends again
      Step again = past_[static_cast<std::size_t>(below(static_cast<std::int64_t>(past_.size())))];
      again.now = WallTime{now_};
      return again;
    }
    return past_.emplace_back(new_step());
  }

  Step new_step() {
    const std::int64_t visitor = 1 + below(visitors);
    const chat::ConversationId id{100 + visitor};
    const bool by_visitor = below(2) == 0;
    Step step;
    step.actor = by_visitor ? chat::Actor{{chat::Role::visitor, visitor}, false, visitor_sites_}
                            : chat::Actor{{chat::Role::agent, 601 + below(2)}, below(4) == 0, agent_sites_};
    now_ += below(50) - (below(20) == 0 ? 200 : 0);  // the wall clock jumps back now and then
    step.now = WallTime{now_};
    const chat::ClientId client = client_id(static_cast<std::uint64_t>(below(300)));  // few, so that many repeat
    const auto dice = below(10);
    if (dice < 6)
      step.command = chat::PostMessage{id, site_of(visitor), client, texts_[static_cast<std::size_t>(below(40))]};
    else if (dice < 7)
      step.command = chat::CloseConversation{id, client};
    else
      step.command = chat::MoveCursor{id, below(40), below(40)};
    return step;
  }

  std::int64_t below(std::int64_t bound) { return static_cast<std::int64_t>(random_()) % bound; }
  static chat::SiteId site_of(std::int64_t visitor) { return visitor % 2 == 0 ? shop : bank; }

  void compare_reads(Store& a, Store& b);
  static void replay(chat::Reader& reader, chat::ConversationId id);

  std::mt19937 random_{GetParam()};
  std::vector<std::string> texts_ = unicode_texts();
  std::array<chat::SiteId, 2> visitor_sites_ = {shop, bank};
  std::array<chat::SiteId, 1> agent_sites_ = {shop};
  std::vector<Step> past_;
  std::int64_t now_ = 1'700'000'000'000;
};

void StoreProperty::compare_reads(Store& a, Store& b) {
  const chat::ConversationId id{101 + below(visitors)};
  EXPECT_EQ(value_of(a.reader->conversation(id)), value_of(b.reader->conversation(id)));
  const chat::Seq seq = below(60);
  const auto limit = static_cast<std::size_t>(1 + below(30));
  EXPECT_EQ(value_of(a.reader->events_after(id, seq, limit)), value_of(b.reader->events_after(id, seq, limit)));
  EXPECT_EQ(value_of(a.reader->events_before(id, seq, limit)), value_of(b.reader->events_before(id, seq, limit)));
  for (const chat::SiteId site : {shop, bank})
    for (const auto status : {chat::ConversationStatus::open, chat::ConversationStatus::closed}) {
      std::string cursor;
      do {
        const auto page_a = value_of(a.reader->inbox(site, status, 1 + limit % 3, cursor));
        const auto page_b = value_of(b.reader->inbox(site, status, 1 + limit % 3, cursor));
        EXPECT_EQ(page_a.conversations, page_b.conversations);
        EXPECT_EQ(page_a.cursor, page_b.cursor);
        cursor = page_a.cursor;
      } while (!cursor.empty());
    }
}

// What the log says, against the row; the cursors and what follows from them are not in the log.
void StoreProperty::replay(chat::Reader& reader, chat::ConversationId id) {
  const auto row = value_of(reader.conversation(id));
  const auto events = value_of(reader.events_after(id, 0, 10'000));
  ASSERT_EQ(row.has_value(), !events.empty());
  if (!row) return;
  chat::Conversation replayed;
  replayed.id = id;
  replayed.site = row->site;
  replayed.visitor = row->visitor;
  replayed.created_at = events.front().at;
  std::int64_t unread = 0;
  for (const chat::Event& event : events) {
    chat::apply(replayed, event);
    unread += event.kind == chat::EventKind::message && event.from.role == chat::Role::visitor &&
              event.seq > row->agents_cursor.seen;
  }
  EXPECT_EQ(row->unread, unread);
  EXPECT_GE(row->version, replayed.version);
  EXPECT_LE(row->agents_cursor.seen, row->agents_cursor.delivered);
  EXPECT_LE(row->agents_cursor.delivered, row->last_seq);
  replayed.unread = row->unread;
  replayed.version = row->version;
  replayed.visitor_cursor = row->visitor_cursor;
  replayed.agents_cursor = row->agents_cursor;
  EXPECT_EQ(replayed, *row);
}

TEST_P(StoreProperty, BothStoresDoTheSameAndTheLogsAddUp) {
  const TemporaryDirectory directory(TemporaryDirectory::Kind::in_memory);
  Store memory(make_memory_database(chat::Epoch{1}));
  Store sqlite(value_of(open_sqlite_database(directory.path() / "clearline.db", {.synchronous = Synchronous::normal})));
  int stored = 0, duplicates = 0, refused = 0, moved = 0;
  for (int transaction = 0; transaction < 400 && !HasFailure(); ++transaction) {
    ASSERT_TRUE(is_ok(memory.log->begin()));
    ASSERT_TRUE(is_ok(sqlite.log->begin()));
    for (std::int64_t left = below(8); left > 0; --left) {
      const Step step = random_step();
      const std::string said = carry_out(*memory.log, step);
      ASSERT_EQ(said, carry_out(*sqlite.log, step)) << "transaction " << transaction;
      stored += said.rfind("stored", 0) == 0;
      duplicates += said.rfind("duplicate", 0) == 0;
      refused += said.rfind("refused", 0) == 0;
      moved += said.rfind("cursor moves", 0) == 0;
    }
    if (below(6) == 0) {
      memory.log->rollback();
      sqlite.log->rollback();
    } else {
      ASSERT_TRUE(is_ok(memory.log->commit()));
      ASSERT_TRUE(is_ok(sqlite.log->commit()));
    }
    compare_reads(memory, sqlite);
  }
  for (std::int64_t id = 101; id <= 100 + visitors; ++id)
    for (Store* store : {&memory, &sqlite}) replay(*store->reader, chat::ConversationId{id});
  // Each kind of outcome was met, or this test proves less than it says.
  EXPECT_GT(stored, 100);
  EXPECT_GT(duplicates, 5);
  EXPECT_GT(refused, 50);
  EXPECT_GT(moved, 10);
}

INSTANTIATE_TEST_SUITE_P(Seeds, StoreProperty, testing::Range(1U, 9U));

}  // namespace
}  // namespace clearline::store
