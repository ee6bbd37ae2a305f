// `clearline replay`: real dialogues through a running server, checked word for word.
#pragma once

#include <iosfwd>
#include <span>
#include <string>

namespace clearline::app {

// `arguments` are those behind "replay". Returns the exit status: 0 when nothing was lost, duplicated, reordered or
// altered; 1 otherwise; 2 for a wrong command line or file; 130 when interrupted.
[[nodiscard]] int run_replay(std::span<const std::string> arguments, std::ostream& out, std::ostream& err);

}  // namespace clearline::app
