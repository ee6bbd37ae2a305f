#include "support/ws/read_frame.h"

namespace clearline::ws::testing {

std::optional<ReadFrame> read_frame(std::span<const std::byte>& bytes) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned>(bytes[i]); };
  if (bytes.size() < 2) return std::nullopt;
  ReadFrame frame;
  frame.fin = (at(0) & 0x80) != 0;
  frame.rsv = at(0) >> 4 & 7;
  frame.opcode = at(0) & 0x0F;
  frame.masked = (at(1) & 0x80) != 0;
  std::uint64_t length = at(1) & 0x7F;
  const std::size_t length_bytes = length == 126 ? 2 : length == 127 ? 8 : 0;
  const std::size_t header_bytes = 2 + length_bytes + (frame.masked ? 4 : 0);
  if (bytes.size() < header_bytes) return std::nullopt;
  if (length_bytes != 0) {
    length = 0;
    for (std::size_t i = 0; i < length_bytes; ++i) length = length << 8 | at(2 + i);
    frame.length_is_minimal = length > (length_bytes == 2 ? 125U : 65535U);
  }
  if (bytes.size() - header_bytes < length) return std::nullopt;
  const std::size_t size = static_cast<std::size_t>(length);
  const auto payload = bytes.subspan(header_bytes, size);
  frame.payload.assign(payload.begin(), payload.end());
  if (frame.masked) {
    for (std::size_t i = 0; i < size; ++i) frame.payload[i] ^= bytes[header_bytes - 4 + i % 4];
  }
  bytes = bytes.subspan(header_bytes + size);
  return frame;
}

std::string faults_of(const ReadFrame& frame, bool from_client) {
  std::string faults;
  if (frame.masked != from_client) faults += " WRONG: mask";
  if (!frame.length_is_minimal) faults += " WRONG: length is not minimal";
  return faults;
}

}  // namespace clearline::ws::testing
