// Frames out of bytes, slow and plain, sharing nothing with src/ws: what a peer of the code under test sees.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "support/ws/wire.h"

namespace clearline::ws::testing {

struct ReadFrame {
  unsigned opcode = 0;
  bool fin = false;
  unsigned rsv = 0;  // three bits, RSV1 the highest
  bool masked = false;
  Bytes payload = {};  // unmasked
  bool length_is_minimal = true;
};

// Takes the frame at the front of the bytes off; nothing if it is not all there.
[[nodiscard]] std::optional<ReadFrame> read_frame(std::span<const std::byte>& bytes);

// What is wrong with a frame as the given side sends it, reserved bits apart; empty if nothing is.
[[nodiscard]] std::string faults_of(const ReadFrame& frame, bool from_client);

}  // namespace clearline::ws::testing
