// The bytes of one unfinished message. Grows by what has arrived, never by what a header promises, so that a peer
// cannot make us hold more than a small multiple of what it sent. Internal to protocol.cc.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <utility>

namespace clearline::ws {

class MessageBuffer {
 public:
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::span<std::byte> bytes() { return {data_.get(), size_}; }

  // `size_max`: what the message can at most become, as far as is known.
  void append(std::span<const std::byte> bytes, std::uint64_t size_max) {
    if (bytes.empty()) return;
    std::memcpy(extend(bytes.size(), size_max).data(), bytes.data(), bytes.size());
  }

  // Room for this many more bytes, which count as part of the message from now on.
  [[nodiscard]] std::span<std::byte> extend(std::size_t bytes, std::uint64_t size_max) {
    if (capacity_ - size_ < bytes) grow(size_ + bytes, size_max);
    const std::span<std::byte> room{data_.get() + size_, bytes};
    size_ += bytes;
    return room;
  }

  // Gives back the end of what extend() gave.
  void shrink_by(std::size_t bytes) { size_ -= bytes; }

  void clear() {
    data_.reset();
    size_ = 0;
    capacity_ = 0;
  }

 private:
  static constexpr std::size_t capacity_bytes_min = 1024;

  struct Free {
    void operator()(std::byte* memory) const { std::free(memory); }
  };

  // Doubling, so that tiny fragments cost no more than large ones. realloc because it moves large blocks by remapping.
  void grow(std::size_t needed, std::uint64_t size_max) {
    const std::uint64_t wanted = std::min<std::uint64_t>(std::max(2 * needed, capacity_bytes_min), size_max);
    const std::size_t capacity = std::max(needed, static_cast<std::size_t>(wanted));
    auto* const memory = static_cast<std::byte*>(std::realloc(data_.get(), capacity));
    if (memory == nullptr) throw std::bad_alloc();
    static_cast<void>(data_.release());
    data_.reset(memory);
    capacity_ = capacity;
  }

  std::unique_ptr<std::byte, Free> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace clearline::ws
