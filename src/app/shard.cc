#include "app/shard.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/base32.h"
#include "base/log.h"
#include "wire/events.h"

namespace clearline::app {

namespace {

// Connections that are told farewell in one turn of a drain.
constexpr std::size_t farewell_batch = 500;
constexpr std::int64_t farewell_pause_ms = 20;

std::string_view ended_as(const Session& session) {
  if (session.phase == SessionPhase::awaiting_hello) return "nobody";
  return session.is_agent() ? "agent" : "visitor";
}

}  // namespace

Shard::Shard(ServerContext& context, std::uint8_t index)
    : context_(context),
      index_(index),
      hub_(*this),
      routes_(
          context,
          [this](net::ConnectionId id, http::Response response) {
            auto shared = std::make_shared<http::Response>(std::move(response));
            loop_->post([this, id, shared] { respond(id, std::move(*shared)); });
          },
          [this](const TokenHash& session) {
            for (Shard* shard : context_.shards) shard->loop().post([shard, session] { shard->sign_out(session); });
          }) {}

Shard::~Shard() {
  // The server drops its connections without callbacks.
  if (server_) server_->for_each([](net::Connection& connection) { delete &session_of(connection); });
}

Result<void> Shard::open(const net::ServerOptions& options) {
  CLEARLINE_TRY(loop_, net::Loop::create());
  net::ServerOptions own = options;
  own.shard_index = index_;
  server_ = net::Server::create(*loop_, own, *this);
  return {};
}

// --- Connections
// ------------------------------------------------------------------------------------------------------

void Shard::on_request(net::ConnectionId id, const http::Request& request) {
  const auto source = server_->source(id);
  if (!source) return;  // gone before it was asked
  auto response = routes_.handle(id, request, *source);
  if (response) respond(id, std::move(*response));
}

void Shard::respond(net::ConnectionId id, http::Response response) {
  const std::int64_t max_age_s = context_.policy.hsts_max_age_s;
  if (context_.tls && max_age_s > 0) {
    response.add_header("Strict-Transport-Security", fmt::format("max-age={}", max_age_s));
  }
  server_->respond(id, std::move(response));
}

net::UpgradeDecision Shard::on_upgrade(net::ConnectionId id, const http::Request& request, const ws::Upgrade& upgrade) {
  if (request.path != "/ws") return net::UpgradeDecision::refuse(http::Response::text(404, "WebSockets are at /ws.\n"));
  static constexpr std::array supported = {wire::subprotocol};
  const auto chosen = ws::choose_subprotocol(upgrade, supported);
  if (!chosen)
    return net::UpgradeDecision::refuse(http::Response::text(
        400, fmt::format("Offer the subprotocol {} (Sec-WebSocket-Protocol).\n", wire::subprotocol)));
  auto opening = std::make_unique<Opening>();
  opening->origin = upgrade.origin.value_or(std::string_view());
  const auto source = server_->source(id);
  opening->host = source && !source->host.empty() ? std::string_view(source->host) : upgrade.host;
  // Handed to on_open, which follows at once.
  return net::UpgradeDecision::accept(*chosen, opening.release());
}

void Shard::on_open(net::Connection& connection) {
  std::unique_ptr<Opening> opening(static_cast<Opening*>(connection.user()));
  auto session = std::make_unique<Session>(connection.id(), context_.policy.visitor_sends, context_.policy.signals);
  session->opening = std::move(opening);
  connection.set_user(session.release());
  connection.set_deadline({loop_->now().ms + context_.policy.hello_timeout_ms});
  if (context_.draining.load())
    farewell(connection, Farewell{.cause = registry::Cause::drain, .retry_after_ms = 1000, .spread_ms = 5000});
}

void Shard::on_message(net::Connection& connection, ws::MessageKind kind, std::string_view payload) {
  Session& session = session_of(connection);
  if (session.phase == SessionPhase::ending) return;
  if (kind != ws::MessageKind::text) return farewell(connection, registry::Cause::unsupported_data);
  push_deadline(connection, session);
  auto message = wire::parse(payload);
  if (!message) {
    reply_error(connection, session, message.error().id, message.error().name, message.error().message);
    if (session.phase == SessionPhase::awaiting_hello) farewell(connection, registry::Cause::token_missing);
    return;
  }
  const bool is_hello = std::holds_alternative<wire::Hello>(*message);
  if (is_hello != (session.phase == SessionPhase::awaiting_hello)) {
    reply_error(connection, session, wire::request_id(*message),
                is_hello ? registry::ErrorName::hello_twice : registry::ErrorName::hello_required,
                is_hello ? "hello was said before on this connection" : "the first message must be hello");
    if (!is_hello) farewell(connection, registry::Cause::token_missing);
    return;
  }
  std::visit([&](auto& command) { handle(connection, session, command); }, *message);
}

void Shard::on_deadline(net::Connection& connection) {
  const Session& session = session_of(connection);
  farewell(connection, session.phase == SessionPhase::awaiting_hello ? registry::Cause::hello_timeout
                       : session.expires_first                       ? registry::Cause::token_expired
                                                                     : registry::Cause::heartbeat_timeout);
}

void Shard::on_slow_consumer(net::Connection& connection) {
  farewell(connection, Farewell{.cause = registry::Cause::slow_consumer, .retry_after_ms = 1000, .spread_ms = 5000});
}

void Shard::on_end(net::ConnectionId id, void* user, const ws::End& end) {
  const std::unique_ptr<Session> session(static_cast<Session*>(user));
  // The close code of the cause as well: a Close that could not leave is not in the status.
  log_info("connection ended id={} role={} status={} origin={} cause={} close_code={} clean={}",
           id_to_text('k', id.value()), ended_as(*session), end.status, registry::origin_name(end.origin),
           registry::cause_name(end.cause), registry::status_for(end.cause), end.clean);
  hub_.drop(id.value());
  if (session->sender.id != 0) left(*session);
}

// The presence that hello_visitor and hello_agent noted.
void Shard::left(const Session& session) {
  if (!session.is_agent()) {
    if (const auto departure = context_.presence.visitor_disconnected(session.visitor.visitor))
      loop_->after(context_.policy.presence_grace_ms,
                   [this, visitor = session.visitor, number = *departure] { visitor_may_be_gone(visitor, number); });
    return;
  }
  const auto directory = context_.directory.get();
  for (const SiteId id : session.rights->sites) {
    if (context_.presence.agent_disconnected(id) > 0) continue;
    if (const chat::Site* site = directory->site(id))
      publish(bus::site_visitors_topic(id), wire::agents_presence(site->key, false));
  }
}

void Shard::visitor_may_be_gone(const VisitorIdentity& visitor, Presence::Departure departure) {
  if (context_.presence.visitor_gone(visitor.visitor, departure))
    publish(bus::site_agents_topic(visitor.site), wire::visitor_presence(visitor.conversation, false));
}

void Shard::push_deadline(net::Connection& connection, Session& session) {
  if (session.phase != SessionPhase::ready) return;
  const Policy& policy = context_.policy;
  std::int64_t wait_ms = session.visible ? policy.heartbeat_timeout_ms : policy.hidden_heartbeat_timeout_ms;
  if (session.sign_in != nullptr) {
    // The wall clock is asked each time: it is what the session was given its end by, and it may be set.
    const std::int64_t left_ms = std::max<std::int64_t>(session.sign_in->expires_at.ms - wall_now().ms, 0);
    session.expires_first = left_ms <= wait_ms;
    wait_ms = std::min(wait_ms, left_ms);
  }
  connection.set_deadline({loop_->now().ms + wait_ms});
}

// --- Words
// --------------------------------------------------------------------------------------------------------------

void Shard::reply_error(net::Connection& connection, Session& session, Request id, registry::ErrorName name,
                        std::string_view message, std::optional<std::int64_t> retry_after_ms) {
  connection.send_text(wire::error(id, name, message, retry_after_ms));
  // What the server cannot do for the moment is not the client's fault.
  if (registry::error_retryable(name) && name != registry::ErrorName::rate_limited) return;
  if (loop_->now().ms - session.errors_since.ms > context_.policy.errors_window_ms) {
    session.errors_since = loop_->now();
    session.errors = 0;
  }
  if (++session.errors > context_.policy.errors_max) farewell(connection, registry::Cause::flooding);
}

void Shard::reply_busy(net::Connection& connection, Session& session, Request id) {
  reply_error(connection, session, id, registry::ErrorName::busy, "the store's queue is full", 250);
}

void Shard::farewell(net::Connection& connection, const Farewell& words) {
  Session& session = session_of(connection);
  if (std::exchange(session.phase, SessionPhase::ending) == SessionPhase::ending) return;
  const std::uint16_t code = registry::status_for(words.cause);
  const std::string_view message = words.message.empty() ? registry::cause_text(words.cause) : words.message;
  connection.send_text(wire::bye(code, words.cause, message, words.retry_after_ms, words.spread_ms, words.resume));
  connection.close(code, words.cause, registry::cause_name(words.cause));
}

void Shard::publish(bus::Topic topic, std::string payload, std::uint64_t except) {
  context_.bus->publish({{topic, 0, except, 0, std::make_shared<const std::string>(std::move(payload))}});
}

// --- From the log writer and the bus
// -----------------------------------------------------------------------------------

void Shard::deliver_outcomes(const std::vector<Outcome>& outcomes) {
  for (const Outcome& outcome : outcomes) {
    net::Connection* connection = server_->find(net::ConnectionId{outcome.origin.connection});
    if (connection == nullptr || !connection->is_open()) continue;  // the client will ask again, with its client_id
    Session& session = session_of(*connection);
    if (const auto* rejected = std::get_if<Rejected>(&outcome.result)) {
      reply_error(*connection, session, outcome.origin.request, rejected->error, rejected->message,
                  rejected->retry_after_ms);
      continue;
    }
    const auto& done = std::get<Acknowledged>(outcome.result);
    connection->send_text(wire::ack(outcome.origin.request, done.conversation, done.client_id, done.seq, done.at,
                                    context_.epoch, done.duplicate));
  }
}

void Shard::deliver(const bus::Messages& messages) {
  bool collecting = false;
  for (const bus::Message& message : messages)
    if (message.replaces_key != 0 && hub_.has_members(message.topic)) collecting |= inboxes_.add(message);
  if (collecting) loop_->after(context_.policy.inbox_collect_ms, [this] { flush_inboxes(); });
  hub_.deliver(messages);
  framed_payload_.reset();
  frame_ = {};
}

void Shard::flush_inboxes() {
  const auto directory = context_.directory.get();
  inboxes_.flush([&](SiteId id, std::span<const std::string_view> summaries) {
    const chat::Site* site = directory->site(id);
    if (site == nullptr) return;
    hub_.deliver({{bus::site_agents_topic(id), 0, 0, 0,
                   std::make_shared<const std::string>(wire::conversations(site->key, summaries))}});
  });
  framed_payload_.reset();
  frame_ = {};
}

void Shard::send(hub::Member member, const std::shared_ptr<const std::string>& payload) {
  net::Connection* connection = server_->find(net::ConnectionId{member});
  if (connection == nullptr) return;
  if (framed_payload_ != payload) {
    frame_ = ws::make_shared_frame(ws::Opcode::text, std::as_bytes(std::span(*payload)));
    framed_payload_ = payload;
  }
  connection->send(frame_);
}

void Shard::reply(hub::Member member, const std::string& payload) {
  net::Connection* connection = server_->find(net::ConnectionId{member});
  if (connection == nullptr) return;  // another shard's, or it has gone: the client will ask again, with its client_id
  const Session& session = session_of(*connection);
  if (!session.is_agent()) context_.presence.visitor_has_conversation(session.visitor.visitor);
  connection->send_text(payload);
}

// --- Rights that end, and the end of the server
// --------------------------------------------------------------------------

void Shard::directory_changed() {
  const auto directory = context_.directory.get();
  server_->for_each([&](net::Connection& connection) {
    const Session& session = session_of(connection);
    if (session.phase != SessionPhase::ready) return;
    if (!session.is_agent()) {
      const chat::Site* site = directory->site(session.visitor.site);
      if (site == nullptr || site->closed)
        farewell(connection, Farewell{.cause = registry::Cause::site_closed, .resume = false});
      return;
    }
    const chat::Agent* agent = directory->agent(AgentId{session.sender.id});
    if (agent == nullptr || agent->disabled)
      return farewell(connection, Farewell{.cause = registry::Cause::blocked, .resume = false});
    if (directory->password_mark(agent->id) != session.rights->password_mark)
      return farewell(connection, registry::Cause::token_revoked);
    if (directory->rights_of(*agent).same_reach(*session.rights)) return;
    farewell(connection, registry::Cause::rights_changed);
  });
}

void Shard::sign_out(const TokenHash& session_hash) {
  server_->for_each([&](net::Connection& connection) {
    const Session& session = session_of(connection);
    if (session.sign_in == nullptr || session.sign_in->session != session_hash) return;
    farewell(connection, Farewell{.cause = registry::Cause::signed_out_elsewhere, .resume = false});
  });
}

void Shard::begin_drain() {
  draining_ = true;
  server_->begin_drain();
}

void Shard::stop_accepting() {
  server_->stop_accepting();
}

void Shard::say_farewell_to_all(const Farewell& words) {
  std::size_t told = 0;
  server_->for_each([&](net::Connection& connection) {
    if (told >= farewell_batch || session_of(connection).phase == SessionPhase::ending) return;
    farewell(connection, words);
    ++told;
  });
  if (told == farewell_batch) loop_->after(farewell_pause_ms, [this, words] { say_farewell_to_all(words); });
}

}  // namespace clearline::app
