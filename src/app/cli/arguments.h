// One way of reading a command line for every subcommand. CLI11 itself stays in the .cc files.
#pragma once

#include <iosfwd>
#include <optional>
#include <span>
#include <string>

namespace CLI {
class App;
}

namespace clearline::app {

// What every subcommand of clearline exits with.
inline constexpr int exit_ok = 0;
inline constexpr int exit_failed = 1;         // understood, but it could not be done (or an anomaly was found)
inline constexpr int exit_usage = 2;          // the command line or an input file is wrong; nothing was done
inline constexpr int exit_interrupted = 130;  // 128 + SIGINT, as shells have it

inline constexpr const char* exit_statuses_text =
    "Exit status: 0 done; 1 it could not be done; 2 the command line is wrong, and nothing was done.";

// Fills what was bound to the options. An exit status when that is all: help was asked for, or the line is wrong (then
// the reason and where to find help went to `err`).
[[nodiscard]] std::optional<int> parse_arguments(CLI::App& app, std::span<const std::string> arguments,
                                                 std::ostream& out, std::ostream& err);

}  // namespace clearline::app
