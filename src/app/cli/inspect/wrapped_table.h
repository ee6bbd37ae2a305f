// A TextTable whose cells are broken into lines, so that the whole fits a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace clearline::app::inspect {

// Lines of at most `columns` columns: broken at spaces, inside words only where a word alone is longer. At least one.
[[nodiscard]] std::vector<std::string> wrap(std::string_view text, std::size_t columns);

class WrappedTable {
 public:
  // `rigid` columns at the front are never broken; the others share what is left of `columns` by what they need.
  WrappedTable(std::vector<std::string> header, std::size_t rigid, std::size_t columns);

  // A line of its own across all columns, with an empty one before it.
  void add_title(std::string_view title);
  void add(std::vector<std::string> cells);
  [[nodiscard]] std::string text() const;

 private:
  struct Row {
    std::string title;
    std::vector<std::string> cells;
  };
  [[nodiscard]] std::vector<std::size_t> column_widths() const;

  std::vector<Row> rows_;
  std::size_t rigid_;
  std::size_t columns_;
};

}  // namespace clearline::app::inspect
