// Columns for people: as wide as their widest cell, two spaces between.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace clearline::app {

// Columns that a terminal gives the text: wide for East Asian scripts and emoji, none for combining marks. An estimate
// by blocks of Unicode, good enough to align names.
[[nodiscard]] std::size_t display_width(std::string_view utf8);

enum class Align : bool { left, right };

class TextTable {
 public:
  // Without a header when that is empty.
  explicit TextTable(std::vector<std::string> header, std::vector<Align> align = {}) : align_(std::move(align)) {
    if (!header.empty()) rows_.push_back(std::move(header));
  }

  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  void print(std::ostream& out) const;

 private:
  [[nodiscard]] std::vector<std::size_t> column_widths() const;

  std::vector<Align> align_;  // left where it is shorter than the row
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace clearline::app
