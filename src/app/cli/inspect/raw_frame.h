// Frames as a client may not send them. ws/frame.h writes the correct ones; here every field can be wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ws/frame.h"

namespace clearline::app::inspect {

// RFC 6455 section 5.2: how the length stands in the header.
enum class LengthForm : std::uint8_t { shortest, bits_16, bits_64 };

inline constexpr std::uint8_t rsv1 = 0x40;
inline constexpr std::uint8_t rsv2 = 0x20;
inline constexpr std::uint8_t rsv3 = 0x10;

struct RawFrame {
  ws::Opcode opcode = ws::Opcode::text;  // reserved ones too
  std::string payload = {};
  bool fin = true;
  std::uint8_t reserved_bits = 0;
  bool masked = true;
  LengthForm length_form = LengthForm::shortest;
  std::optional<std::uint64_t> announced_bytes = {};  // the header's length, when it is not the payload's
  std::uint32_t mask_key = 0x3D21FA37;                // that of the RFC's examples: runs can be compared byte by byte
};

[[nodiscard]] std::string encode(const RawFrame& frame);

// The correct frames that probes are made of, masked.
[[nodiscard]] std::string text_frame(std::string_view payload, bool fin = true);
[[nodiscard]] std::string binary_frame(std::string_view payload, bool fin = true);
[[nodiscard]] std::string continuation_frame(std::string_view payload, bool fin = true);
[[nodiscard]] std::string ping_frame(std::string_view payload);
[[nodiscard]] std::string pong_frame(std::string_view payload);
// Without a code when there is none; correct only for codes and reasons that are.
[[nodiscard]] std::string close_frame(std::optional<std::uint16_t> code, std::string_view reason = {});
// Code and reason as they stand in the frame.
[[nodiscard]] std::string close_payload(std::uint16_t code, std::string_view reason = {});

}  // namespace clearline::app::inspect
