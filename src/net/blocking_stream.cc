#include "net/blocking_stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "net/tls/session.h"

namespace clearline::net {

namespace {

Error system_error(const std::string& what) {
  return {ErrorCode::io, what + ": " + std::strerror(errno)};
}

using Status = BlockingStream::Status;

// Read from the kernel at a time when it is ciphertext.
constexpr std::size_t ciphertext_bytes = std::size_t{64} << 10;
// One record's plaintext (RFC 8446 section 5.1).
constexpr std::size_t sealed_bytes_max = 16384;

BlockingStream::Transfer failed_transfer() {
  if (errno == EAGAIN || errno == EWOULDBLOCK) return {Status::would_block, 0, 0};
  const bool reset = errno == ECONNRESET || errno == EPIPE;
  return {reset ? Status::reset : Status::failed, 0, errno};
}

}  // namespace

struct BlockingStream::Tls {
  TlsTransport transport;
  std::unique_ptr<TlsSession> session;  // refers to the transport
  std::vector<std::byte> ciphertext = std::vector<std::byte>(ciphertext_bytes);
  std::vector<std::byte> plaintext = std::vector<std::byte>(ciphertext_bytes + TlsSession::record_bytes_max);
  std::span<const std::byte> unread = {};  // of the plaintext
};

BlockingStream::BlockingStream() = default;
BlockingStream::BlockingStream(BlockingStream&&) noexcept = default;
BlockingStream& BlockingStream::operator=(BlockingStream&&) noexcept = default;
BlockingStream::~BlockingStream() = default;
BlockingStream::BlockingStream(FileDescriptor fd) : fd_(std::move(fd)) {}

// --- Connecting -----------------------------------------------------------------------------------------------------

Result<BlockingStream> BlockingStream::connect(const SocketAddress& address, MonotonicTime deadline) {
  BlockingStream stream(FileDescriptor(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)));
  if (!stream.fd_) return tl::unexpected(system_error("socket"));
  const std::string place = "cannot connect to " + address.text();
  const int on = 1;
  (void)::setsockopt(stream.fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // a delay at worst
  if (::connect(stream.fd_.get(), address.data(), address.size()) == 0) return stream;
  if (errno != EINPROGRESS) return tl::unexpected(system_error(place));
  CLEARLINE_TRY(const bool in_time, stream.wait({.write = true}, deadline));
  if (!in_time) return fail(ErrorCode::unavailable, place + ": timeout");
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(stream.fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return fail(ErrorCode::io, place + ": " + std::strerror(error));
  return stream;
}

Result<BlockingStream> BlockingStream::connect(const std::string& host, std::uint16_t port, MonotonicTime deadline) {
  CLEARLINE_TRY(const auto addresses, resolve(host, port));
  Result<BlockingStream> connected = fail(ErrorCode::not_found, "'" + host + "' has no address");
  for (const SocketAddress& address : addresses) {
    connected = connect(address, deadline);
    if (connected) break;
  }
  return connected;
}

Result<void> BlockingStream::start_tls(std::shared_ptr<const TlsClientContext> context, const std::string& host,
                                       MonotonicTime deadline) {
  const std::string place = "TLS with '" + host + "'";
  tls_ = std::make_unique<Tls>();
  tls_->session = TlsSession::connect(std::move(context), host, tls_->transport);
  if (!tls_->session) return fail(ErrorCode::io, place + " cannot be set up");
  while (!tls_->session->established()) {
    Transfer moved = flush_tls();
    if (moved.status == Status::moved) moved = receive_tls();
    if (tls_->session->failed()) {
      (void)flush_tls();  // our alert
      return fail(ErrorCode::io, place + ": " + std::string(registry::cause_text(tls_->session->failure().cause)) +
                                     " (" + tls_->session->failure().detail + ")");
    }
    if (moved.status == Status::end_of_stream) return fail(ErrorCode::io, place + ": the server closed the connection");
    if (moved.status == Status::reset || moved.status == Status::failed)
      return fail(ErrorCode::io, place + ": " + std::strerror(moved.errno_value));
    if (moved.status == Status::moved) continue;
    CLEARLINE_TRY(const bool in_time, wait({.read = true}, deadline));
    if (!in_time) return fail(ErrorCode::unavailable, place + ": timeout in the handshake");
  }
  return {};
}

// --- Moving bytes ---------------------------------------------------------------------------------------------------

BlockingStream::Transfer BlockingStream::send_some(std::span<const std::byte> bytes) {
  if (!tls_) return send_plain(bytes);
  const Transfer flushed = flush_tls();
  if (flushed.status != Status::moved) return flushed;
  bytes = bytes.first(std::min(bytes.size(), sealed_bytes_max));
  if (!tls_->session->seal(bytes, tls_->session->unsent())) return {Status::failed, 0, EPROTO};
  const Transfer sent = flush_tls();
  if (sent.status == Status::reset || sent.status == Status::failed) return sent;
  return {Status::moved, bytes.size(), 0};
}

BlockingStream::Transfer BlockingStream::receive_some(std::span<std::byte> buffer) {
  if (!tls_) return receive_plain(buffer);
  (void)flush_tls();  // what fails here fails the reading too
  if (!tls_->unread.empty()) return take_plaintext(buffer);
  const Transfer received = receive_tls();
  return tls_->unread.empty() ? received : take_plaintext(buffer);
}

BlockingStream::Transfer BlockingStream::send_plain(std::span<const std::byte> bytes) {
  ssize_t count = 0;
  do {
    count = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return failed_transfer();
  return {Status::moved, static_cast<std::size_t>(count), 0};
}

BlockingStream::Transfer BlockingStream::receive_plain(std::span<std::byte> buffer) {
  ssize_t count = 0;
  do {
    count = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return failed_transfer();
  if (count == 0) return {Status::end_of_stream, 0, 0};
  return {Status::moved, static_cast<std::size_t>(count), 0};
}

// Status::moved when nothing is left to be sent.
BlockingStream::Transfer BlockingStream::flush_tls() {
  std::string& unsent = tls_->session->unsent();
  while (!unsent.empty()) {
    const Transfer sent = send_plain(std::as_bytes(std::span(unsent)));
    if (sent.status != Status::moved) return sent;
    unsent.erase(0, sent.bytes);
  }
  return {Status::moved, 0, 0};
}

// Decrypts what has arrived into `unread`, which must be empty.
BlockingStream::Transfer BlockingStream::receive_tls() {
  if (tls_->session->close_received()) return {Status::end_of_stream, 0, 0};
  if (tls_->session->failed()) return {Status::failed, 0, EPROTO};
  const Transfer received = receive_plain(tls_->ciphertext);
  if (received.status != Status::moved) return received;
  const auto opened = tls_->session->receive(std::span(tls_->ciphertext).first(received.bytes), tls_->plaintext);
  tls_->unread = std::span(tls_->plaintext).first(opened.plaintext_bytes);
  if (opened.status == TlsSession::Status::failed) return {Status::failed, 0, EPROTO};
  if (opened.status == TlsSession::Status::closed) return {Status::end_of_stream, 0, 0};
  // A record that is not complete is nothing yet.
  return {tls_->unread.empty() && tls_->session->established() ? Status::would_block : Status::moved, 0, 0};
}

BlockingStream::Transfer BlockingStream::take_plaintext(std::span<std::byte> buffer) {
  const auto taken = tls_->unread.first(std::min(buffer.size(), tls_->unread.size()));
  std::memcpy(buffer.data(), taken.data(), taken.size());
  tls_->unread = tls_->unread.subspan(taken.size());
  return {Status::moved, taken.size(), 0};
}

Result<bool> BlockingStream::wait(Interest interest, MonotonicTime deadline) {
  constexpr std::int64_t poll_ms_max = 1'000'000;
  if (tls_ && interest.read && !tls_->unread.empty()) return true;
  if (tls_ && tls_->session->unsent_bytes() > 0) interest.write = true;
  pollfd poll{fd_.get(), static_cast<short>((interest.read ? POLLIN : 0) | (interest.write ? POLLOUT : 0)), 0};
  while (true) {
    const std::int64_t left_ms = std::max<std::int64_t>(deadline.ms - monotonic_now().ms, 0);
    const int ready = ::poll(&poll, 1, static_cast<int>(std::min(left_ms, poll_ms_max)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return tl::unexpected(system_error("poll"));
    if (ready == 0 && left_ms == 0) return false;
  }
}

void BlockingStream::shut_down_sending() {
  if (tls_) {
    tls_->session->close(tls_->session->unsent());
    (void)flush_tls();  // at worst the peer sees a stream cut off
  }
  (void)::shutdown(fd_.get(), SHUT_WR);  // fails only when the peer has reset the connection
}

void BlockingStream::reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  (void)::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  fd_.reset();
}

}  // namespace clearline::net
