// Endpoint: what is sent. What a connection says while its own input is handled leaves behind that, in one call and
// without a queue. Everything else that a turn writes is queued and leaves at its end, in one call a connection.
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <functional>
#include <string>
#include <utility>

#include "net/endpoint.h"
#include "net/system_calls.h"

namespace clearline::net {

namespace {

// Copying less than this is cheaper than another piece in a gathered write.
constexpr std::size_t copied_bytes_max = 4096;
// A broadcast to very many leaves in portions: their queues are then used again while they are in the cache.
constexpr std::size_t dirty_connections_max = 1024;
constexpr std::size_t spare_outputs_max = 1024;

}  // namespace

// Output has an order: behind a queue, even one of this turn, replies are queued too. With TLS there are records to
// make.
bool Endpoint::may_reply_directly(const Connection& connection) const {
  return !connection.output_ && !connection.encrypted_ && !connection.write_failed_;
}

void Endpoint::send_replies() {
  if (replying_ == nullptr) return;
  Connection& connection = *std::exchange(replying_, nullptr);
  const auto replies = replies_.take();
  if (replies.empty()) return;
  const ssize_t sent = send_bytes(connection.fd_, replies);
  if (sent == static_cast<ssize_t>(replies.size())) return;
  if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) return write_failed(connection);
  const auto rest = ws::as_text(replies.subspan(sent < 0 ? 0 : static_cast<std::size_t>(sent)));
  queue_of(connection).append_text(std::string(rest));
  check_marks(connection);
  update_interest(connection);
}

// In front of what cannot leave directly.
void Endpoint::queue_replies(Connection& connection) {
  if (replying_ != &connection) return;
  replying_ = nullptr;
  const auto replies = replies_.take();
  if (!replies.empty()) queue_of(connection).append_copy(replies, {}, cork_);
}

OutputQueue& Endpoint::queue_of(Connection& connection) {
  if (!connection.output_) {
    if (spare_outputs_.empty()) {
      connection.output_ = std::make_unique<OutputQueue>();
    } else {
      connection.output_ = std::move(spare_outputs_.back());
      spare_outputs_.pop_back();
    }
  }
  return *connection.output_;
}

OutputQueue& Endpoint::output(Connection& connection) {
  queue_replies(connection);
  if (!connection.dirty_) {
    if (dirty_.size() >= dirty_connections_max) flush_dirty();
    connection.dirty_ = true;
    dirty_.push_back(&connection);
    loop_.want_turn_end();
  }
  return queue_of(connection);
}

bool Endpoint::lies_in_input(std::span<const std::byte> bytes) const {
  const auto buffer = std::as_bytes(input_);
  const std::less_equal<> not_behind;
  return not_behind(buffer.data(), bytes.data()) &&
         not_behind(bytes.data() + bytes.size(), buffer.data() + buffer.size());
}

void Endpoint::write(Connection& connection, std::span<const std::byte> head, std::span<const std::byte> body) {
  const bool by_reference = body.size() > copied_bytes_max && lies_in_input(body);
  if (replying_ == &connection && !by_reference) {
    if (replies_.append(head, body)) return;
    send_replies();
    if (may_reply_directly(connection)) replying_ = &connection;
    if (replying_ == &connection && replies_.append(head, body)) return;
  }
  if (connection.write_failed_ || connection.phase_ == Phase::dead) return;
  // Behind our Close only pongs are written. To a peer that sends pings and takes nothing they would pile up without a
  // limit, for a slow consumer cannot be closed twice. RFC 6455 section 5.5.3 lets pongs be left out.
  if (connection.close_started_ && connection.queued_bytes() > limits_.outgoing_bytes_max) return;
  // A turn that writes more than the cork holds leaves in portions, from memory that is still in the cache.
  if (!cork_.has_room_for(head.size() + (by_reference ? 0 : body.size()))) flush_dirty();
  OutputQueue& queue = output(connection);
  if (by_reference) {
    queue.append_copy(head, {}, cork_);
    queue.append_transient(body);
    buffer_referenced_ = true;
  } else {
    queue.append_copy(head, body, cork_);
  }
  if (queue.bytes() > limits_.outgoing_bytes_max) flush(connection);
}

