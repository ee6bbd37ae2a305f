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
  const WatchRead watch{id, conversation, after, hub_.watch(member, conversation)};
  const bool taken = read<LogPage>(
      session.id,
      [this, conversation, after](chat::Reader& reader) {
        const PageLimits limits{context_.policy.first_page_events, context_.policy.resume_events_max};
        return read_page(reader, *context_.directory.get(), conversation, after, context_.epoch, limits);
      },
      [this, watch](net::Connection& open, Session& reader, Result<LogPage> page) {
        watch_read(open, reader, watch, std::move(page));
      });
  if (!taken) watch_later(connection, session, watch);
}

// Nothing could be read now. Whoever asked is told to ask again; what hello has promised is tried again here, since its
// answer has no id by which a client could know what failed.
void Shard::watch_later(net::Connection& connection, Session& session, const WatchRead& read) {
  const bool newest = hub_.awaits(session.id.value(), read.conversation, read.number);
  if (newest) hub_.unwatch(session.id.value(), read.conversation);
  if (read.request) return reply_busy(connection, session, read.request);
  if (!newest) return;
  loop_->after(read_retry_ms, [this, id = connection.id(), read] {
    net::Connection* open = server_->find(id);
    if (open == nullptr || !open->is_open() || hub_.watches(id.value(), read.conversation)) return;
    watch(*open, session_of(*open), std::nullopt, read.conversation, read.after);
  });
}

void Shard::watch_read(net::Connection& connection, Session& session, const WatchRead& read, Result<LogPage> page) {
  if (!page) {
    log_error("a page could not be read: {}", page.error().message);
    return watch_later(connection, session, read);
  }
  const bool seen = page->conversation ? may_see(session, *page->conversation) : !session.is_agent();
  if (!seen) {
    // No reset either: it would tell that the conversation exists.
    hub_.unwatch(session.id.value(), read.conversation);
    return reply_error(connection, session, read.request, registry::ErrorName::not_found,
                       "there is no such conversation");
  }
  if (!page->reset_reason.empty()) connection.send_text(wire::reset(read.conversation, page->reset_reason));
  if (!page->conversation) return watch_empty(connection, session, read);
  if (!session.is_agent()) context_.presence.visitor_has_conversation(session.visitor.visitor);
  const auto directory = context_.directory.get();
  connection.send_text(wire::watching(read.request, read.conversation, context_.epoch, page->last_seq, page->first_seq,
                                      page->more, summary_view(*page->conversation, *directory, context_.presence),
                                      session.is_agent() ? wire::Audience::agent : wire::Audience::visitor));
  send_events(connection, read.conversation, page->events_json);
  catch_up(connection, read.conversation, read.number, page->last_seq);
}

// A visitor before its first message: there is nothing to read.
void Shard::watch_empty(net::Connection& connection, Session& session, const WatchRead& read) {
  chat::Conversation empty;
  empty.id = read.conversation;
  empty.site = session.visitor.site;
  empty.visitor = session.visitor.visitor;
  const auto directory = context_.directory.get();
  connection.send_text(wire::watching(read.request, read.conversation, context_.epoch, 0, 1, false,
                                      summary_view(empty, *directory, context_.presence), wire::Audience::visitor));
  catch_up(connection, read.conversation, read.number, 0);
}

void Shard::send_events(net::Connection& connection, ConversationId conversation,
                        const std::vector<std::string>& events_json) {
  for (std::size_t i = 0; i < events_json.size(); i += wire::page_events_max) {
    const std::size_t count = std::min(wire::page_events_max, events_json.size() - i);
    connection.send_text(wire::events(conversation, std::span(events_json).subspan(i, count)));
  }
}

// The member has everything up to `up_to`: it goes live, unless more was committed meanwhile.
void Shard::catch_up(net::Connection& connection, ConversationId conversation, hub::ReadNumber read, Seq up_to) {
  const hub::Member member = connection.id().value();
  if (!hub_.synced(member, conversation, read, up_to)) repair(member, conversation, read, up_to);
}

void Shard::repair(hub::Member member, ConversationId conversation, hub::ReadNumber number, Seq after) {
  const bool taken = read<LogPage>(
      net::ConnectionId{member},
      [this, conversation, after](chat::Reader& reader) {
        return read_missing(reader, *context_.directory.get(), conversation, after, context_.policy.resume_events_max);
      },
      [this, conversation, number, after](net::Connection& open, Session&, Result<LogPage> page) {
        repair_read(open, conversation, number, after, std::move(page));
      });
  if (!taken)
    loop_->after(read_retry_ms,
                 [this, member, conversation, number, after] { repair(member, conversation, number, after); });
}

void Shard::repair_read(net::Connection& connection, ConversationId conversation, hub::ReadNumber number, Seq after,
                        Result<LogPage> page) {
  const hub::Member member = connection.id().value();
  if (!hub_.awaits(member, conversation, number)) return;
  if (!page || page->events_json.empty()) {
    // The event was announced after its commit, so a reader that does not see it is late or broken: ask again.
    if (!page) log_error("missing events could not be read: {}", page.error().message);
    loop_->after(read_retry_ms,
                 [this, member, conversation, number, after] { repair(member, conversation, number, after); });
    return;
  }
  send_events(connection, conversation, page->events_json);
  catch_up(connection, conversation, number, page->last_seq);
}

}  // namespace clearline::app
