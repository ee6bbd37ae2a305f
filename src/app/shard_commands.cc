// What each message of a client does. docs/reference/protocol.md is the specification.
#include <fmt/core.h>

#include <algorithm>

#include "app/shard.h"
#include "app/wire_views.h"
#include "base/base32.h"
#include "wire/events.h"

namespace clearline::app {

namespace {

std::string_view agent_role_name(chat::AgentRole role) {
  return role == chat::AgentRole::admin ? "admin" : "agent";
}

wire::WelcomeView welcome_view(const ServerContext& context, std::string_view connection_text, WallTime now) {
  wire::WelcomeView view;
  view.connection = connection_text;
  view.server_version = context.version;
  view.time = now;
  view.epoch = context.epoch;
  view.heartbeat_ms = context.policy.heartbeat_ms;
  view.text_bytes_max = static_cast<std::int64_t>(chat::text_bytes_max);
  view.resume_events_max = static_cast<std::int64_t>(context.policy.resume_events_max);
  return view;
}

const std::optional<wire::ResumePoint> no_resume_point;

}  // namespace

void Shard::handle(net::Connection& connection, Session& session, wire::Hello& hello) {
  session.visible = hello.visible;
  if (hello.role == wire::HelloRole::visitor) {
    hello_visitor(connection, session, hello);
  } else {
    hello_agent(connection, session, hello);
  }
  session.opening.reset();
  push_deadline(connection, session);
}

void Shard::hello_visitor(net::Connection& connection, Session& session, wire::Hello& hello) {
  const auto directory = context_.directory.get();
  const chat::Site* site = directory->site(hello.site);
  // An unknown site and a foreign origin look the same from outside: a page must not find out which sites exist.
  if (site == nullptr || !origin_allowed(*site, session.opening->origin, session.opening->host, context_.tls))
    return farewell(connection, Farewell{.cause = registry::Cause::origin_not_allowed, .resume = false});
  if (site->closed) return farewell(connection, Farewell{.cause = registry::Cause::site_closed, .resume = false});

  std::string new_token;
  if (hello.token.empty()) {
    const WallTime now = wall_now();
    session.visitor = {VisitorId{context_.ids.next(now)}, ConversationId{context_.ids.next(now)}, site->id};
    new_token = context_.visitor_tokens->sign(session.visitor);
  } else {
    const auto identity = context_.visitor_tokens->verify(hello.token);
    if (!identity || identity->site != site->id) return farewell(connection, registry::Cause::token_invalid);
    session.visitor = *identity;
  }
  session.sender = {chat::Role::visitor, session.visitor.visitor.value()};
  session.rights = directory->visitor_rights(site->id);
  session.phase = SessionPhase::ready;
  const bool appeared = context_.presence.visitor_connected(session.visitor.visitor);
  hub_.join(session.id.value(), bus::site_visitors_topic(site->id));

  const std::string connection_text = id_to_text('k', session.id.value());
  wire::WelcomeView view = welcome_view(context_, connection_text, wall_now());
  view.visitor = session.visitor.visitor;
  view.conv = session.visitor.conversation;
  view.new_token = new_token;
  view.agents_online = context_.presence.agents_online(site->id);
  connection.send_text(wire::welcome(view));

  const ConversationId conversation = session.visitor.conversation;
  if (!new_token.empty()) {
    const hub::ReadNumber number = hub_.watch(session.id.value(), conversation);
    return watch_empty(connection, session, {std::nullopt, conversation, std::nullopt, number});
  }
  if (appeared) publish(bus::site_agents_topic(site->id), wire::visitor_presence(conversation, true));
  const auto point = std::ranges::find(hello.resume, conversation, &wire::ResumePoint::conv);
  watch(connection, session, std::nullopt, conversation, point == hello.resume.end() ? no_resume_point : *point);
}

void Shard::hello_agent(net::Connection& connection, Session& session, wire::Hello& hello) {
  const Opening& opening = *session.opening;
  if (!opening.origin.empty() && !is_own_origin(opening.origin, opening.host, context_.tls))
    return farewell(connection, Farewell{.cause = registry::Cause::origin_not_allowed, .resume = false});
  const auto holder = context_.accounts->redeem_ticket(hello.ticket, loop_->now());
  if (!holder) return farewell(connection, registry::Cause::token_invalid);
  const auto directory = context_.directory.get();
  const chat::Agent* agent = directory->agent(holder->agent);
  if (agent == nullptr || agent->disabled)
    return farewell(connection, Farewell{.cause = registry::Cause::blocked, .resume = false});
  if (directory->password_mark(agent->id) != holder->password_mark)
    return farewell(connection, registry::Cause::token_revoked);
  if (holder->expires_at <= wall_now()) return farewell(connection, registry::Cause::token_expired);

  session.sender = {chat::Role::agent, agent->id.value()};
  session.rights = std::make_shared<const Rights>(directory->rights_of(*agent));
  session.sign_in = std::make_unique<TicketHolder>(*holder);
  session.phase = SessionPhase::ready;

  std::vector<wire::SiteView> sites;
  for (const SiteId id : session.rights->sites) {
    const chat::Site* site = directory->site(id);
    hub_.join(session.id.value(), bus::site_agents_topic(id));
    const bool first = context_.presence.agent_connected(id) == 1;
    if (site == nullptr) continue;
    sites.push_back({site->key, site->name});
    if (first) publish(bus::site_visitors_topic(id), wire::agents_presence(site->key, true));
  }
  const std::string connection_text = id_to_text('k', session.id.value());
  wire::WelcomeView view = welcome_view(context_, connection_text, wall_now());
  view.agent = wire::AgentView{agent->id, agent->name, agent->display_name, agent_role_name(agent->role)};
  view.sites = sites;
  connection.send_text(wire::welcome(view));
  for (const wire::ResumePoint& point : hello.resume) watch(connection, session, std::nullopt, point.conv, point);
}

void Shard::submit(net::Connection& connection, Session& session, wire::RequestId id, chat::LogCommand command) {
  const CommandOrigin origin{index_, session.id.value(), id};
  if (draining_ || !context_.writer->submit(WriteCommand{origin, session.sender, session.rights, std::move(command)}))
    reply_busy(connection, session, id);
}

void Shard::handle(net::Connection& connection, Session& session, wire::Send& command) {
  if (!session.is_agent()) {
    if (command.conv != session.visitor.conversation)
      return reply_error(connection, session, command.id, registry::ErrorName::not_found,
                         "send.conv: there is no such conversation");
    if (const auto wait_ms = session.send_bucket.take(context_.policy.visitor_sends, loop_->now()); wait_ms > 0)
      return reply_error(connection, session, command.id, registry::ErrorName::rate_limited,
                         "messages come faster than one person types", wait_ms);
  }
  submit(connection, session, command.id,
         chat::PostMessage{command.conv, session.visitor.site, command.client_id, std::move(command.text)});
}

void Shard::handle(net::Connection& connection, Session& session, const wire::CloseConversation& command) {
  submit(connection, session, command.id, chat::CloseConversation{command.conv, command.client_id});
}

void Shard::handle(net::Connection& connection, Session& session, const wire::Watch& command) {
  watch(connection, session, command.id, command.conv, command.after);
}

void Shard::handle(net::Connection& /*connection*/, Session& session, const wire::Unwatch& command) {
  hub_.unwatch(session.id.value(), command.conv);
}

void Shard::handle(net::Connection& connection, Session& session, const wire::History& command) {
  const bool foreign = !session.is_agent() && command.conv != session.visitor.conversation;
  const auto not_found = [this, id = command.id](net::Connection& open, Session& reader) {
    reply_error(open, reader, id, registry::ErrorName::not_found, "history.conv: there is no such conversation");
  };
  if (foreign) return not_found(connection, session);
  const bool taken = read<LogPage>(
      session.id,
      [this, command](chat::Reader& reader) {
        return read_before(reader, *context_.directory.get(), command.conv, command.before, command.limit);
      },
      [this, command, not_found](net::Connection& open, Session& reader, Result<LogPage> page) {
        if (!page) return reply_busy(open, reader, command.id);
        if (!page->conversation || !may_see(reader, *page->conversation)) return not_found(open, reader);
        open.send_text(wire::page(command.id, command.conv, page->events_json, page->more));
      });
  if (!taken) reply_busy(connection, session, command.id);
}

void Shard::handle(net::Connection& connection, Session& session, const wire::Inbox& command) {
  const auto directory = context_.directory.get();
  const chat::Site* site = directory->site(command.site);
  if (!session.is_agent())
    return reply_error(connection, session, command.id, registry::ErrorName::forbidden, "inbox is for agents");
  if (site == nullptr ||
      !chat::may_act_on({session.sender, session.rights->all_sites, session.rights->sites}, site->id))
    return reply_error(connection, session, command.id, registry::ErrorName::not_found,
                       "inbox.site: there is no such site among yours");
  const auto status =
      command.status == wire::InboxStatus::open ? chat::ConversationStatus::open : chat::ConversationStatus::closed;
  const bool taken = read<chat::InboxPage>(
      session.id,
      [id = site->id, status, command](chat::Reader& reader) {
        return reader.inbox(id, status, command.limit, command.cursor);
      },
      [this, command](net::Connection& open, Session& reader, Result<chat::InboxPage> page) {
        if (!page && page.error().code == ErrorCode::invalid_argument)
          return reply_error(open, reader, command.id, registry::ErrorName::bad_message,
                             "inbox.cursor is not one of ours");
        if (!page) return reply_busy(open, reader, command.id);
        const auto snapshot = context_.directory.get();
        std::vector<wire::SummaryView> summaries;
        for (const chat::Conversation& conversation : page->conversations)
          summaries.push_back(summary_view(conversation, *snapshot, context_.presence));
        open.send_text(wire::inbox(command.id, command.site, command.status, summaries, page->cursor));
      });
  if (!taken) reply_busy(connection, session, command.id);
}

void Shard::handle(net::Connection& /*connection*/, Session& session, const wire::Typing& command) {
  if (!hub_.watches(session.id.value(), command.conv)) return;
  if (session.signal_bucket.take(context_.policy.signals, loop_->now()) > 0) return;
  publish(bus::conversation_topic(command.conv),
          wire::typing(command.conv, sender_view(session.sender, *context_.directory.get()), command.on),
          session.id.value());
}

void Shard::handle(net::Connection& /*connection*/, Session& session, const wire::Receipt& command) {
  if (!hub_.watches(session.id.value(), command.conv)) return;
  // A dropped one is said again: a later receipt covers it, and so does the next connection's. A visitor has one
  // conversation and cannot need many; an agent has many, and says one for each of them after a reconnect.
  if (!session.is_agent() && session.signal_bucket.take(context_.policy.signals, loop_->now()) > 0) return;
  static_cast<void>(context_.writer->submit(CursorCommand{
      session.id.value(), session.sender, session.rights, {command.conv, command.delivered, command.seen}}));
}

void Shard::handle(net::Connection& connection, Session& session, const wire::Ping& command) {
  if (command.visible) session.visible = *command.visible;
  push_deadline(connection, session);
  connection.send_text(wire::pong(command.n, wall_now()));
}

}  // namespace clearline::app
