// Endpoint: what arrives, and how connections end.
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <utility>

#include "net/endpoint.h"
#include "net/system_calls.h"
#include "net/tls/session.h"

namespace clearline::net {

namespace {

// One peer that sends faster than we read must not starve the others; what is left is reported again next turn.
constexpr int full_reads_per_event_max = 4;
// Until the receive queue of a connection that cannot be written to any more is empty.
constexpr int last_reads_max = 64;

registry::Cause cause_of_read_error(int error) {
  return error == ETIMEDOUT || error == EHOSTUNREACH || error == ENETUNREACH ? registry::Cause::eof_without_close
                                                                             : registry::Cause::connection_reset;
}

}  // namespace

void Endpoint::on_ready(Connection& connection, std::uint32_t epoll_events) {
  // An event of the same batch may have ended it.
  if (connection.phase_ == Phase::free || connection.phase_ == Phase::dead) return;
  if (connection.phase_ == Phase::connecting) return early_writable(connection);
  if (connection.phase_ == Phase::proxy) return early_readable(connection);
  if ((epoll_events & EPOLLOUT) != 0) send_output(connection);
  if ((epoll_events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0 || connection.phase_ == Phase::dead) return;
  if ((connection.interest_ & EPOLLIN) != 0) return read(connection);
  // Not reading at the moment, so the error or hang-up cannot be read off in order behind the input.
  if ((epoll_events & (EPOLLHUP | EPOLLERR)) != 0) read_ended(connection, ECONNRESET);
}

void Endpoint::read(Connection& connection) {
  const std::span<char> buffer = loop_.receive_buffer();
  for (int i = 0; i < full_reads_per_event_max; ++i) {
    const ssize_t count = receive_bytes(connection.fd_, buffer);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return;
    if (count <= 0) return read_ended(connection, count == 0 ? 0 : errno);
    take_input(connection, buffer.first(static_cast<std::size_t>(count)));
    // A buffer not filled means that the kernel has no more: asking again would cost a call for EAGAIN.
    if (static_cast<std::size_t>(count) < buffer.size()) return;
    if (connection.phase_ == Phase::dead || (connection.interest_ & EPOLLIN) == 0) return;
  }
}

void Endpoint::take_input(Connection& connection, std::span<char> bytes) {
  if (connection.encrypted_) return decrypt(connection, bytes);
  dispatch(connection, bytes);
}

void Endpoint::dispatch(Connection& connection, std::span<char> bytes) {
  input_ = bytes;
  switch (connection.phase_) {
    case Phase::http:
    case Phase::handshake:
      early_input(connection, bytes);
      break;
    case Phase::open:
      if (may_reply_directly(connection)) replying_ = &connection;
      receive(connection, bytes);
      break;
    case Phase::flushing:
    case Phase::draining:
      discard(connection, bytes.size());
      break;
    case Phase::free:
    case Phase::proxy:
    case Phase::connecting:
    case Phase::dead:
      break;
  }
  input_ = {};
  if (std::exchange(buffer_referenced_, false)) flush_dirty();  // before the next read overwrites what it points to
}

void Endpoint::receive(Connection& connection, std::span<char> bytes) {
  connection.protocol_->receive(std::as_writable_bytes(bytes), connection);
  send_replies();
  if (connection.phase_ != Phase::open) return;
  // The application hears of the end now, not when the peer lets go of TCP.
  if (connection.end_due_ || connection.protocol_->state() == ws::State::closed) {
    deliver_end(connection, {});
    begin_flushing(connection);
  }
}

void Endpoint::on_message(Connection& connection, ws::MessageKind kind, std::span<const std::byte> payload) {
  if (connection.failure_) return;  // aborted by the message before
  handler_.on_message(connection, kind, ws::as_text(payload));
}

// Neither for a connection that the application does not know: open_and_close().
void Endpoint::on_ping(Connection& connection, std::span<const std::byte> payload) {
  if (connection.opened_) handler_.on_ping(connection, ws::as_text(payload));
}

void Endpoint::on_pong(Connection& connection, std::span<const std::byte> payload) {
  if (connection.opened_) handler_.on_pong(connection, ws::as_text(payload));
}

void Endpoint::read_ended(Connection& connection, int error) {
  const bool early = connection.phase_ == Phase::http || connection.phase_ == Phase::handshake;
  if (early && in_tls_handshake(connection)) return tls_handshake_cut(connection, error);
  if (error != 0) return transport_ended(connection, cause_of_read_error(error));
  connection.eof_ = true;
  switch (connection.phase_) {
    case Phase::open:
      // Only its sending is over for certain: what answers its last messages is still sent. Now, where the kernel takes
      // it, so that a Close of ours that was written in this turn counts as sent.
      flush(connection);
      if (connection.write_failed_) return;  // the end follows with what the kernel said
      deliver_end(connection, {cause_of_eof(connection), connection.queued_bytes() == 0});
      return begin_flushing(connection);
    case Phase::flushing:
      return update_interest(connection);
    case Phase::http:
    case Phase::handshake:
      if (early_eof(connection)) return update_interest(connection);
      [[fallthrough]];
    default:
      return transport_ended(connection, cause_of_eof(connection));
  }
}

// TLS tells an end that the peer meant from one that somebody on the way made (RFC 8446 section 6.1).
registry::Cause Endpoint::cause_of_eof(const Connection& connection) {
  const bool cut_off = connection.tls_ && !connection.tls_->close_received();
  return cut_off ? registry::Cause::tls_truncated : registry::Cause::eof_without_close;
}

void Endpoint::discard(Connection& connection, std::size_t bytes) {
  connection.drained_bytes_ += static_cast<std::uint32_t>(bytes);
  if (connection.drained_bytes_ > limits_.drain_bytes_max) close_transport(connection);
}

void Endpoint::write_failed(Connection& connection) {
  if (std::exchange(connection.write_failed_, true)) return;
  if (connection.output_) {
    connection.output_->clear();
    recycle_output(connection);
  }
  fail_later(connection, registry::Cause::write_failed);
}

void Endpoint::fail_later(Connection& connection, registry::Cause cause) {
  if (!connection.failure_) connection.failure_ = cause;
  note(connection);
}

void Endpoint::transport_ended(Connection& connection, registry::Cause cause) {
  if (connection.phase_ == Phase::open) {
    // The peer's Close may have arrived before writing failed: it explains more than the failure does.
    for (int i = 0; i < last_reads_max && cause == registry::Cause::write_failed; ++i) {
      const std::span<char> buffer = loop_.receive_buffer();
      const ssize_t count = receive_bytes(connection.fd_, buffer);
      if (count < 0 && errno == ECONNRESET) cause = registry::Cause::connection_reset;
      if (count <= 0) break;
      take_input(connection, buffer.first(static_cast<std::size_t>(count)));
      if (connection.phase_ != Phase::open) break;
    }
  }
  if (connection.phase_ == Phase::dead) return;
  if (connection.phase_ == Phase::open) {
    const bool close_left = !connection.write_failed_ && connection.queued_bytes() == 0;
    deliver_end(connection, {cause, close_left});
  } else if (connection.phase_ != Phase::flushing && connection.phase_ != Phase::draining) {
    early_end(connection, cause);
  }
  close_transport(connection);
}

// The peer did not answer our Close in time. It is drained all the same: closing with unread input would reset the
// connection, and our Close could be lost.
void Endpoint::close_timed_out(Connection& connection) {
  const bool close_left = connection.queued_bytes() == 0;
  if (!close_left || connection.write_failed_) return transport_ended(connection, registry::Cause::close_timeout);
  deliver_end(connection, {registry::Cause::close_timeout});
  begin_flushing(connection);
  // A client does not wait for the server any longer.
  if (connection.phase_ == Phase::draining && role_ == ws::Role::client) ::shutdown(connection.fd_, SHUT_WR);
}

void Endpoint::begin_flushing(Connection& connection) {
  connection.phase_ = Phase::flushing;
  connection.drained_bytes_ = 0;
  connection.reading_paused_ = false;
  set_deadline_in(connection, limits_.close_timeout_ms);
  if (connection.tls_ && !connection.write_failed_) {
    (void)queue_of(connection);
    // Our close_notify, behind everything else. Now: at the end of the turn the list of those with output may be under
    // way already.
    if ((connection.interest_ & EPOLLOUT) == 0) return send_output(connection);
  } else if (connection.queued_bytes() == 0) {
    return begin_draining(connection);
  }
  update_interest(connection);
}

void Endpoint::begin_draining(Connection& connection) {
  if (connection.eof_ || connection.write_failed_) return close_transport(connection);
  connection.phase_ = Phase::draining;
  // RFC 6455 section 7.1.1: the server closes TCP first, a client waits for it. Behind the shut-down the input is read
  // on, for closing a socket with unread input resets it, and the reset can overtake our Close.
  const bool failed = connection.tls_ && connection.tls_->failed();
  if (role_ == ws::Role::server || failed) ::shutdown(connection.fd_, SHUT_WR);
  set_deadline_in(connection, limits_.close_timeout_ms);
  update_interest(connection);
}

void Endpoint::close_transport(Connection& connection) {
  if (connection.phase_ == Phase::dead) return;
  if (connection.output_) {
    connection.output_->clear();
    recycle_output(connection);
  }
  if (connection.fd_ >= 0) ::close(std::exchange(connection.fd_, -1));
  connection.tls_.reset();
  connection.interest_ = 0;
  connection.phase_ = Phase::dead;
  table_.clear_deadline(connection);
  dead_.push_back(&connection);
  loop_.want_turn_end();
}

}  // namespace clearline::net
