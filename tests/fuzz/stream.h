// What the first two bytes of a codec input choose: the message limit, where our own Close goes out, and the sizes of
// the pieces in which the rest is fed.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <span>

#include "fuzz/fuzz.h"
#include "registry/registry.h"

namespace clearline::fuzz {

struct StreamPlan {
  static constexpr registry::Cause our_cause = registry::Cause::policy;

  explicit StreamPlan(Input& input) {
    const std::uint8_t options = input.take_byte();
    seed = input.take_byte() + 1U;
    message_bytes_max = (options & 1) != 0 ? 64 : 100000;
    if ((options & 2) != 0) close_at = (options >> 2) * std::size_t{3};
  }

  // Calls `feed` for every piece, and `close` once where our Close goes out, if the stream is that long.
  template <typename Feed, typename Close>
  void cut(std::span<const std::byte> stream, Feed feed, Close close) const {
    std::minstd_rand pieces(seed);
    for (std::size_t from = 0; from < stream.size();) {
      if (from == close_at) close();
      std::size_t size = std::min<std::size_t>(1 + pieces() % 40, stream.size() - from);
      if (from < close_at) size = std::min(size, close_at - from);
      feed(stream.subspan(from, size));
      from += size;
    }
  }

  std::uint64_t message_bytes_max;
  std::size_t close_at = std::numeric_limits<std::size_t>::max();
  unsigned seed;
};

}  // namespace clearline::fuzz
