// clearline connect: a WebSocket client for people and scripts.
#pragma once

#include <iosfwd>
#include <span>
#include <string>

namespace clearline::app {

int run_connect(std::span<const std::string> arguments, std::ostream& out, std::ostream& err);

}  // namespace clearline::app
