#include "base/base32.h"

#include <array>

namespace clearline {

namespace {
constexpr std::string_view digits = "0123456789abcdefghjkmnpqrstvwxyz";

constexpr std::array<std::int8_t, 256> digit_values = [] {
  std::array<std::int8_t, 256> table{};
  table.fill(-1);
  for (std::size_t i = 0; i < digits.size(); ++i)
    table[static_cast<unsigned char>(digits[i])] = static_cast<std::int8_t>(i);
  return table;
}();
}  // namespace

std::string id_to_text(char prefix, std::uint64_t value) {
  std::string text(id_text_length, prefix);
  for (std::size_t i = id_text_length; i-- > 1; value >>= 5) text[i] = digits[value & 31];
  return text;
}

std::optional<std::uint64_t> id_from_text(char prefix, std::string_view text) {
  if (text.size() != id_text_length || text[0] != prefix) return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const auto digit = digit_values[static_cast<unsigned char>(text[i])];
    if (digit < 0 || (i == 1 && digit > 15)) return std::nullopt;  // 13 digits hold 65 bits
    value = (value << 5) | static_cast<std::uint64_t>(digit);
  }
  return value;
}

}  // namespace clearline
