// What the server says, as a client reads it (docs/reference/protocol.md). Total: any text gives a message or an Error.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/cli/replay/checker.h"
#include "base/ids.h"
#include "base/result.h"

namespace clearline::app::replay {

// Texts are views into the reader: they live until the next message is read.
struct Welcome {
  Epoch epoch;
  std::int64_t heartbeat_ms = 0;
  std::optional<ConversationId> conv;  // a visitor's
  std::string_view token;              // only when newly made
};

struct Ack {
  std::int64_t id = 0;
  ConversationId conv;
  ClientId client_id;
  Seq seq = 0;
  Epoch epoch;
  bool duplicate = false;
};

struct ErrorReply {
  std::optional<std::int64_t> id;
  std::string_view name;
  std::string_view message;
  bool retryable = false;
  std::int64_t retry_after_ms = 0;
};

// One event, or several.
struct Events {
  ConversationId conv;
  std::vector<Seen> events;
};

struct Watching {
  ConversationId conv;
  Epoch epoch;
  Seq last_seq = 0;
  Seq first_seq = 0;
  bool more = false;
};

struct Reset {
  ConversationId conv;
  std::string_view reason;
};

struct Page {
  std::int64_t id = 0;
  ConversationId conv;
  std::vector<Seen> events;
  bool more = false;
};

struct Bye {
  std::uint16_t code = 0;
  std::string_view cause;
  std::string_view message;
  std::int64_t retry_after_ms = 0;
  std::int64_t spread_ms = 0;
};

// What this client does not act on: pong, presence, typing, receipts, summaries, and types that it does not know.
struct Other {};

using ServerMessage = std::variant<Other, Welcome, Ack, ErrorReply, Events, Watching, Reset, Page, Bye>;

class MessageReader {
 public:
  MessageReader();
  ~MessageReader();

  // The error names the member that is missing or wrong.
  [[nodiscard]] Result<ServerMessage> read(std::string_view text);

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

}  // namespace clearline::app::replay
