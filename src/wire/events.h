// What the server says, written as JSON text. See docs/reference/protocol.md. Views live as long as the call.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "registry/registry.h"
#include "wire/commands.h"

namespace clearline::wire {

enum class SenderRole : std::uint8_t { visitor, agent };

[[nodiscard]] std::string_view sender_role_name(SenderRole role);

struct SenderView {
  SenderRole role = SenderRole::visitor;
  std::int64_t id = 0;
  std::string_view name;  // agents only
};

struct EventView {
  Seq seq = 0;
  WallTime at;
  std::string_view kind;  // "message", "closed", "reopened"
  SenderView from;
  const ClientId* client_id = nullptr;
  std::string_view text;  // written for messages only
};

struct SummaryView {
  ConversationId conv;
  std::string_view site;
  std::int64_t version = 0;
  bool open = true;
  WallTime created_at;
  VisitorId visitor;
  bool visitor_online = false;
  Seq last_seq = 0;
  WallTime last_at;
  std::optional<SenderRole> last_role;  // none: no message yet
  std::string_view last_text;
  std::int64_t unread = 0;
  std::optional<WallTime> waiting_since;
  Seq visitor_delivered = 0;
  Seq visitor_seen = 0;
  Seq agents_delivered = 0;
  Seq agents_seen = 0;
};

struct SiteView {
  std::string_view key;
  std::string_view name;
};

struct AgentView {
  AgentId id;
  std::string_view name;
  std::string_view display_name;
  std::string_view role;  // "agent", "admin"
};

struct WelcomeView {
  std::string_view connection;
  std::string_view server_version;
  WallTime time;
  Epoch epoch;
  std::int64_t heartbeat_ms = 0;
  std::int64_t text_bytes_max = 0;
  std::int64_t resume_events_max = 0;
  // Visitors:
  VisitorId visitor;
  ConversationId conv;
  std::string_view new_token;  // empty: the client has it
  bool agents_online = false;
  // Agents:
  std::optional<AgentView> agent;
  std::span<const SiteView> sites;
};

[[nodiscard]] std::string welcome(const WelcomeView& view);
[[nodiscard]] std::string ack(RequestId id, ConversationId conv, const ClientId& client_id, Seq seq, WallTime at,
                              Epoch epoch, bool duplicate);
[[nodiscard]] std::string error(std::optional<RequestId> id, registry::ErrorName name, std::string_view message,
                                std::optional<std::int64_t> retry_after_ms = std::nullopt);

// The event alone, as it stands in `event` and in `events`.
void append_event(std::string& out, const EventView& view);
[[nodiscard]] std::string event(ConversationId conv, const EventView& view);
// `events_json`: each the text of append_event.
[[nodiscard]] std::string events(ConversationId conv, std::span<const std::string> events_json);
[[nodiscard]] std::string page(RequestId id, ConversationId conv, std::span<const std::string> events_json, bool more);

// Who reads a summary: an agent sees unread, waiting_since and version, a visitor does not.
enum class Audience : std::uint8_t { visitor, agent };
void append_summary(std::string& out, const SummaryView& view, Audience audience);

[[nodiscard]] std::string watching(std::optional<RequestId> id, ConversationId conv, Epoch epoch, Seq last_seq,
                                   Seq first_seq, bool more, const SummaryView& state, Audience audience);
[[nodiscard]] std::string reset(ConversationId conv, std::string_view reason);
[[nodiscard]] std::string typing(ConversationId conv, const SenderView& from, bool on);
[[nodiscard]] std::string receipt(ConversationId conv, SenderRole side, Seq delivered, Seq seen, std::int64_t unread);
[[nodiscard]] std::string visitor_presence(ConversationId conv, bool online);
[[nodiscard]] std::string agents_presence(std::string_view site, bool agents_online);
[[nodiscard]] std::string inbox(RequestId id, std::string_view site, InboxStatus status,
                                std::span<const SummaryView> conversations, std::string_view cursor);
// `summaries_json`: each the text of append_summary.
[[nodiscard]] std::string conversations(std::string_view site, std::span<const std::string_view> summaries_json);
[[nodiscard]] std::string pong(std::int64_t n, WallTime time);
// `cause` names why; `message` is for people who look at the details.
[[nodiscard]] std::string bye(std::uint16_t code, registry::Cause cause, std::string_view message,
                              std::int64_t retry_after_ms, std::int64_t spread_ms, bool resume);

}  // namespace clearline::wire
