#include "contract/store_values.h"

#include <boost/json.hpp>
#include <cstring>
#include <fstream>

namespace clearline::store {

chat::ClientId client_id(std::uint64_t number) {
  chat::ClientId id;
  std::memcpy(id.bytes.data() + 8, &number, sizeof number);
  id.bytes[0] = std::byte{0xC1};
  return id;
}

chat::Event message(chat::Seq seq, std::string_view text, chat::Role role) {
  chat::Event event;
  event.seq = seq;
  event.at = WallTime{1'700'000'000'000 + seq};
  event.kind = chat::EventKind::message;
  event.from = {role, role == chat::Role::visitor ? 501 : 601};
  event.client_id = client_id(static_cast<std::uint64_t>(seq));
  event.text = text;
  return event;
}

chat::Event closed(chat::Seq seq) {
  chat::Event event = message(seq, "", chat::Role::agent);
  event.kind = chat::EventKind::closed;
  return event;
}

chat::Event reopened(chat::Seq seq) {
  chat::Event event = message(seq, "");
  event.kind = chat::EventKind::reopened;
  event.client_id.reset();
  return event;
}

std::vector<std::string> unicode_texts() {
  std::ifstream file(CLEARLINE_SOURCE_DIR "/tests/data/unicode.jsonl");
  std::vector<std::string> texts;
  for (std::string line; std::getline(file, line);)
    texts.emplace_back(boost::json::parse(line).as_object().at("text").as_string());
  return texts;
}

std::vector<chat::Event> messages(chat::Seq count) {
  std::vector<chat::Event> events;
  for (chat::Seq seq = 1; seq <= count; ++seq) events.push_back(message(seq, "message " + std::to_string(seq)));
  return events;
}

chat::Conversation conversation(std::int64_t id) {
  chat::Conversation conversation;
  conversation.id = chat::ConversationId{id};
  conversation.site = chat::SiteId{11};
  conversation.visitor = chat::VisitorId{id ^ 1};
  conversation.status = chat::ConversationStatus::open;
  conversation.created_at = WallTime{1'700'000'000'001};
  conversation.last_seq = 9;
  conversation.last_at = WallTime{1'700'000'000'002};
  conversation.last_visitor_seq = 8;
  conversation.waiting_since = WallTime{1'700'000'000'003};
  conversation.unread = 4;
  conversation.visitor_cursor = {6, 5};
  conversation.agents_cursor = {7, 3};
  conversation.version = 21;
  conversation.last = chat::Preview{chat::EventKind::message, chat::Role::agent, "the preview"};
  return conversation;
}

chat::Site site(std::int64_t id, std::string_view key) {
  chat::Site site;
  site.id = chat::SiteId{id};
  site.key = key;
  site.name = "Shop " + std::string(key);
  site.allowed_origins = {"self", "https://shop.example", "http://localhost:8000"};
  site.created_at = WallTime{1'700'000'000'004};
  return site;
}

chat::Agent agent(std::int64_t id, std::string_view name, std::vector<chat::SiteId> sites) {
  chat::Agent agent;
  agent.id = chat::AgentId{id};
  agent.name = name;
  agent.display_name = "Agent " + std::string(name);
  agent.password_hash = "$argon2id$v=19$" + std::string(name);
  agent.role = chat::AgentRole::agent;
  agent.sites = std::move(sites);
  agent.created_at = WallTime{1'700'000'000'005};
  return agent;
}

chat::Session session(int token, chat::AgentId agent, WallTime expires_at) {
  chat::Session session;
  session.token_hash.fill(static_cast<std::byte>(token));
  session.agent = agent;
  session.created_at = WallTime{1'700'000'000'006};
  session.expires_at = expires_at;
  return session;
}

std::vector<chat::Seq> seqs_of(const std::vector<chat::Event>& events) {
  std::vector<chat::Seq> seqs;
  for (const chat::Event& event : events) seqs.push_back(event.seq);
  return seqs;
}

std::vector<std::int64_t> ids_of(const std::vector<chat::Conversation>& conversations) {
  std::vector<std::int64_t> ids;
  for (const chat::Conversation& row : conversations) ids.push_back(row.id.value());
  return ids;
}

}  // namespace clearline::store
