// One message framed once for many receivers. Server frames are unmasked, so the same bytes serve every subscriber of
// a broadcast; a send queue holds this 8-byte reference in place of a copy.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "ws/frame.h"

namespace clearline::ws {

// Immutable and shared; copying counts a reference. The count is atomic because shards are threads: a frame built on
// one shard is written and released on others.
class SharedFrame {
 public:
  SharedFrame() = default;
  SharedFrame(const SharedFrame& other) : block_(other.block_) { retain(); }
  SharedFrame(SharedFrame&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  SharedFrame& operator=(SharedFrame other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~SharedFrame() { release(); }

  [[nodiscard]] explicit operator bool() const { return block_ != nullptr; }
  // The whole frame, header and payload. Empty without a frame.
  [[nodiscard]] std::span<const std::byte> bytes() const;
  // The frame's payload alone, for a connection that must frame it anew (a compressed or client one).
  [[nodiscard]] std::span<const std::byte> payload() const;
  [[nodiscard]] Opcode opcode() const;
  // The same frame, not an equal one.
  friend bool operator==(const SharedFrame& a, const SharedFrame& b) { return a.block_ == b.block_; }

 private:
  friend SharedFrame make_shared_frame(Opcode, std::span<const std::byte>, bool);
  struct Block;
  explicit SharedFrame(Block* block) : block_(block) {}

  void retain() const;
  void release();

  Block* block_ = nullptr;
};

// An unmasked, unfragmented frame of this payload, in one allocation. Text must be valid UTF-8; it is not checked here.
// `compressed`: the payload is a message after permessage-deflate, and the header says so (RFC 7692 section 6); only
// shared_compression.h makes such.
[[nodiscard]] SharedFrame make_shared_frame(Opcode opcode, std::span<const std::byte> payload, bool compressed = false);

}  // namespace clearline::ws
