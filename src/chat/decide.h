// What may happen in a conversation, and what follows: decide(state, command, now) -> facts. Pure: the shell loads the
// state, calls decide, stores the facts in one transaction, and only then tells anybody.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "chat/types.h"

namespace clearline::chat {

// Who acts, with the rights that the session gave. Views live as long as the call.
struct Actor {
  Sender sender;
  bool all_sites = false;         // admins
  std::span<const SiteId> sites;  // agents: the sites they serve, sorted; visitors: their one site
};

[[nodiscard]] bool may_act_on(const Actor& actor, SiteId site);

// Posts a message. A visitor's first message creates its conversation: `id` must then be the visitor's own, which the
// caller knows from the visitor's token, and `site` the site of that token.
struct PostMessage {
  ConversationId id;
  SiteId site;
  ClientId client_id;
  std::string text;
};

struct CloseConversation {
  ConversationId id;
  ClientId client_id;
};

// This side has received up to `delivered` and seen up to `seen`. Never goes back; what is beyond the log is cut to it.
struct MoveCursor {
  ConversationId id;
  Seq delivered = 0;
  Seq seen = 0;
};

using LogCommand = std::variant<PostMessage, CloseConversation>;

// The command was carried out before, under the same client_id.
struct Duplicate {
  Seq seq = 0;
  WallTime at;
};

// New events, in order; the last one is what the command asked for.
struct Facts {
  std::vector<Event> events;
  Conversation state;  // after the events
};

using Decision = std::variant<Facts, Duplicate>;

// Why a command was refused, besides Error::code: names of the wire's error catalogue.
enum class Refusal : std::uint8_t {
  none,
  text_empty,
  too_large,
  not_found,
  forbidden,
  conversation_closed,
  duplicate_mismatch
};

struct Refused {
  Refusal refusal = Refusal::none;
  std::string message;
};

// `state` is null if the conversation does not exist; `prior` is the event with the command's client_id, if any.
[[nodiscard]] tl::expected<Decision, Refused> decide(const Conversation* state, const std::optional<Event>& prior,
                                                     const Actor& actor, const LogCommand& command, WallTime now);

// Replays one event on a state: decide's own step, and the check that the log adds up to the state.
void apply(Conversation& state, const Event& event);

// Moves the actor's side. Nothing if it would not change. `visitor_messages_after_seen` is asked only when the agents'
// cursor stops short of the visitor's newest message.
template <typename CountVisitorMessages>
[[nodiscard]] std::optional<Conversation> move_cursor(const Conversation& state, Role side, MoveCursor command,
                                                      CountVisitorMessages&& visitor_messages_after_seen);

// At most `code_points_max` code points of valid UTF-8, never a broken one; white space runs become one space.
[[nodiscard]] std::string cut_preview(std::string_view text, std::size_t code_points_max);

template <typename CountVisitorMessages>
std::optional<Conversation> move_cursor(const Conversation& state, Role side, MoveCursor command,
                                        CountVisitorMessages&& visitor_messages_after_seen) {
  Conversation next = state;
  ReadCursor& cursor = side == Role::visitor ? next.visitor_cursor : next.agents_cursor;
  const Seq seen = std::min(command.seen, state.last_seq);
  const Seq delivered = std::max(seen, std::min(command.delivered, state.last_seq));
  const ReadCursor before = cursor;
  cursor.seen = std::max(cursor.seen, seen);
  cursor.delivered = std::max(cursor.delivered, delivered);
  if (cursor == before) return std::nullopt;
  if (side == Role::agent && cursor.seen != before.seen)
    next.unread = cursor.seen >= state.last_visitor_seq ? 0 : visitor_messages_after_seen(cursor.seen);
  ++next.version;
  return next;
}

}  // namespace clearline::chat
