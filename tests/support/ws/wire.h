// Frames as bytes, well-formed or broken in any way, built independently of src/ws.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clearline::ws::testing {

using Bytes = std::vector<std::byte>;

inline Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

inline Bytes bytes_of(std::string_view text) {
  Bytes bytes;
  for (const char c : text) bytes.push_back(static_cast<std::byte>(c));
  return bytes;
}

inline Bytes from_hex(std::string_view hex) {
  const auto digit = [](char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10); };
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(digit(hex[i]) << 4 | digit(hex[i + 1])));
  }
  return bytes;
}

// Everything a frame can say, right or wrong. The defaults make a masked, final frame of minimal length.
struct Frame {
  unsigned opcode = 1;
  Bytes payload = {};
  bool fin = true;
  unsigned rsv = 0;  // three bits, RSV1 the highest
  bool masked = true;
  std::array<std::uint8_t, 4> key{0x37, 0xFA, 0x21, 0x3D};
  std::optional<unsigned> length_bytes = {};         // force 0, 2 or 8 bytes of extended length
  std::optional<std::uint64_t> length_claimed = {};  // in place of the payload's
};

inline Bytes encode(const Frame& frame) {
  Bytes out;
  const auto put = [&](std::uint64_t value) { out.push_back(static_cast<std::byte>(value & 0xFF)); };
  const std::uint64_t length = frame.length_claimed.value_or(frame.payload.size());
  const unsigned minimal = length < 126 ? 0 : length < 65536 ? 2 : 8;
  const unsigned length_bytes = frame.length_bytes.value_or(minimal);
  put((frame.fin ? 0x80U : 0U) | frame.rsv << 4 | frame.opcode);
  put((frame.masked ? 0x80U : 0U) | (length_bytes == 0 ? length : length_bytes == 2 ? 126U : 127U));
  for (unsigned i = length_bytes; i-- > 0;) put(length >> (8 * i));
  if (frame.masked) {
    for (const std::uint8_t byte : frame.key) put(byte);
  }
  for (std::size_t i = 0; i < frame.payload.size(); ++i) {
    put(static_cast<unsigned>(frame.payload[i]) ^ (frame.masked ? frame.key[i % 4] : 0U));
  }
  return out;
}

inline constexpr unsigned continuation = 0;
inline constexpr unsigned text = 1;
inline constexpr unsigned binary = 2;
inline constexpr unsigned close = 8;
inline constexpr unsigned ping = 9;
inline constexpr unsigned pong = 10;

inline Bytes close_payload(unsigned code, std::string_view reason = {}) {
  return Bytes{static_cast<std::byte>(code >> 8), static_cast<std::byte>(code & 0xFF)} + bytes_of(reason);
}

}  // namespace clearline::ws::testing