const ws::SharedFrame* Endpoint::shareable(Connection& connection, const ws::SharedFrame& frame) {
  return connection.protocol_->shareable(frame, shared_compression_);
}

void Endpoint::write_frame(Connection& connection, const ws::SharedFrame& frame) {
  if (connection.write_failed_ || connection.phase_ == Phase::dead) return;
  OutputQueue& queue = output(connection);
  queue.append_frame(frame);
  if (queue.bytes() > limits_.outgoing_bytes_max) flush(connection);
}

void Endpoint::flush_dirty() {
  for (Connection* connection : dirty_) {
    connection->dirty_ = false;
    flush(*connection);
  }
  dirty_.clear();
  cork_.reset();
}

void Endpoint::flush(Connection& connection) {
  if (!connection.output_ || connection.fd_ < 0) return;
  if ((connection.interest_ & EPOLLOUT) != 0) {
    // The kernel was full and will say when it is not: trying would only cost a call.
    connection.output_->persist();
    return check_marks(connection);
  }
  send_output(connection);
}

void Endpoint::send_output(Connection& connection) {
  if (!connection.output_) return after_flush(connection);
  switch (connection.tls_ ? send_encrypted(connection) : connection.output_->send(connection.fd_)) {
    case SendStatus::all_sent:
      return after_flush(connection);
    case SendStatus::kernel_full:
      connection.output_->persist();
      check_marks(connection);
      // The rest of a response on its way: slow is not dead.
      if (!connection.protocol_ && !in_tls_handshake(connection))
        set_deadline_in(connection, limits_.write_stall_timeout_ms);
      return update_interest(connection);
    case SendStatus::failed:
      return write_failed(connection);
  }
}

void Endpoint::after_flush(Connection& connection) {
  if (connection.output_) recycle_output(connection);
  update_interest(connection);
  if (connection.phase_ == Phase::flushing) return begin_draining(connection);
  if (connection.phase_ == Phase::http) return early_flushed(connection);
  if (std::exchange(connection.above_low_, false)) {
    connection.drained_ = true;
    note(connection);
  }
}

void Endpoint::recycle_output(Connection& connection) {
  if (spare_outputs_.size() < spare_outputs_max && connection.output_->reusable()) {
    spare_outputs_.push_back(std::move(connection.output_));
  }
  connection.output_.reset();
}

void Endpoint::check_marks(Connection& connection) {
  const std::size_t queued = connection.queued_bytes();
  if (queued > limits_.outgoing_low_bytes) {
    connection.above_low_ = true;
  } else if (std::exchange(connection.above_low_, false)) {
    connection.drained_ = true;
    note(connection);
  }
  // What a static file or an answer takes is not the peer's fault, only what it lets pile up.
  if (queued > limits_.outgoing_bytes_max && connection.phase_ == Phase::open && !connection.overflowed_) {
    connection.overflowed_ = true;
    note(connection);
  }
}

void Endpoint::update_interest(Connection& connection) {
  if (connection.fd_ < 0) return;
  std::uint32_t wanted = 0;
  if (!connection.reading_paused_ && !connection.eof_) wanted |= EPOLLIN;
  // What this turn has written is tried at its end; only what the kernel refused waits for the event.
  const bool kernel_full = !connection.dirty_ || (connection.interest_ & EPOLLOUT) != 0;
  if (connection.queued_bytes() > 0 && kernel_full) wanted |= EPOLLOUT;
  if (wanted == connection.interest_) return;
  connection.interest_ = wanted;
  loop_.change(connection.fd_, wanted, connection);
}

void Endpoint::close_begun(Connection& connection) {
  connection.close_started_ = true;
  connection.reading_paused_ = false;
  update_interest(connection);
  set_deadline_in(connection, limits_.close_timeout_ms);
}

}  // namespace clearline::net
