// A stream of bytes as lines: what a script pipes in.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace clearline::app::connect {

class LineSplitter {
 public:
  explicit LineSplitter(std::size_t line_bytes_max) : line_bytes_max_(line_bytes_max) {}

  // Calls `take` with each whole line, without its line feed. False once a line is longer than the limit: nothing more
  // is taken then.
  bool feed(std::string_view bytes, const std::function<void(std::string_view)>& take) {
    while (!bytes.empty() && !too_long_) {
      const std::size_t end = std::min(bytes.find('\n'), bytes.size());
      if (pending_.size() + end > line_bytes_max_) {
        too_long_ = true;
      } else if (end == bytes.size()) {
        pending_.append(bytes);
        return true;
      } else {
        take_line(bytes.substr(0, end), take);
        bytes.remove_prefix(end + 1);
      }
    }
    return !too_long_;
  }

  // The stream has ended; a last line needs no line feed.
  void finish(const std::function<void(std::string_view)>& take) {
    if (!pending_.empty() && !too_long_) take_line({}, take);
  }

  // Of the line that comes next, from 1.
  [[nodiscard]] std::size_t line_number() const { return line_number_; }

 private:
  void take_line(std::string_view rest, const std::function<void(std::string_view)>& take) {
    if (pending_.empty()) {
      take(rest);
    } else {
      pending_.append(rest);
      take(pending_);
      pending_.clear();
    }
    ++line_number_;
  }

  std::size_t line_bytes_max_;
  std::string pending_;
  std::size_t line_number_ = 1;
  bool too_long_ = false;
};

}  // namespace clearline::app::connect
