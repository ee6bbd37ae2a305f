#pragma once

#include <ostream>
#include <span>
#include <string>

namespace clearline::app {

// `clearline serve`: runs the server until SIGTERM or SIGINT, drains it, and gives the exit status: 0 after a drain, 1
// when it could not start, 2 for wrong arguments. A second signal hurries the drain.
[[nodiscard]] int run_serve(std::span<const std::string> arguments, std::ostream& out, std::ostream& err);

}  // namespace clearline::app
