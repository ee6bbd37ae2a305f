// One probe, as data: what is sent, what is demanded, and what each answer is worth. catalogue.h has them all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/inspect/observation.h"
#include "app/cli/inspect/verdict.h"
#include "http/response.h"

namespace clearline::app::inspect {

enum class Group : std::uint8_t {
  handshake,
  framing,
  control,
  messages,
  utf8,
  close_codes,
  closing,
  compression,
  limits
};

inline constexpr std::size_t group_count = 9;
[[nodiscard]] std::string_view group_name(Group group);   // "close-codes", as --only takes it
[[nodiscard]] std::string_view group_title(Group group);  // "Close codes"

// --- What is sent ---------------------------------------------------------------------------------------------------

// How an opening handshake differs from the ordinary one, which ws::make_request writes.
struct RequestEdits {
  std::string method = "GET";
  std::string version = "HTTP/1.1";
  bool absolute_target = false;           // "GET http://host/path"
  std::size_t target_padding_bytes = 0;   // this much more query
  std::vector<std::string> without = {};  // names of fields to leave out
  std::vector<http::Header> with = {};    // fields to add, as they are
  std::size_t padding_fields = 0;         // so many fields of a few bytes
  std::size_t padding_bytes = 0;          // and one field of this length
  friend bool operator==(const RequestEdits&, const RequestEdits&) = default;
};

struct Step {
  enum class Action : std::uint8_t {
    send,                  // the bytes, and then `fill_bytes` times the letter x
    send_without_reading,  // the same, while the server's answers pile up
    pause,                 // until the server ends the connection, for a part of the time-out
    await_answers,         // until the expected answers came, or the connection ended
    await_tcp_end,         // until the server closes TCP
    shut_down_sending,     // TCP FIN
    reset,                 // TCP RST; then see whether the server takes a new connection
    hold,                  // never close: see when the server lets go
  };
  Action action = Action::send;
  std::string bytes = {};
  std::uint64_t fill_bytes = 0;
};

// --- What is demanded -----------------------------------------------------------------------------------------------

enum class Demand : std::uint8_t {
  refuse_handshake,  // an HTTP error
  accept_handshake,  // 101
  fail_connection,   // a Close frame with one of `codes`
  answer,            // the `answers`, and an answer to our Close
  end_transport,     // TCP closed, with or without a Close frame before
  survive,           // a new connection is taken
  release,           // TCP closed although we hold it
};

// A message or pong that must come.
struct ExpectedAnswer {
  EventKind kind = EventKind::text;
  std::string payload = {};
  std::uint64_t fill_bytes = 0;  // as in Step
};

enum class ExtensionRule : std::uint8_t { any, not_granted, granted_if_supported };

struct Expectation {
  Demand demand = Demand::answer;
  std::string words = {};  // for people

  // refuse_handshake and accept_handshake
  std::vector<int> statuses = {};     // right ones; other errors of the client are allowed, of the server weak
  bool ordinary_http = false;         // no WebSocket was asked for: every status but 101 is right
  Verdict upgraded = Verdict::wrong;  // of a 101 where a refusal is demanded
  std::string required_field = {};    // without it a refusal is weak
  ExtensionRule extension = ExtensionRule::any;
  std::string refused_subprotocol = {};  // offered, and unknown to all: granting it is merely allowed

  // fail_connection; codes.front() is the one, the others are allowed
  std::vector<std::uint16_t> codes = {};
  Verdict accepted = Verdict::wrong;  // the server went on as if nothing were wrong
  Verdict late = Verdict::right;      // the right end, but only after a pause
  Verdict silent = Verdict::wrong;    // nothing at all

  // answer
  std::vector<ExpectedAnswer> answers = {};
  Verdict missing = Verdict::wrong;              // of answers that did not come although the connection ended well
  bool last_answer_suffices = false;             // then that is allowed (RFC 6455 section 5.5.3)
  std::optional<std::uint16_t> close_code = {};  // of our Close; nothing if it has none
};

// What a server must be able to do for the probe to mean anything.
struct Needs {
  bool echo = false;           // sends messages back
  bool compression = false;    // grants permessage-deflate
  bool message_limit = false;  // --message-bytes-max was given
};

struct Probe {
  std::string name = {};  // unique within all: "reserved-bit-1"
  Group group = Group::framing;
  std::string section = {};  // "RFC 6455 5.2"
  std::string sent = {};     // for people
  Needs needs = {};
  bool offers_compression = false;
  RequestEdits request = {};
  std::vector<Step> steps = {};
  Expectation expect = {};
};

// Part of every offence that has room for it, and of the ping behind: whatever of it comes back shows that the server
// went on as if nothing were wrong.
inline constexpr std::string_view marker = "clearline inspect";
[[nodiscard]] bool shows_acceptance(const Reply& reply);

}  // namespace clearline::app::inspect
