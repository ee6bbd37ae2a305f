#include "app/cli/connect/raw_terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace clearline::app::connect {

Result<std::unique_ptr<RawTerminal>> RawTerminal::create(int fd) {
  termios before{};
  if (::tcgetattr(fd, &before) != 0) return fail(ErrorCode::io, std::generic_category().message(errno));
  termios raw = before;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  raw.c_cc[VSUSP] = _POSIX_VDISABLE;  // a stopped program would leave the shell with a terminal in this state
  if (::tcsetattr(fd, TCSADRAIN, &raw) != 0) return fail(ErrorCode::io, std::generic_category().message(errno));
  return std::unique_ptr<RawTerminal>(new RawTerminal(fd, before));
}

RawTerminal::~RawTerminal() {
  static_cast<void>(::tcsetattr(fd_, TCSADRAIN, &before_));
}

std::size_t terminal_columns(int fd) {
  constexpr std::size_t columns_unknown = 80;
  winsize size{};
  return ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : columns_unknown;
}

}  // namespace clearline::app::connect
