#include "conformance/suite/socket_peer.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/clock.h"

namespace clearline::ws::testing {

SocketPeer::SocketPeer(net::FileDescriptor fd) : fd_(std::move(fd)) {
  const int on = 1;
  ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::fcntl(fd_.get(), F_SETFL, ::fcntl(fd_.get(), F_GETFL) | O_NONBLOCK);
}

bool SocketPeer::read_some() {
  std::array<std::byte, 65536> buffer;
  const ssize_t count = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
  if (count > 0) in_.insert(in_.end(), buffer.begin(), buffer.begin() + count);
  if (count == 0) eof_ = true;
  if (count < 0 && errno != EAGAIN && errno != EINTR) reset_ = true;
  return count > 0;
}

bool SocketPeer::turn(std::int64_t deadline_ms) {
  if (eof_ || reset_) return false;
  const std::int64_t left_ms = deadline_ms - monotonic_now().ms;
  if (left_ms <= 0) return false;
  const bool sending = sent_ < out_.size();
  pollfd waiting{fd_.get(), static_cast<short>(POLLIN | (sending ? POLLOUT : 0)), 0};
  ::poll(&waiting, 1, static_cast<int>(left_ms));
  if ((waiting.revents & POLLOUT) != 0) {
    std::size_t size = out_.size() - sent_;
    if (write_bytes_ != 0) size = std::min(size, write_bytes_);
    const ssize_t count = ::send(fd_.get(), out_.data() + sent_, size, MSG_NOSIGNAL);
    if (count > 0) sent_ += static_cast<std::size_t>(count);
    // What the other side said before it went is still to be read.
    if (count < 0 && errno != EAGAIN && errno != EINTR) sent_ = out_.size();
  }
  if ((waiting.revents & (POLLIN | POLLHUP | POLLERR)) != 0) read_some();
  return true;
}

bool SocketPeer::send(const Bytes& bytes, std::size_t write_bytes) {
  out_ = bytes;
  sent_ = 0;
  write_bytes_ = write_bytes;
  while (sent_ < out_.size()) {
    if (!turn(monotonic_now().ms + patience_ms)) return false;
  }
  return true;
}

std::optional<ReadFrame> SocketPeer::next_frame() {
  const std::int64_t deadline_ms = monotonic_now().ms + patience_ms;
  while (true) {
    auto rest = std::span<const std::byte>(in_).subspan(taken_);
    if (auto frame = read_frame(rest)) {
      taken_ = in_.size() - rest.size();
      if (taken_ == in_.size()) {
        in_.clear();
        taken_ = 0;
      }
      return frame;
    }
    if (!turn(deadline_ms)) return std::nullopt;
  }
}

std::optional<std::string> SocketPeer::next_head() {
  const std::int64_t deadline_ms = monotonic_now().ms + patience_ms;
  while (true) {
    const std::string head(reinterpret_cast<const char*>(in_.data()) + taken_, in_.size() - taken_);
    if (const std::size_t end = head.find("\r\n\r\n"); end != head.npos) {
      taken_ += end + 4;
      return head.substr(0, end + 4);
    }
    if (!turn(deadline_ms)) return std::nullopt;
  }
}

bool SocketPeer::wait_for_eof() {
  const std::int64_t deadline_ms = monotonic_now().ms + patience_ms;
  while (turn(deadline_ms)) continue;
  return eof_ && !reset_ && taken_ == in_.size();
}

void SocketPeer::shut_down_sending() {
  ::shutdown(fd_.get(), SHUT_WR);
}

}  // namespace clearline::ws::testing
