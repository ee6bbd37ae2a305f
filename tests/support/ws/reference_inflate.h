// RFC 7692 section 7.2.2 for the reference: a message's compressed bytes, from scratch each time, straight on zlib.
#pragma once

#include <cstdint>

#include "support/ws/wire.h"

namespace clearline::ws::testing {

struct Inflated {
  enum class State : std::uint8_t { good, too_big, bad };
  State state = State::good;
  Bytes plain = {};  // what came out before the fault, and at most the limit
};

// `history`: what earlier messages gave, where the context is taken over. `complete`: the message has all arrived, so
// it must end at the end of a block.
[[nodiscard]] Inflated reference_inflate(const Bytes& history, Bytes compressed, bool complete,
                                         std::uint64_t plain_bytes_max);

}  // namespace clearline::ws::testing
