// A terminal that hands over every key at once and echoes none, until destroyed. Ctrl-C stays a signal.
#pragma once

#include <termios.h>

#include <cstddef>
#include <memory>

#include "base/result.h"

namespace clearline::app::connect {

class RawTerminal {
 public:
  [[nodiscard]] static Result<std::unique_ptr<RawTerminal>> create(int fd);
  ~RawTerminal();
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;

 private:
  RawTerminal(int fd, const termios& before) : fd_(fd), before_(before) {}

  int fd_;
  termios before_;
};

// 80 where it is not known.
[[nodiscard]] std::size_t terminal_columns(int fd);

}  // namespace clearline::app::connect
