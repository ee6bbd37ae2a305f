// What came back from the server after one probe, as it came; judge.h says what it is worth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "http/response.h"
#include "registry/registry.h"

namespace clearline::app::inspect {

enum class EventKind : std::uint8_t { text, binary, ping, pong };

struct Event {
  EventKind kind = EventKind::text;
  std::string payload = {};
  friend bool operator==(const Event&, const Event&) = default;
};

// A Close frame, right or wrong.
struct ReceivedClose {
  std::optional<std::uint16_t> code = {};  // nothing when the payload has less than two bytes
  std::string reason = {};                 // may be no UTF-8
  std::size_t payload_bytes = 0;
};

// The server's frames.
struct Reply {
  std::vector<Event> events = {};
  std::optional<ReceivedClose> close = {};
  // What our own codec, in the client's role, found wrong in the server's bytes.
  std::optional<registry::Cause> violation = {};
  bool data_after_close = false;
  bool control_after_close = false;
  bool too_much = false;  // more than the probe had room for; the rest was not read
};

enum class TcpEnd : std::uint8_t { none, fin, reset };

struct HttpAnswer {
  int status = 0;
  std::vector<http::Header> headers = {};
  // Why a 101 is none that a client may take (RFC 6455 section 4.1); empty when all is well.
  std::string invalid = {};
};

struct Observation {
  std::optional<std::string> connect_error = {};  // TCP (or TLS) did not come about
  std::optional<HttpAnswer> http = {};            // nothing when no answer came, or one that is not HTTP
  std::string not_http = {};                      // why what came is no HTTP answer
  Reply reply = {};
  TcpEnd tcp = TcpEnd::none;
  // How many pauses of the probe had passed when the server ended the connection: 0 when it did so before the first.
  std::size_t pauses_before_end = 0;
  std::int64_t waited_ms = 0;                 // from the end of the opening handshake to the end, or to giving up
  std::optional<bool> released = {};          // whether the server let go of a TCP connection that we held
  std::optional<bool> alive_afterwards = {};  // whether the server took a new connection after a reset
};

}  // namespace clearline::app::inspect
