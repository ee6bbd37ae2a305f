// permessage-deflate for a message that goes to many: compressed once for all connections that agreed on the same
// window and take no context over, and the bytes are shared. (A context that is taken over differs from connection to
// connection, so there each has to compress for itself.)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "ws/shared_frame.h"

namespace clearline::ws {

// What was compressed lately. Bound to a thread; whoever owns it calls clear() when a fan-out is over.
class SharedCompression {
 public:
  // The frame to send in the place of `plain`; `plain` itself where compressing gains nothing. Window bits: 8 to 15.
  // Valid until the next call.
  [[nodiscard]] const SharedFrame& compressed(const SharedFrame& plain, std::uint8_t window_bits);
  // Lets go of all frames.
  void clear();

 private:
  // Messages in the making times windows agreed: a fan-out is mostly one message and one or two windows.
  static constexpr std::size_t entries_max = 16;

  struct Entry {
    SharedFrame plain;
    SharedFrame compressed;
    std::uint8_t window_bits = 0;
  };

  std::array<Entry, entries_max> entries_;
  std::size_t size_ = 0;
  std::size_t next_ = 0;  // the one to be replaced when all are taken
};

}  // namespace clearline::ws
