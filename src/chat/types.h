// The domain's nouns: sites, visitors, agents, conversations and the events of a conversation's log.
// Pure values: no clock, no store, no JSON.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"

namespace clearline::chat {

// The ids belong to base/, since the wire speaks of them too.
using clearline::AgentId;
using clearline::ClientId;
using clearline::ConversationId;
using clearline::Epoch;
using clearline::Seq;
using clearline::SiteId;
using clearline::VisitorId;

enum class Role : std::uint8_t { visitor = 1, agent = 2 };  // stored: never renumber

// Who wrote an event. `id` is a VisitorId's or an AgentId's value, as `role` says.
struct Sender {
  Role role = Role::visitor;
  std::int64_t id = 0;
  friend constexpr auto operator<=>(const Sender&, const Sender&) = default;
};

enum class EventKind : std::uint8_t { message = 1, closed = 2, reopened = 3 };  // stored: never renumber

struct Event {
  Seq seq = 0;
  WallTime at;
  EventKind kind = EventKind::message;
  Sender from;
  std::optional<ClientId> client_id;  // none for events that no client asked for (reopened)
  std::string text;                   // UTF-8, only for message
  friend bool operator==(const Event&, const Event&) = default;
};

enum class ConversationStatus : std::uint8_t { open = 1, closed = 2 };  // stored: never renumber

// How far one side has come in a log. Both only grow, and seen <= delivered.
struct ReadCursor {
  Seq delivered = 0;
  Seq seen = 0;
  friend constexpr auto operator<=>(const ReadCursor&, const ReadCursor&) = default;
};

// The newest message, cut for a list.
struct Preview {
  EventKind kind = EventKind::message;
  Role role = Role::visitor;
  std::string text;  // at most preview_code_points_max code points
  friend bool operator==(const Preview&, const Preview&) = default;
};

inline constexpr std::size_t preview_code_points_max = 120;
inline constexpr std::size_t text_bytes_max = 16 * 1024;

// The state of a conversation: what its log adds up to, and the read cursors, which are not in the log.
struct Conversation {
  ConversationId id;
  SiteId site;
  VisitorId visitor;
  ConversationStatus status = ConversationStatus::open;
  WallTime created_at;
  Seq last_seq = 0;
  WallTime last_at;
  Seq last_visitor_seq = 0;               // seq of the visitor's newest message
  std::optional<WallTime> waiting_since;  // the oldest visitor message that no agent has answered
  std::int64_t unread = 0;                // visitor messages after agents.seen
  ReadCursor visitor_cursor;
  ReadCursor agents_cursor;  // shared by the agents of the site
  std::int64_t version = 0;  // grows with every change of this row
  std::optional<Preview> last;
  friend bool operator==(const Conversation&, const Conversation&) = default;
};

struct Site {
  SiteId id;
  std::string key;                           // [a-z0-9-]{1,40}; names the site in the script tag
  std::string name;                          // for people
  std::vector<std::string> allowed_origins;  // "https://shop.example"; "self" is the server's own origin; "*" any
  bool closed = false;
  WallTime created_at;
  friend bool operator==(const Site&, const Site&) = default;
};

enum class AgentRole : std::uint8_t { agent = 1, admin = 2 };  // stored: never renumber

struct Agent {
  AgentId id;
  std::string name;           // signs in with it: [a-z0-9._-]{1,64}
  std::string display_name;   // what visitors see
  std::string password_hash;  // libsodium's argon2id string
  AgentRole role = AgentRole::agent;
  bool disabled = false;
  std::vector<SiteId> sites;  // sorted; an admin has all sites, whatever stands here
  WallTime created_at;
  friend bool operator==(const Agent&, const Agent&) = default;
};

// A signed-in browser. Only the hash of its token is stored.
struct Session {
  std::array<std::byte, 32> token_hash{};
  AgentId agent;
  WallTime created_at;
  WallTime expires_at;
  friend bool operator==(const Session&, const Session&) = default;
};

}  // namespace clearline::chat
