// How a connection ended: the one classification that status, metrics, logs and screens all take their words from.
//
// Kept apart: the code that went out in our Close frame, the code that came in the peer's, and the status of the
// connection, which is one of the two or a verdict that no frame ever carries (no_status_received, abnormal_closure,
// tls_handshake).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "registry/registry.h"

namespace clearline::ws {

// One Close frame. A frame without a payload has no code (RFC 6455 section 5.5.1).
struct CloseFrame {
  std::optional<std::uint16_t> code = {};
  std::string reason = {};
};

// What the protocol machine knows.
struct Closing {
  std::optional<CloseFrame> sent = {};
  std::optional<CloseFrame> received = {};
  // Whether ours was the first of the two. Only the first says why the connection ended.
  bool sent_first = false;
  // Why we sent ours, when ours was the first.
  std::optional<registry::Cause> cause = {};
  // What the peer did wrong after our Close and before its own, if anything.
  std::optional<registry::Cause> violation = {};
};

// What the transport knows.
struct TransportEnd {
  // eof_without_close, connection_reset, write_failed, close_timeout, connect_failed, handshake_timeout, tls_failed…;
  // nothing while the transport is still up. When both Close frames were exchanged, it no longer matters.
  std::optional<registry::Cause> cause = {};
  // Whether our Close frame left: false if it was still queued when the transport ended. Then it was never sent.
  bool close_frame_left = true;
};

struct End {
  std::optional<std::uint16_t> sent_code = {};      // nothing if no Close was sent, or one without a code
  std::optional<std::uint16_t> received_code = {};  // the same for the peer's
  bool sent_close = false;
  bool received_close = false;
  std::uint16_t status = 0;
  registry::Origin origin = registry::Origin::network;
  registry::Cause cause = registry::Cause::eof_without_close;
  bool clean = false;  // both Close frames went over the wire
  // Why it is not clean although a Close frame went one way, as far as known.
  std::optional<registry::Cause> unclean_cause = {};
  std::string reason = {};  // of the Close frame that decided the status; else the cause's own text
};

// Total: every combination has exactly one answer, and it does not change once a Close frame went either way, except
// that `clean`, `unclean_cause` and the other side's code are filled in, and that a Close of ours that never left the
// machine counts as not sent.
[[nodiscard]] End classify_end(const Closing& closing, const TransportEnd& transport);

}  // namespace clearline::ws
