// Frames of RFC 6455 section 5.2: the header's bytes, and masking. No state; protocol.h is the machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "registry/types.h"

namespace clearline::ws {

using registry::Role;

enum class Opcode : std::uint8_t {
  continuation = 0x0,
  text = 0x1,
  binary = 0x2,
  close = 0x8,
  ping = 0x9,
  pong = 0xA,
};

// Section 5.2: opcodes from 8 up are control frames.
[[nodiscard]] constexpr bool is_control(Opcode opcode) {
  return static_cast<std::uint8_t>(opcode) >= 0x8;
}

// Two bytes, a 64-bit length, a mask.
inline constexpr std::size_t frame_header_bytes_max = 14;
// Section 5.5: a control frame's payload has at most 125 bytes.
inline constexpr std::size_t control_payload_bytes_max = 125;
// Section 5.5.1: what is left of it after the two bytes of the close code.
inline constexpr std::size_t close_reason_bytes_max = control_payload_bytes_max - 2;

struct FrameHeader {
  Opcode opcode = Opcode::text;
  bool fin = true;
  bool rsv1 = false;  // of a message's first frame: the message is compressed (RFC 7692 section 6)
  std::uint64_t payload_bytes = 0;
  // The mask's four bytes in the order of the wire, as memory holds them. A client must mask, a server must not (5.1).
  std::optional<std::uint32_t> mask_key = std::nullopt;
};

// Writes the header and returns its length: 2, 4 or 10 bytes, and 4 more with a mask.
[[nodiscard]] std::size_t encode_header(const FrameHeader& header, std::span<std::byte, frame_header_bytes_max> out);

// Section 5.3: byte i of the payload is XORed with byte i % 4 of the key. `payload_offset` is the position within the
// frame's payload of the first byte given, so a frame can be unmasked piece by piece. Masking twice restores the input.
// Returns whether the result is ASCII, which is known in passing and spares text its validation.
bool mask_in_place(std::span<std::byte> bytes, std::uint32_t mask_key, std::uint64_t payload_offset = 0);
// The same while copying; `out` has at least as many bytes as `in` and does not overlap it.
void mask_copy(std::span<const std::byte> in, std::span<std::byte> out, std::uint32_t mask_key,
               std::uint64_t payload_offset = 0);

}  // namespace clearline::ws
