// What a client says: a closed set of types with a total parse. See docs/reference/protocol.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "registry/registry.h"

namespace clearline::wire {

inline constexpr std::string_view subprotocol = "clearline.v1";

inline constexpr std::size_t message_bytes_max = 64 * 1024;
inline constexpr std::size_t resume_points_max = 100;
inline constexpr std::size_t page_events_max = 100;
inline constexpr std::size_t inbox_page_max = 100;

// The client's own number for a command; the answer carries it back.
using RequestId = std::int64_t;

enum class HelloRole : std::uint8_t { visitor, agent };
enum class InboxStatus : std::uint8_t { open, closed };

struct ResumePoint {
  ConversationId conv;
  Epoch epoch;
  Seq seq = 0;
};

struct Hello {
  HelloRole role = HelloRole::visitor;
  std::string site;    // visitor
  std::string token;   // visitor; empty for a new one
  std::string ticket;  // agent
  std::string client_name;
  std::string client_version;
  std::vector<ResumePoint> resume;
  bool visible = true;
};

struct Send {
  RequestId id = 0;
  ConversationId conv;
  ClientId client_id;
  std::string text;
};

struct Watch {
  RequestId id = 0;
  ConversationId conv;
  std::optional<ResumePoint> after;  // none: the newest page
};

struct Unwatch {
  ConversationId conv;
};

struct History {
  RequestId id = 0;
  ConversationId conv;
  Seq before = 0;
  std::size_t limit = 50;
};

struct Typing {
  ConversationId conv;
  bool on = false;
};

struct Receipt {
  ConversationId conv;
  Seq delivered = 0;
  Seq seen = 0;
};

struct Inbox {
  RequestId id = 0;
  std::string site;
  InboxStatus status = InboxStatus::open;
  std::size_t limit = 50;
  std::string cursor;
};

struct CloseConversation {
  RequestId id = 0;
  ConversationId conv;
  ClientId client_id;
};

struct Ping {
  std::int64_t n = 0;
  std::optional<bool> visible;
};

using ClientMessage =
    std::variant<Hello, Send, Watch, Unwatch, History, Typing, Receipt, Inbox, CloseConversation, Ping>;

// Why a text is not a message: goes back to the client as an `error`.
struct ParseError {
  registry::ErrorName name = registry::ErrorName::bad_json;
  std::string message;          // names the member and what is wrong with it
  std::optional<RequestId> id;  // the command's, if it could be read
};

// Total: any bytes give a message or an error. The text must be valid UTF-8 (the WebSocket layer has checked it).
[[nodiscard]] tl::expected<ClientMessage, ParseError> parse(std::string_view text);

// The request id, for commands that have one.
[[nodiscard]] std::optional<RequestId> request_id(const ClientMessage& message);

}  // namespace clearline::wire
