#include "app/cli/inspect/wrapped_table.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "app/cli/text_table.h"

namespace clearline::app::inspect {

namespace {

constexpr std::size_t gap_columns = 2;
constexpr std::size_t width_min = 12;  // below it a column is not worth reading

// The end of the longest front of the text that is not wider; at least one code point.
std::size_t cut_at_width(std::string_view text, std::size_t columns) {
  std::size_t at = 0;
  std::size_t width = 0;
  while (at < text.size()) {
    std::size_t next = at + 1;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xC0) == 0x80) ++next;
    width += display_width(text.substr(at, next - at));
    if (width > columns && at > 0) break;
    at = next;
  }
  return at;
}

std::string padded(const std::string& text, std::size_t width) {
  const std::size_t used = display_width(text);
  return used < width ? text + std::string(width - used, ' ') : text;
}

void append_line(std::string& out, std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  out += line;
  out += '\n';
}

}  // namespace

std::vector<std::string> wrap(std::string_view text, std::size_t columns) {
  std::vector<std::string> lines;
  do {
    std::size_t cut = cut_at_width(text, columns);
    if (cut < text.size() && text[cut] != ' ') {
      const std::size_t space = text.rfind(' ', cut);
      if (space != std::string_view::npos && space > 0) cut = space;
    }
    lines.emplace_back(text.substr(0, cut));
    text.remove_prefix(cut);
    while (text.starts_with(' ')) text.remove_prefix(1);
  } while (!text.empty());
  return lines;
}

WrappedTable::WrappedTable(std::vector<std::string> header, std::size_t rigid, std::size_t columns)
    : rigid_(rigid), columns_(columns) {
  rows_.push_back({{}, std::move(header)});
}

void WrappedTable::add_title(std::string_view title) {
  rows_.push_back({std::string(title), {}});
}

void WrappedTable::add(std::vector<std::string> cells) {
  rows_.push_back({{}, std::move(cells)});
}

std::vector<std::size_t> WrappedTable::column_widths() const {
  std::vector<std::size_t> widths(rows_.front().cells.size(), 0);
  for (const Row& row : rows_)
    for (std::size_t i = 0; i < row.cells.size(); ++i) widths[i] = std::max(widths[i], display_width(row.cells[i]));
  // The widest gives way first, so that short columns stay whole.
  const auto total = [&] { return std::accumulate(widths.begin(), widths.end(), gap_columns * (widths.size() - 1)); };
  while (total() > columns_) {
    const auto widest = std::max_element(widths.begin() + static_cast<std::ptrdiff_t>(rigid_), widths.end());
    if (widest == widths.end() || *widest <= width_min) break;
    --*widest;
  }
  return widths;
}

std::string WrappedTable::text() const {
  const std::vector<std::size_t> widths = column_widths();
  std::string out;
  for (const Row& row : rows_) {
    if (row.cells.empty()) {
      out += '\n' + row.title + '\n';
      continue;
    }
    std::vector<std::vector<std::string>> cells;
    std::size_t height = 0;
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      cells.push_back(wrap(row.cells[i], widths[i]));
      height = std::max(height, cells.back().size());
    }
    for (std::size_t line = 0; line < height; ++line) {
      std::string text;
      for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i > 0) text.append(gap_columns, ' ');
        text += padded(line < cells[i].size() ? cells[i][line] : std::string(), widths[i]);
      }
      append_line(out, std::move(text));
    }
  }
  return out;
}

}  // namespace clearline::app::inspect
