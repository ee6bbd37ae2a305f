#include "ws/shared_compression.h"

#include <algorithm>

#include "ws/compression.h"

namespace clearline::ws {

const SharedFrame& SharedCompression::compressed(const SharedFrame& plain, std::uint8_t window_bits) {
  for (std::size_t i = 0; i < size_; ++i) {
    const Entry& entry = entries_[i];
    if (entry.window_bits == window_bits && entry.plain == plain) return entry.compressed;
  }
  Entry& entry = entries_[next_];
  next_ = (next_ + 1) % entries_max;
  size_ = std::min(size_ + 1, entries_max);
  const auto payload = compress_alone(plain.payload(), window_bits);
  entry = {plain, payload ? make_shared_frame(plain.opcode(), *payload, true) : plain, window_bits};
  return entry.compressed;
}

void SharedCompression::clear() {
  for (std::size_t i = 0; i < size_; ++i) entries_[i] = {};
  size_ = 0;
  next_ = 0;
}

}  // namespace clearline::ws
