// The one binary: clearline COMMAND …
#include <array>
#include <iostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/admin.h"
#include "app/cli/code.h"
#include "app/cli/connect.h"
#include "app/cli/inspect.h"
#include "app/cli/replay.h"
#include "app/cli/serve.h"
#include "base/version.h"

namespace {

struct Command {
  std::string_view name;
  std::string_view summary;
  int (*run)(std::span<const std::string>, std::ostream&, std::ostream&);
};

constexpr std::array commands = {
    Command{"serve", "serve visitors and agents", clearline::app::run_serve},
    Command{"admin", "sites and agents", clearline::app::run_admin},
    Command{"replay", "send real dialogues through a running server and check every word", clearline::app::run_replay},
    Command{"connect", "talk to any WebSocket server, and hear why it ended", clearline::app::run_connect},
    Command{"inspect", "how a WebSocket server, anyone's, ends connections", clearline::app::run_inspect},
    Command{"code", "explain a WebSocket close code", clearline::app::run_code},
};

void print_help(std::ostream& out) {
  out << "Clearline " << clearline::version
      << ", live chat for your own site.\n\nUsage: clearline COMMAND [OPTIONS]\n\n";
  for (const Command& command : commands)
    out << "  " << command.name << std::string(12 - command.name.size(), ' ') << command.summary << "\n";
  out << "\n  --version   print the version\n  --help      print this; clearline COMMAND --help explains a command\n";
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.empty()) {
    print_help(std::cerr);
    return 2;
  }
  if (arguments[0] == "--help" || arguments[0] == "-h" || arguments[0] == "help") {
    print_help(std::cout);
    return 0;
  }
  if (arguments[0] == "--version") {
    std::cout << "clearline " << clearline::version << "\n";
    return 0;
  }
  for (const Command& command : commands)
    if (command.name == arguments[0]) return command.run(std::span(arguments).subspan(1), std::cout, std::cerr);
  std::cerr << "clearline: there is no command \"" << arguments[0] << "\"; clearline --help lists them\n";
  return 2;
}
