// Watching a conversation: subscribe first, then read, then deliver what the read missed. So no event falls between
// the page and the live ones.
#include <fmt/core.h>

#include <algorithm>
#include <span>

#include "app/shard.h"
#include "app/wire_views.h"
#include "base/log.h"
#include "wire/events.h"

namespace clearline::app {

namespace {

// A read that found the queue full comes again after this.
constexpr std::int64_t read_retry_ms = 250;

}  // namespace

bool Shard::may_see(const Session& session, const chat::Conversation& conversation) const {
  if (!session.is_agent()) return conversation.visitor == session.visitor.visitor;
  return chat::may_act_on({session.sender, session.rights->all_sites, session.rights->sites}, conversation.site);
}

void Shard::watch(net::Connection& connection, Session& session, Request id, ConversationId conversation,
                  const std::optional<wire::ResumePoint>& after) {
  const hub::Member member = session.id.value();
  if (!session.is_agent() && conversation != session.visitor.conversation)
    return reply_error(connection, session, id, registry::ErrorName::not_found, "there is no such conversation");
  if (!hub_.watches(member, conversation) && hub_.watched_count(member) >= context_.policy.watched_max)
    return reply_error(connection, session, id, registry::ErrorName::forbidden,
                       fmt::format("at most {} conversations can be watched", context_.policy.watched_max));
  hub_.watch(member, conversation);
  const bool taken = read<LogPage>(
      session.id,
      [this, conversation, after](chat::Reader& reader) {
        const PageLimits limits{context_.policy.first_page_events, context_.policy.resume_events_max};
        return read_page(reader, *context_.directory.get(), conversation, after, context_.epoch, limits);
      },
      [this, id, conversation](net::Connection& open, Session&, Result<LogPage> page) {
        watch_read(open.id(), id, conversation, std::move(page));
      });
  if (taken) return;
  hub_.unwatch(member, conversation);
  reply_busy(connection, session, id);
}

void Shard::watch_read(net::ConnectionId connection_id, Request id, ConversationId conversation, Result<LogPage> page) {
  net::Connection& connection = *server_->find(connection_id);
  Session& session = session_of(connection);
  if (!page) {
    hub_.unwatch(connection_id.value(), conversation);
    log_error("a page could not be read: {}", page.error().message);
    return reply_busy(connection, session, id);
  }
  if (!page->reset_reason.empty()) connection.send_text(wire::reset(conversation, page->reset_reason));
  if (!page->conversation && !session.is_agent()) return watch_empty(connection, session, id, conversation);
  if (!page->conversation || !may_see(session, *page->conversation)) {
    hub_.unwatch(connection_id.value(), conversation);
    return reply_error(connection, session, id, registry::ErrorName::not_found, "there is no such conversation");
  }
  session.has_conversation = true;
  const auto directory = context_.directory.get();
  connection.send_text(wire::watching(id, conversation, context_.epoch, page->last_seq, page->first_seq, page->more,
                                      summary_view(*page->conversation, *directory, context_.presence),
                                      session.is_agent() ? wire::Audience::agent : wire::Audience::visitor));
  send_events(connection, conversation, page->events_json);
  catch_up(connection, conversation, page->last_seq);
}

// A visitor before its first message: there is nothing to read, and nobody else can write.
void Shard::watch_empty(net::Connection& connection, Session& session, Request id, ConversationId conversation) {
  chat::Conversation empty;
  empty.id = conversation;
  empty.site = session.visitor.site;
  empty.visitor = session.visitor.visitor;
  const auto directory = context_.directory.get();
  connection.send_text(wire::watching(id, conversation, context_.epoch, 0, 1, false,
                                      summary_view(empty, *directory, context_.presence), wire::Audience::visitor));
  catch_up(connection, conversation, 0);
}

void Shard::send_events(net::Connection& connection, ConversationId conversation,
                        const std::vector<std::string>& events_json) {
  for (std::size_t i = 0; i < events_json.size(); i += wire::page_events_max) {
    const std::size_t count = std::min(wire::page_events_max, events_json.size() - i);
    connection.send_text(wire::events(conversation, std::span(events_json).subspan(i, count)));
  }
}

// The member has everything up to `up_to`: it goes live, unless more was committed meanwhile.
void Shard::catch_up(net::Connection& connection, ConversationId conversation, Seq up_to) {
  const hub::Member member = connection.id().value();
  if (!hub_.synced(member, conversation, up_to)) repair(member, conversation, up_to);
}

void Shard::repair(hub::Member member, ConversationId conversation, Seq after) {
  const net::ConnectionId id{member};
  const bool taken = read<LogPage>(
      id,
      [this, conversation, after](chat::Reader& reader) {
        return read_missing(reader, *context_.directory.get(), conversation, after, context_.policy.resume_events_max);
      },
      [this, conversation, after](net::Connection& open, Session&, Result<LogPage> page) {
        repair_read(open.id(), conversation, after, std::move(page));
      });
  if (!taken) loop_->after(read_retry_ms, [this, member, conversation, after] { repair(member, conversation, after); });
}

void Shard::repair_read(net::ConnectionId id, ConversationId conversation, Seq after, Result<LogPage> page) {
  const hub::Member member = id.value();
  if (!hub_.watches(member, conversation)) return;
  if (!page || page->events_json.empty()) {
    // The event was announced after its commit, so a reader that does not see it is late or broken: ask again.
    if (!page) log_error("missing events could not be read: {}", page.error().message);
    loop_->after(read_retry_ms, [this, member, conversation, after] { repair(member, conversation, after); });
    return;
  }
  net::Connection& connection = *server_->find(id);
  send_events(connection, conversation, page->events_json);
  catch_up(connection, conversation, page->last_seq);
}

}  // namespace clearline::app
