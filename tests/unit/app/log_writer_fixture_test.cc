#include "log_writer_fixture.h"

#include <cstring>
#include <utility>

namespace clearline::app {

LogWriterTest::LogWriterTest() {
  chat::Site shop;
  shop.id = site;
  shop.key = "shop";
  chat::Agent ada;
  ada.id = AgentId{601};
  ada.display_name = "Ada";
  directory_.set(std::make_shared<const DirectorySnapshot>(std::vector{shop}, std::vector{ada}));
  visitor_rights_ = directory_.get()->visitor_rights(site);
  agent_rights_ = std::make_shared<const Rights>(Rights{false, {site}, "Ada", 1});
  start();
}

LogWriterTest::~LogWriterTest() {
  control_.release();
  control_.forget_fault();
}

void LogWriterTest::start(const LogWriterOptions& options) {
  writer_.reset();
  auto log = std::make_unique<FaultyLog>(*database_->open_log(), control_);
  LogWriter::Ports ports{
      std::move(log),
      Epoch{9},
      announced_,
      directory_,
      presence_,
      unsaved_,
      [this](std::uint8_t, std::vector<Outcome> outcomes) { announced_.deliver(std::move(outcomes)); },
      1,
      [] { return WallTime{1'700'000'000'000}; }};
  writer_ = std::make_unique<LogWriter>(std::move(ports), options);
}

WriteCommand LogWriterTest::visitor_says(std::int64_t number, std::uint64_t client_id, std::string text) {
  return {{0, visitors_connection, static_cast<wire::RequestId>(client_id)},
          {chat::Role::visitor, number},
          visitor_rights_,
          chat::PostMessage{ConversationId{number}, site, client_id_of(client_id), std::move(text)}};
}

WriteCommand LogWriterTest::agent_says(std::int64_t conversation, std::uint64_t client_id, std::string text) {
  return {{0, agents_connection, static_cast<wire::RequestId>(client_id)},
          {chat::Role::agent, 601},
          agent_rights_,
          chat::PostMessage{ConversationId{conversation}, SiteId{}, client_id_of(client_id), std::move(text)}};
}

WriteCommand LogWriterTest::agent_closes(std::int64_t conversation, std::uint64_t client_id) {
  return {{0, agents_connection, static_cast<wire::RequestId>(client_id)},
          {chat::Role::agent, 601},
          agent_rights_,
          chat::CloseConversation{ConversationId{conversation}, client_id_of(client_id)}};
}

CursorCommand LogWriterTest::agent_has_seen(std::int64_t conversation, Seq seq) {
  return {agents_connection, {chat::Role::agent, 601}, agent_rights_, {ConversationId{conversation}, seq, seq}};
}

CursorCommand LogWriterTest::visitor_has_seen(std::int64_t number, Seq seq) {
  return {visitors_connection, {chat::Role::visitor, number}, visitor_rights_, {ConversationId{number}, seq, seq}};
}

void LogWriterTest::submit_together(std::vector<LogWriter::Item> items) {
  // The writer is kept in a transaction of its own while the batch is put together behind it.
  control_.hold();
  submit(visitor_has_seen(999, 1));  // of a conversation that does not exist: nothing comes of it
  control_.wait_until_held();
  for (LogWriter::Item& item : items) submit(std::move(item));
  control_.release();
}

void LogWriterTest::carry_out(std::vector<LogWriter::Item> items) {
  announced_.forget();
  std::size_t answers = 0;
  for (const LogWriter::Item& item : items) answers += std::holds_alternative<WriteCommand>(item) ? 1 : 0;
  for (LogWriter::Item& item : items) submit(std::move(item));
  announced_.wait_for_answers(answers);
}

std::optional<chat::Conversation> LogWriterTest::stored(std::int64_t conversation) {
  return *store_reader_->conversation(ConversationId{conversation});
}

std::optional<chat::Conversation> LogWriterTest::current(std::int64_t conversation) {
  return *current_reader_.conversation(ConversationId{conversation});
}

std::vector<chat::Event> LogWriterTest::events(std::int64_t conversation) {
  return *store_reader_->events_after(ConversationId{conversation}, 0, 10'000);
}

ClientId client_id_of(std::uint64_t number) {
  ClientId id;
  std::memcpy(id.bytes.data(), &number, sizeof number);
  return id;
}

std::int64_t number_in(const std::string& json, const std::string& name) {
  const auto found = json.find("\"" + name + "\":");
  return found == std::string::npos ? -1 : std::strtoll(json.c_str() + found + name.size() + 3, nullptr, 10);
}

}  // namespace clearline::app
