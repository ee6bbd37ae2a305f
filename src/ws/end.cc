#include "ws/end.h"

namespace clearline::ws {
namespace {

using registry::Cause;

// RFC 6455 section 7.1.5: a Close frame without a code counts as this verdict.
std::uint16_t status_of(const CloseFrame& frame) {
  return frame.code.value_or(registry::no_status_received);
}

// Without any Close frame the status is a verdict as well: never the code that the cause would have been sent with.
std::uint16_t verdict_for(Cause cause) {
  return registry::status_for(cause) == registry::tls_handshake ? registry::tls_handshake : registry::abnormal_closure;
}

void decide_by_our_close(End& end, const Closing& closing) {
  end.origin = registry::Origin::us;
  end.cause = closing.cause.value_or(Cause::application_closed);
  end.status = status_of(*closing.sent);
  end.reason = closing.sent->reason;
}

void decide_by_peers_close(End& end, const Closing& closing) {
  end.origin = registry::Origin::peer;
  end.cause = Cause::peer_closed;
  end.status = status_of(*closing.received);
  end.reason = closing.received->reason;
}

void decide_without_close(End& end, const Closing& closing, const TransportEnd& transport) {
  // A Close that was still queued did not reach the wire, but it says why the connection had to end.
  const bool ours_was_queued = closing.sent && closing.sent_first;
  if (ours_was_queued) {
    end.cause = closing.cause.value_or(Cause::application_closed);
  } else {
    // Nobody closed and the transport is up: to ask for an end then is an error of ours, and says so.
    end.cause = transport.cause.value_or(Cause::internal_error);
  }
  end.origin = registry::cause_entry(end.cause).origin;
  end.status = verdict_for(end.cause);
  end.reason = registry::cause_text(end.cause);
}

}  // namespace

End classify_end(const Closing& closing, const TransportEnd& transport) {
  End end;
  end.sent_close = closing.sent.has_value() && transport.close_frame_left;
  end.received_close = closing.received.has_value();
  if (end.sent_close) end.sent_code = closing.sent->code;
  if (end.received_close) end.received_code = closing.received->code;
  end.clean = end.sent_close && end.received_close;

  if (end.sent_close && closing.sent_first) {
    decide_by_our_close(end, closing);
  } else if (end.received_close) {
    decide_by_peers_close(end, closing);
  } else {
    decide_without_close(end, closing, transport);
  }
  const bool half_closed = end.sent_close != end.received_close;
  if (half_closed) end.unclean_cause = closing.violation ? closing.violation : transport.cause;
  return end;
}

}  // namespace clearline::ws
