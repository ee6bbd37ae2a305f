#include "net/output_queue.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "net/system_calls.h"

namespace clearline::net {

namespace {

// More than a turn's pieces usually are; what does not fit goes with the next call.
constexpr std::size_t gathered_segments_max = 64;

std::span<const std::byte> as_bytes(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace

Cork::Cork(std::size_t bytes) : memory_(new std::byte[bytes]), size_(bytes) {}

std::byte* Cork::take(std::size_t bytes) {
  if (!has_room_for(bytes)) return nullptr;
  return memory_.get() + std::exchange(used_, used_ + bytes);
}

OutputQueue::OutputQueue() = default;
OutputQueue::~OutputQueue() = default;

void OutputQueue::append_copy(std::span<const std::byte> head, std::span<const std::byte> body, Cork& cork) {
  const std::size_t size = head.size() + body.size();
  std::byte* place = cork.take(size);
  if (place == nullptr) {
    std::string text;
    text.reserve(size);
    text.append(reinterpret_cast<const char*>(head.data()), head.size());
    text.append(reinterpret_cast<const char*>(body.data()), body.size());
    return append_text(std::move(text));
  }
  std::memcpy(place, head.data(), head.size());
  if (!body.empty()) std::memcpy(place + head.size(), body.data(), body.size());
  if (segments_.size() > first_) {
    Segment& last = segments_.back();
    // Replies of one turn lie side by side in the cork: one segment, and mostly one plain send.
    if (last.transient && last.bytes.data() + last.bytes.size() == place) {
      last.bytes = {last.bytes.data(), last.bytes.size() + size};
      bytes_ += size;
      return;
    }
  }
  append_transient({place, size});
}

void OutputQueue::append_transient(std::span<const std::byte> bytes) {
  append({bytes, true, {}, nullptr});
}
void OutputQueue::append_permanent(std::span<const std::byte> bytes) {
  append({bytes, false, {}, nullptr});
}

void OutputQueue::append_text(std::string text) {
  auto owner = std::make_unique<std::string>(std::move(text));
  const auto bytes = as_bytes(*owner);
  append({bytes, false, {}, std::move(owner)});
}

void OutputQueue::append_frame(const ws::SharedFrame& frame) {
  append({frame.bytes(), false, frame, nullptr});
}

void OutputQueue::append(Segment segment) {
  if (segment.bytes.empty()) return;
  bytes_ += segment.bytes.size();
  segments_.push_back(std::move(segment));
}

SendStatus OutputQueue::send(int fd) {
  while (bytes_ > 0) {
    std::array<iovec, gathered_segments_max> pieces;
    const std::size_t count = std::min(segments_.size() - first_, gathered_segments_max);
    std::size_t offered = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const auto bytes = segments_[first_ + i].bytes;
      pieces[i] = {const_cast<std::byte*>(bytes.data()), bytes.size()};
      offered += bytes.size();
    }
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = count;
    const ssize_t sent = count == 1 ? send_bytes(fd, segments_[first_].bytes) : send_pieces(fd, message);
    if (sent < 0) {
      if (errno == EINTR) continue;
      return errno == EAGAIN || errno == EWOULDBLOCK ? SendStatus::kernel_full : SendStatus::failed;
    }
    remove_sent(static_cast<std::size_t>(sent));
    if (static_cast<std::size_t>(sent) < offered) return SendStatus::kernel_full;
  }
  return SendStatus::all_sent;
}

std::span<const std::byte> OutputQueue::front(std::span<std::byte> scratch) const {
  if (bytes_ == 0) return {};
  const auto first = segments_[first_].bytes;
  if (first.size() >= scratch.size() || first.size() == bytes_)
    return first.first(std::min(first.size(), scratch.size()));
  std::size_t filled = 0;
  for (std::size_t i = first_; i < segments_.size() && filled < scratch.size(); ++i) {
    const auto piece = segments_[i].bytes.first(std::min(segments_[i].bytes.size(), scratch.size() - filled));
    std::memcpy(scratch.data() + filled, piece.data(), piece.size());
    filled += piece.size();
  }
  return scratch.first(filled);
}

void OutputQueue::remove_sent(std::size_t count) {
  bytes_ -= count;
  if (bytes_ == 0) return clear();
  while (count >= segments_[first_].bytes.size()) {
    count -= segments_[first_].bytes.size();
    segments_[first_] = {};
    ++first_;
  }
  segments_[first_].bytes = segments_[first_].bytes.subspan(count);
  // A queue that never empties must not keep its sent segments for ever.
  if (first_ >= gathered_segments_max && first_ * 2 >= segments_.size()) {
    segments_.erase(segments_.begin(), segments_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

void OutputQueue::persist() {
  std::size_t kept = first_;
  for (std::size_t i = first_; i < segments_.size();) {
    if (!segments_[i].transient) {
      if (kept != i) segments_[kept] = std::move(segments_[i]);
      ++kept;
      ++i;
      continue;
    }
    auto text = std::make_unique<std::string>();
    for (; i < segments_.size() && segments_[i].transient; ++i) {
      text->append(reinterpret_cast<const char*>(segments_[i].bytes.data()), segments_[i].bytes.size());
    }
    const auto bytes = as_bytes(*text);
    segments_[kept++] = {bytes, false, {}, std::move(text)};
  }
  segments_.resize(kept);
}

void OutputQueue::clear() {
  segments_.clear();
  first_ = 0;
  bytes_ = 0;
}

}  // namespace clearline::net
