#include "app/cli/arguments.h"

#include <CLI/CLI.hpp>
#include <ostream>
#include <utility>
#include <vector>

namespace clearline::app {

std::optional<int> parse_arguments(CLI::App& app, std::span<const std::string> arguments, std::ostream& out,
                                   std::ostream& err) {
  // CLI11 takes them last first.
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    app.parse(std::move(reversed));
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error, out, err);
    err << app.get_name() << ": " << error.what() << "\nRun `" << app.get_name() << " --help` for how to use it.\n";
    return exit_usage;
  }
}

}  // namespace clearline::app
