// `clearline inspect`: how a WebSocket server, anyone's, ends connections.
#pragma once

#include <iosfwd>
#include <span>
#include <string>

namespace clearline::app {

// The arguments after "inspect". Returns the exit status: 0 nothing is wrong, 1 something is, 2 the command line is
// wrong, 3 there is no WebSocket to inspect.
[[nodiscard]] int run_inspect(std::span<const std::string> arguments, std::ostream& out, std::ostream& err);

}  // namespace clearline::app
