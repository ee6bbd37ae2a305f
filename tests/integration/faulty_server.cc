#include "faulty_server.h"

#include <algorithm>
#include <variant>

#include "base/result.h"
#include "registry/registry.h"
#include "wire/events.h"

namespace clearline::test {

namespace {

constexpr Epoch epoch{0x5f3a9c0d11e2b744};

std::string token_of(ConversationId conv) {
  return "token-" + to_text(conv);
}

}  // namespace

FaultyServer::FaultyServer(Faults faults) : faults_(std::move(faults)), loop_(net::Loop::create().value()) {
  server_ = net::Server::listen(*loop_, {}, *this).value();
  thread_ = std::thread([this] { loop_->run(); });
}

FaultyServer::~FaultyServer() {
  loop_->stop();
  thread_.join();
}

std::string FaultyServer::url() const {
  return "http://127.0.0.1:" + std::to_string(server_->port());
}

bool FaultyServer::once(const std::string& fault, std::string_view text) {
  return !fault.empty() && fault == text && happened_.insert(&fault).second;
}

void FaultyServer::on_request(net::ConnectionId id, const http::Request& request) {
  http::Response response = http::Response::json(200, R"({"ticket":"one","site":"demo","name":"Demo"})");
  if (request.path == "/api/v1/sign-in") response.add_header("Set-Cookie", "session=s; HttpOnly");
  if (request.path == "/api/v1/tickets" && request.header("Cookie") != "session=s")
    response = http::Response::json(401, R"({"error":"not_signed_in","message":"no session"})");
  server_->respond(id, std::move(response));
}

net::UpgradeDecision FaultyServer::on_upgrade(net::ConnectionId /*id*/, const http::Request& /*request*/,
                                              const ws::Upgrade& /*upgrade*/) {
  return net::UpgradeDecision::accept(wire::subprotocol);
}

void FaultyServer::on_open(net::Connection& /*connection*/) {}

void FaultyServer::on_end(net::ConnectionId id, void* /*user*/, const ws::End& /*end*/) {
  peers_.erase(id);
  for (auto& [conv, conversation] : conversations_) conversation.watchers.erase(id);
}

void FaultyServer::on_message(net::Connection& connection, ws::MessageKind /*kind*/, std::string_view payload) {
  const auto message = wire::parse(payload);
  CLEARLINE_ASSERT(message.has_value());
  std::visit([&](const auto& command) { handle(connection, command); }, *message);
}

void FaultyServer::handle(net::Connection& connection, const wire::Hello& hello) {
  ++hellos_;
  if (faults_.binary_welcome) {
    connection.send_binary("welcome");
    return;
  }
  Peer peer;
  peer.agent = hello.role == wire::HelloRole::agent;
  wire::WelcomeView welcome;
  welcome.epoch = epoch;
  welcome.heartbeat_ms = 20'000;
  std::string token;
  if (peer.agent) {
    welcome.agent = wire::AgentView{AgentId{1}, "ada", "Ada", "agent"};
  } else {
    if (faults_.visitors_forbidden) {
      connection.send_text(wire::bye(registry::forbidden, registry::Cause::blocked, "no", 0, 0, false));
      return connection.close(registry::Cause::blocked);
    }
    for (const auto& [conv, conversation] : conversations_) {
      if (token_of(conv) == hello.token) peer.conv = conv;
    }
    peer.late = peer.conv && hello.resume.empty();
    if (!peer.conv) peer.conv = ConversationId{next_conversation_++};
    token = token_of(peer.conv);
    welcome.visitor = VisitorId{peer.conv.value()};
    welcome.conv = peer.conv;
    if (hello.token.empty()) welcome.new_token = token;
    conversations_[peer.conv];
  }
  peers_[connection.id()] = peer;
  connection.send_text(wire::welcome(welcome));
  for (const wire::ResumePoint& point : hello.resume) start_watching(connection, point.conv, std::nullopt, point.seq);
  if (!peer.agent && hello.resume.empty()) start_watching(connection, peer.conv, std::nullopt, std::nullopt);
}

void FaultyServer::handle(net::Connection& connection, const wire::Send& send) {
  const bool from_agent = peers_.at(connection.id()).agent;
  if (send.text == faults_.refused) {
    connection.send_text(wire::error(send.id, registry::ErrorName::forbidden, "not this"));
    return;
  }
  if (once(faults_.busy, send.text)) {
    connection.send_text(wire::error(send.id, registry::ErrorName::busy, "wait", 1));
    return;
  }
  if (once(faults_.dropped_before_storing, send.text)) return connection.abort(registry::Cause::connection_reset);

  Conversation& conversation = conversations_.at(send.conv);
  const auto stored = std::ranges::find_if(
      conversation.log, [&send](const Message& message) { return message.client_id == send.client_id; });
  if (stored != conversation.log.end()) {
    connection.send_text(wire::ack(send.id, send.conv, send.client_id, stored->seq, WallTime{}, epoch, true));
    return;
  }
  if (send.text == faults_.lost_stored) {
    connection.send_text(wire::ack(send.id, send.conv, send.client_id, static_cast<Seq>(conversation.log.size()) + 1,
                                   WallTime{}, epoch, false));
    return;
  }
  const std::size_t before = conversation.log.size();
  store(conversation, send, from_agent);
  if (once(faults_.dropped_before_ack, send.text)) {
    connection.abort(registry::Cause::connection_reset);
  } else {
    connection.send_text(
        wire::ack(send.id, send.conv, send.client_id, static_cast<Seq>(before) + 1, WallTime{}, epoch, false));
  }
  const bool withheld = once(faults_.gap, send.text);
  if (withheld) conversation.log.push_back({static_cast<Seq>(before) + 2, true, std::nullopt, {}});
  for (std::size_t i = before + (withheld ? 1 : 0); i < conversation.log.size(); ++i)
    fan_out(connection, send.conv, conversation.log[i]);
  if (once(faults_.farewell, send.text)) say_farewell();
}

void FaultyServer::store(Conversation& conversation, const wire::Send& send, bool from_agent) {
  const int copies = send.text == faults_.stored_twice ? 2 : 1;
  for (int i = 0; i < copies; ++i)
    conversation.log.push_back({static_cast<Seq>(conversation.log.size()) + 1, from_agent, send.client_id, send.text});
}

void FaultyServer::fan_out(const net::Connection& sender, ConversationId conv, const Message& message) {
  if (!message.text.empty() && message.text == faults_.lost_live) return;
  for (const net::ConnectionId id : conversations_.at(conv).watchers) {
    net::Connection* watcher = server_->find(id);
    // The ack stands for the event at the sender; its copy has an ack of nobody's.
    const bool acknowledged = id == sender.id() && message.client_id && message.text != faults_.stored_twice;
    if (watcher == nullptr || acknowledged) continue;
    watcher->send_text("{\"t\":\"event\",\"conv\":\"" + to_text(conv) + "\",\"event\":" + event_json(message, false) +
                       "}");
  }
}

void FaultyServer::say_farewell() {
  server_->for_each([](net::Connection& connection) {
    connection.send_text(
        wire::bye(registry::service_restart, registry::Cause::drain, "The server restarts.", 1, 1, true));
    connection.close(registry::Cause::drain);
  });
}

void FaultyServer::handle(net::Connection& connection, const wire::Watch& watch) {
  start_watching(connection, watch.conv, watch.id, watch.after ? std::optional(watch.after->seq) : std::nullopt);
}

void FaultyServer::start_watching(net::Connection& connection, ConversationId conv, std::optional<wire::RequestId> id,
                                  std::optional<Seq> after) {
  Conversation& conversation = conversations_.at(conv);
  conversation.watchers.insert(connection.id());
  const auto last = static_cast<Seq>(conversation.log.size());
  if (after && !id && faults_.reset_at_resume) {
    connection.send_text(wire::reset(conv, "cursor"));
    after.reset();
  }
  const Seq from = after ? *after : std::max<Seq>(0, last - static_cast<Seq>(faults_.page_events));
  connection.send_text(wire::watching(id, conv, epoch, last, from + 1, from > 0, {}, wire::Audience::visitor));
  const auto events = events_json(conversation, from, last + 1, peers_.at(connection.id()).late);
  if (!events.empty()) connection.send_text(wire::events(conv, events));
}

void FaultyServer::handle(net::Connection& connection, const wire::Unwatch& unwatch) {
  conversations_.at(unwatch.conv).watchers.erase(connection.id());
}

void FaultyServer::handle(net::Connection& connection, const wire::History& history) {
  const Seq from = std::max<Seq>(0, history.before - 1 - static_cast<Seq>(faults_.page_events));
  const auto events = events_json(conversations_.at(history.conv), from, history.before, true);
  connection.send_text(wire::page(history.id, history.conv, events, from > 0));
}

void FaultyServer::handle(net::Connection& connection, const wire::Ping& ping) {
  connection.send_text(wire::pong(ping.n, WallTime{}));
}

std::vector<std::string> FaultyServer::events_json(const Conversation& conversation, Seq after, Seq before,
                                                   bool late) const {
  std::vector<std::string> events;
  std::optional<std::string> held;
  for (const Message& message : conversation.log) {
    if (message.seq <= after || message.seq >= before) continue;
    const bool named = late && !message.text.empty();
    if (named && message.text == faults_.lost_in_history) continue;
    if (named && message.text == faults_.behind_in_history) {
      held = event_json(message, late);
      continue;
    }
    events.push_back(event_json(message, late));
    if (named && message.text == faults_.twice_in_history) events.push_back(events.back());
    if (held) events.push_back(*std::exchange(held, std::nullopt));
  }
  return events;
}

std::string FaultyServer::event_json(const Message& message, bool for_history) const {
  const std::string& altered = for_history ? faults_.altered_in_history : faults_.altered_live;
  std::string text = message.text;
  if (!text.empty() && text == altered) text += '!';
  const bool from_agent = message.from_agent != (!text.empty() && text == faults_.other_sender);
  wire::EventView view;
  view.seq = message.seq;
  view.kind = message.client_id ? "message" : "closed";
  view.from = {from_agent ? wire::SenderRole::agent : wire::SenderRole::visitor, 1, from_agent ? "Ada" : ""};
  view.client_id = message.client_id ? &*message.client_id : nullptr;
  view.text = text;
  std::string out;
  wire::append_event(out, view);
  return out;
}

}  // namespace clearline::test
