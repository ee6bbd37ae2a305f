#include "net/connection.h"

#include <sys/socket.h>

#include "net/client_endpoint.h"
#include "net/endpoint.h"
#include "net/http_exchange.h"
#include "net/output_queue.h"
#include "net/proxied.h"
#include "net/tls/session.h"

namespace clearline::net {

Connection::Connection() = default;
Connection::~Connection() = default;

ConnectionId Connection::id() const {
  return endpoint_->id_of(*this);
}
Loop& Connection::loop() const {
  return endpoint_->loop();
}

bool Connection::is_open() const {
  return phase_ == Phase::open && !ended_ && !failure_ && protocol_->may_send() && (!overflowed_ || last_word_);
}

bool Connection::send_text(std::string_view text) {
  return is_open() && protocol_->send_message(ws::MessageKind::text, ws::as_payload(text), *this);
}

bool Connection::send_binary(std::string_view payload) {
  return is_open() && protocol_->send_message(ws::MessageKind::binary, ws::as_payload(payload), *this);
}

bool Connection::send(const ws::SharedFrame& frame) {
  if (!is_open() || !frame) return false;
  if (const ws::SharedFrame* shared = endpoint_->shareable(*this, frame)) {
    endpoint_->write_frame(*this, *shared);
    return true;
  }
  const auto kind = frame.opcode() == ws::Opcode::text ? ws::MessageKind::text : ws::MessageKind::binary;
  return protocol_->send_message(kind, frame.payload(), *this);
}

bool Connection::send_ping(std::string_view payload) {
  return is_open() && protocol_->send_ping(ws::as_payload(payload), *this);
}

bool Connection::send_pong(std::string_view payload) {
  return is_open() && protocol_->send_pong(ws::as_payload(payload), *this);
}

void Connection::close(std::uint16_t code, registry::Cause cause, std::string_view reason) {
  if (phase_ != Phase::open || ended_ || failure_ || !protocol_->may_send()) return;
  protocol_->close(code, reason, cause, *this);
  endpoint_->close_begun(*this);
}

void Connection::close(registry::Cause cause) {
  if (phase_ != Phase::open || ended_ || failure_ || !protocol_->may_send()) return;
  protocol_->close(cause, *this);
  endpoint_->close_begun(*this);
}

void Connection::abort(registry::Cause cause) {
  if (fd_ < 0 || failure_) return;
  const linger reset_on_close{1, 0};
  (void)::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &reset_on_close, sizeof reset_on_close);
  endpoint_->fail_later(*this, cause);
}

std::size_t Connection::queued_bytes() const {
  if (!output_) return endpoint_->reply_bytes(*this);
  return output_->bytes() + (tls_ ? tls_->unsent_bytes() : 0);
}

void Connection::set_deadline(MonotonicTime deadline) {
  if (is_open()) endpoint_->set_deadline_at(*this, deadline);
}

void Connection::clear_deadline() {
  if (is_open()) endpoint_->clear_deadline(*this);
}

void Connection::pause_reading() {
  if (!is_open()) return;
  reading_paused_ = true;
  endpoint_->update_interest(*this);
}

void Connection::resume_reading() {
  if (!reading_paused_) return;
  reading_paused_ = false;
  endpoint_->update_interest(*this);
}

const Negotiated& Connection::negotiated() const {
  return endpoint_->negotiated(*this);
}

Result<SocketAddress> Connection::peer_address() const {
  if (proxied_ && proxied_->address) return *proxied_->address;
  return SocketAddress::peer_of(fd_);
}

std::string Connection::tls_description() const {
  if (!tls_ || !tls_->established()) return {};
  return std::string(tls_->version_name()) + ", " + tls_->cipher_name();
}

void Connection::on_ready(std::uint32_t epoll_events) {
  endpoint_->on_ready(*this, epoll_events);
}

void Connection::on_message(ws::MessageKind kind, std::span<const std::byte> payload) {
  endpoint_->on_message(*this, kind, payload);
}

void Connection::on_ping(std::span<const std::byte> payload) {
  endpoint_->on_ping(*this, payload);
}

void Connection::on_pong(std::span<const std::byte> payload) {
  endpoint_->on_pong(*this, payload);
}

void Connection::on_closing() {
  end_due_ = true;
}

void Connection::write(std::span<const std::byte> head, std::span<const std::byte> body) {
  endpoint_->write(*this, head, body);
}

std::uint32_t Connection::next_mask_key() {
  return endpoint_->next_mask_key();
}

}  // namespace clearline::net
