#include "app/cli/inspect/safe_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include "ws/protocol.h"
#include "ws/utf8.h"

namespace clearline::app::inspect {

namespace {

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

// Controls (C0, DEL, C1), line and paragraph separators, and what turns the reading direction.
constexpr Range not_printable[] = {{0x00, 0x1F},     {0x7F, 0x9F},     {0x061C, 0x061C}, {0x200B, 0x200F},
                                   {0x2028, 0x202E}, {0x2060, 0x206F}, {0xFEFF, 0xFEFF}, {0xFFF0, 0xFFFB}};

std::size_t sequence_bytes(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead < 0xE0) return 2;
  return lead < 0xF0 ? 3 : 4;
}

std::uint32_t code_point_of(std::string_view sequence) {
  const auto lead = static_cast<unsigned char>(sequence.front());
  if (sequence.size() == 1) return lead;
  std::uint32_t code_point = lead & (0x7Fu >> sequence.size());
  for (const char c : sequence.substr(1)) code_point = code_point << 6 | (static_cast<unsigned char>(c) & 0x3Fu);
  return code_point;
}

// How many bytes at the front of the text can be shown as they are: one code point, or none.
std::size_t printable_bytes(std::string_view text) {
  const std::string_view sequence = text.substr(0, sequence_bytes(static_cast<unsigned char>(text.front())));
  if (!ws::is_valid_utf8(ws::as_payload(sequence))) return 0;
  const std::uint32_t code_point = code_point_of(sequence);
  const bool hidden = std::any_of(std::begin(not_printable), std::end(not_printable), [code_point](const Range& range) {
    return range.first <= code_point && code_point <= range.last;
  });
  return hidden ? 0 : sequence.size();
}

}  // namespace

std::string safe_text(std::string_view bytes, std::size_t bytes_max) {
  std::string text;
  std::size_t at = 0;
  while (at < bytes.size() && at < bytes_max) {
    if (const std::size_t size = printable_bytes(bytes.substr(at)); size > 0) {
      text += bytes.substr(at, size);
      at += size;
    } else {
      text += fmt::format("\\x{:02x}", static_cast<unsigned char>(bytes[at++]));
    }
  }
  return at < bytes.size() ? text + "…" : text;
}

}  // namespace clearline::app::inspect
