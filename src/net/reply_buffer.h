// What a connection says while its own input is handled: one piece of memory that the connections of an endpoint use
// one after the other, so that a reply needs no queue and leaves by one plain send.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <utility>

namespace clearline::net {

class ReplyBuffer {
 public:
  explicit ReplyBuffer(std::size_t bytes_max) : memory_(new std::byte[bytes_max]), bytes_max_(bytes_max) {}

  // False if there is no room; then nothing was added.
  [[nodiscard]] bool append(std::span<const std::byte> head, std::span<const std::byte> body) {
    if (head.size() + body.size() > bytes_max_ - bytes_) return false;
    copy_head(memory_.get() + bytes_, head);
    bytes_ += head.size();
    if (!body.empty()) std::memcpy(memory_.get() + bytes_, body.data(), body.size());
    bytes_ += body.size();
    return true;
  }

  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  // Empties the buffer; what it held stays in its place until the next append().
  [[nodiscard]] std::span<const std::byte> take() { return {memory_.get(), std::exchange(bytes_, 0)}; }

 private:
  // The headers of short messages are not worth a call of memcpy.
  static void copy_head(std::byte* place, std::span<const std::byte> head) {
    switch (head.size()) {
      case 2:
        std::memcpy(place, head.data(), 2);
        break;
      case 4:
        std::memcpy(place, head.data(), 4);
        break;
      default:
        std::memcpy(place, head.data(), head.size());
    }
  }

  std::unique_ptr<std::byte[]> memory_;
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
};

}  // namespace clearline::net
