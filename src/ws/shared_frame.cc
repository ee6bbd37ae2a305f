#include "ws/shared_frame.h"

#include <array>
#include <cstring>
#include <new>

namespace clearline::ws {

// The frame's bytes follow this header in the same allocation.
struct SharedFrame::Block {
  std::atomic<std::uint32_t> references;
  std::uint8_t header_bytes;
  Opcode opcode;
  std::size_t size;

  [[nodiscard]] std::byte* data() { return reinterpret_cast<std::byte*>(this + 1); }
};

std::span<const std::byte> SharedFrame::bytes() const {
  if (block_ == nullptr) return {};
  return {block_->data(), block_->size};
}

std::span<const std::byte> SharedFrame::payload() const {
  if (block_ == nullptr) return {};
  return bytes().subspan(block_->header_bytes);
}

Opcode SharedFrame::opcode() const {
  return block_ == nullptr ? Opcode::text : block_->opcode;
}

void SharedFrame::retain() const {
  // A new reference is made from one that is held, so nothing needs to be ordered by it.
  if (block_ != nullptr) block_->references.fetch_add(1, std::memory_order_relaxed);
}

void SharedFrame::release() {
  if (block_ == nullptr || block_->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  block_->~Block();
  ::operator delete(block_);
}

SharedFrame make_shared_frame(Opcode opcode, std::span<const std::byte> payload, bool compressed) {
  std::array<std::byte, frame_header_bytes_max> header;
  const std::size_t header_bytes =
      encode_header({.opcode = opcode, .rsv1 = compressed, .payload_bytes = payload.size()}, header);
  const std::size_t size = header_bytes + payload.size();
  void* const memory = ::operator new(sizeof(SharedFrame::Block) + size);
  auto* const block = ::new (memory) SharedFrame::Block{1, static_cast<std::uint8_t>(header_bytes), opcode, size};
  std::memcpy(block->data(), header.data(), header_bytes);
  if (!payload.empty()) std::memcpy(block->data() + header_bytes, payload.data(), payload.size());
  return SharedFrame(block);
}

}  // namespace clearline::ws
