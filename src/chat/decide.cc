#include "chat/decide.h"

#include <fmt/core.h>

namespace clearline::chat {

namespace {

using Outcome = tl::expected<Decision, Refused>;

tl::unexpected<Refused> refuse(Refusal refusal, std::string message) {
  return tl::unexpected<Refused>(Refused{refusal, std::move(message)});
}

Event next_event(const Conversation& state, EventKind kind, const Actor& actor, WallTime now) {
  Event event;
  event.seq = state.last_seq + 1;
  // The wall clock may jump back; a log whose times do not grow would sort wrongly in every list.
  event.at = std::max(now, state.last_at);
  event.kind = kind;
  event.from = actor.sender;
  return event;
}

void add(Facts& facts, Event event) {
  apply(facts.state, event);
  facts.events.push_back(std::move(event));
}

// The visitor's conversation before its first message.
Conversation new_conversation(const PostMessage& command, const Actor& actor, WallTime now) {
  Conversation state;
  state.id = command.id;
  state.site = command.site;
  state.visitor = VisitorId{actor.sender.id};
  state.created_at = now;
  return state;
}

// A visitor sees only its own conversation, an agent those of its sites; to all others it does not exist.
bool may_see(const Conversation& state, const Actor& actor) {
  if (actor.sender.role == Role::visitor) return state.visitor.value() == actor.sender.id;
  return may_act_on(actor, state.site);
}

Outcome decide_post(const Conversation* state, const std::optional<Event>& prior, const Actor& actor,
                    const PostMessage& command, WallTime now) {
  if (command.text.empty()) return refuse(Refusal::text_empty, "send.text is empty");
  if (command.text.size() > text_bytes_max)
    return refuse(Refusal::too_large,
                  fmt::format("send.text has {} bytes, the limit is {}", command.text.size(), text_bytes_max));
  if (state == nullptr && actor.sender.role == Role::agent)
    return refuse(Refusal::not_found, "send.conv: there is no such conversation");
  if (state != nullptr && !may_see(*state, actor))
    return refuse(Refusal::not_found, "send.conv: there is no such conversation");
  if (prior) {
    if (prior->kind != EventKind::message || prior->from != actor.sender || prior->text != command.text)
      return refuse(Refusal::duplicate_mismatch,
                    fmt::format("send.client_id was used before, for another message (seq {})", prior->seq));
    return Duplicate{prior->seq, prior->at};
  }
  Facts facts{{}, state != nullptr ? *state : new_conversation(command, actor, now)};
  if (facts.state.status == ConversationStatus::closed)
    add(facts, next_event(facts.state, EventKind::reopened, actor, now));
  Event message = next_event(facts.state, EventKind::message, actor, now);
  message.client_id = command.client_id;
  message.text = command.text;
  add(facts, std::move(message));
  return facts;
}

Outcome decide_close(const Conversation* state, const std::optional<Event>& prior, const Actor& actor,
                     const CloseConversation& command, WallTime now) {
  if (state == nullptr || !may_see(*state, actor))
    return refuse(Refusal::not_found, "close_conversation.conv: there is no such conversation");
  if (actor.sender.role != Role::agent)
    return refuse(Refusal::forbidden, "close_conversation: only an agent may close a conversation");
  if (prior) {
    if (prior->kind != EventKind::closed || prior->from != actor.sender)
      return refuse(
          Refusal::duplicate_mismatch,
          fmt::format("close_conversation.client_id was used before, for another event (seq {})", prior->seq));
    return Duplicate{prior->seq, prior->at};
  }
  if (state->status == ConversationStatus::closed)
    return refuse(Refusal::conversation_closed, "close_conversation.conv: the conversation is closed already");
  Facts facts{{}, *state};
  Event closed = next_event(facts.state, EventKind::closed, actor, now);
  closed.client_id = command.client_id;
  add(facts, std::move(closed));
  return facts;
}

}  // namespace

bool may_act_on(const Actor& actor, SiteId site) {
  return actor.all_sites || std::binary_search(actor.sites.begin(), actor.sites.end(), site);
}

Outcome decide(const Conversation* state, const std::optional<Event>& prior, const Actor& actor,
               const LogCommand& command, WallTime now) {
  if (const auto* post = std::get_if<PostMessage>(&command)) return decide_post(state, prior, actor, *post, now);
  return decide_close(state, prior, actor, std::get<CloseConversation>(command), now);
}

void apply(Conversation& state, const Event& event) {
  CLEARLINE_ASSERT(event.seq == state.last_seq + 1);
  state.last_seq = event.seq;
  state.last_at = event.at;
  ++state.version;
  switch (event.kind) {
    case EventKind::closed:
      state.status = ConversationStatus::closed;
      state.waiting_since.reset();
      return;
    case EventKind::reopened:
      state.status = ConversationStatus::open;
      return;
    case EventKind::message:
      break;
  }
  state.last = Preview{event.kind, event.from.role, cut_preview(event.text, preview_code_points_max)};
  if (event.from.role == Role::agent) {
    state.waiting_since.reset();
    return;
  }
  if (!state.waiting_since) state.waiting_since = event.at;
  state.last_visitor_seq = event.seq;
  ++state.unread;
}

std::string cut_preview(std::string_view text, std::size_t code_points_max) {
  std::string out;
  bool space_pending = false;
  std::size_t code_points = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (lead <= 0x20) {
      space_pending = !out.empty();
      ++i;
      continue;
    }
    if (code_points + (space_pending ? 1 : 0) >= code_points_max) break;
    if (space_pending) {
      out += ' ';
      ++code_points;
      space_pending = false;
    }
    out += text.substr(i, length);
    ++code_points;
    i += length;
  }
  return out;
}

}  // namespace clearline::chat
