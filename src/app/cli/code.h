// `clearline code`: the registry of close codes in a terminal, or as JSON for programs.
#pragma once

#include <iosfwd>
#include <span>
#include <string>

namespace clearline::app {

// The arguments after "code". Returns the exit status: 0, or 2 for arguments that make no sense (err says what is wrong
// with which), or 1 when out takes no more.
[[nodiscard]] int run_code(std::span<const std::string> arguments, std::ostream& out, std::ostream& err);

}  // namespace clearline::app
