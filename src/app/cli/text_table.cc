#include "app/cli/text_table.h"

#include <algorithm>
#include <cstdint>
#include <ostream>

namespace clearline::app {

namespace {

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

// Unicode's East_Asian_Width W and F, by block.
constexpr Range wide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},   {0xAC00, 0xD7A3},
                          {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},
                          {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1FAFF}, {0x20000, 0x3FFFD}};
constexpr Range without_width[] = {{0x0300, 0x036F}, {0x0591, 0x05BD}, {0x064B, 0x065F}, {0x200B, 0x200F},
                                   {0x202A, 0x202E}, {0x2060, 0x2064}, {0xFE00, 0xFE0F}, {0x1F3FB, 0x1F3FF}};

bool is_in(std::uint32_t code_point, const auto& ranges) {
  return std::any_of(std::begin(ranges), std::end(ranges), [code_point](const Range& range) {
    return range.first <= code_point && code_point <= range.last;
  });
}

// The text is valid: checked when it came in.
std::uint32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at++]);
  if (lead < 0x80) return lead;
  std::uint32_t code_point = lead >= 0xF0 ? lead & 0x07u : lead >= 0xE0 ? lead & 0x0Fu : lead & 0x1Fu;
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80)
    code_point = code_point << 6 | (static_cast<unsigned char>(text[at++]) & 0x3Fu);
  return code_point;
}

}  // namespace

std::size_t display_width(std::string_view utf8) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < utf8.size();) {
    const std::uint32_t code_point = next_code_point(utf8, at);
    if (is_in(code_point, without_width)) continue;
    width += is_in(code_point, wide) ? 2 : 1;
  }
  return width;
}

std::vector<std::size_t> TextTable::column_widths() const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
  }
  return widths;
}

void TextTable::print(std::ostream& out) const {
  const std::vector<std::size_t> widths = column_widths();
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - display_width(row[i]), ' ');
      const bool right = i < align_.size() && align_[i] == Align::right;
      if (i > 0) line += "  ";
      line += right ? padding + row[i] : row[i] + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
  }
}

}  // namespace clearline::app
