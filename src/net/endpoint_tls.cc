// Endpoint: connections with TLS. Between the kernel and the rest of the endpoint stands the session: what arrives is
// decrypted into a buffer that all share, and what a turn has queued as plaintext is encrypted when it leaves.
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "net/endpoint.h"
#include "net/tls/buffers.h"

namespace clearline::net {

namespace {

// Encrypted ahead of a kernel that may not take it, and so what a slow connection may hold twice.
constexpr std::size_t ciphertext_bytes_max = std::size_t{128} << 10;

// Sends the front of the text and takes it off. After a failure errno has the reason.
SendStatus send_bytes(int fd, std::string& text) {
  std::size_t sent = 0;
  while (sent < text.size()) {
    const ssize_t count = ::send(fd, text.data() + sent, text.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK) return SendStatus::failed;
    const std::size_t taken = count < 0 ? 0 : static_cast<std::size_t>(count);
    sent += taken;
    // Less than offered: asking again would cost a call for EAGAIN.
    if (sent < text.size()) break;
  }
  text.erase(0, sent);
  return text.empty() ? SendStatus::all_sent : SendStatus::kernel_full;
}

}  // namespace

TlsBuffers& Endpoint::tls_buffers() {
  if (!tls_buffers_) tls_buffers_ = std::make_unique<TlsBuffers>();
  return *tls_buffers_;
}

bool Endpoint::in_tls_handshake(const Connection& connection) {
  return connection.encrypted_ && !(connection.tls_ && connection.tls_->established());
}

void Endpoint::flush_tls(Connection& connection) {
  (void)output(connection);
}

void Endpoint::decrypt(Connection& connection, std::span<char> bytes) {
  if (connection.phase_ == Phase::flushing || connection.phase_ == Phase::draining) {
    return discard(connection, bytes.size());  // nobody wants to know
  }
  if (!connection.tls_ && !begin_tls(connection, bytes)) return;
  if (!connection.tls_) return close_transport(connection);
  TlsSession& session = *connection.tls_;
  const bool was_established = session.established();
  const std::span<char> plaintext(tls_buffers().plaintext.get(), TlsBuffers::plaintext_bytes);
  const auto received = session.receive(std::as_bytes(bytes), std::as_writable_bytes(plaintext));
  if (session.unsent_bytes() > 0) flush_tls(connection);
  if (!was_established && session.established()) early_secured(connection);
  if (received.plaintext_bytes > 0) dispatch(connection, plaintext.first(received.plaintext_bytes));
  if (connection.phase_ == Phase::dead) return;
  if (received.status == TlsSession::Status::failed) return tls_failed(connection);
  const bool hears = connection.phase_ != Phase::flushing && connection.phase_ != Phase::draining;
  if (received.status == TlsSession::Status::closed && hears) read_ended(connection, 0);
}

void Endpoint::tls_failed(Connection& connection) {
  const TlsFailure failure = connection.tls_->failure();
  if (connection.phase_ == Phase::http || connection.phase_ == Phase::handshake) {
    return end_tls_handshake(connection, failure);
  }
  if (connection.phase_ != Phase::open) return;
  const bool close_left = !connection.output_ || connection.output_->bytes() == 0;
  deliver_end(connection, {failure.cause, close_left}, failure.detail);
  if (connection.output_) connection.output_->clear();  // can be encrypted no more; our alert is not in it
  begin_flushing(connection);
}

// TCP ended while the TLS handshake was going on.
void Endpoint::tls_handshake_cut(Connection& connection, int error) {
  (error == 0 ? connection.eof_ : connection.write_failed_) = true;
  const std::string how = error == 0 ? "the connection ended" : std::strerror(error);
  end_tls_handshake(connection, {registry::Cause::tls_failed, "in the TLS handshake: " + how});
}

void Endpoint::end_tls_handshake(Connection& connection, const TlsFailure& failure) {
  early_tls_failed(connection, failure);
  if (connection.output_) connection.output_->clear();
  if (connection.tls_) return begin_flushing(connection);
  close_transport(connection);
}

SendStatus Endpoint::send_encrypted(Connection& connection) {
  TlsSession& session = *connection.tls_;
  OutputQueue& queue = *connection.output_;
  TlsBuffers& buffers = tls_buffers();
  const std::span<std::byte> scratch(buffers.piece.get(), TlsBuffers::piece_bytes);
  while (true) {
    // What was encrypted before goes first: records have an order.
    std::string& ciphertext = buffers.ciphertext;
    ciphertext.assign(std::exchange(session.unsent(), {}));
    while (queue.bytes() > 0 && ciphertext.size() < ciphertext_bytes_max) {
      const auto piece = queue.front(scratch);
      if (!session.seal(piece, ciphertext)) return SendStatus::failed;
      queue.remove_sent(piece.size());
    }
    if (connection.phase_ == Phase::flushing && queue.bytes() == 0) session.close(ciphertext);
    const SendStatus status = send_bytes(connection.fd_, ciphertext);
    if (status == SendStatus::kernel_full) session.unsent() = ciphertext;
    if (status != SendStatus::all_sent || queue.bytes() == 0) return status;
  }
}

}  // namespace clearline::net
