// The client of bench/compare: loads one WebSocket server, checks every byte of every answer, and reads the server's
// CPU time from the process clock. It obeys lines on standard input, so that several servers can be measured in turns:
//
//   echo_load --port N --pid PID [--host ADDRESS] [--connections N] [--in-flight N] [--bytes N] [--raw] [--fan-out]
//     run SECONDS      keeps the messages under way for this long; prints one line of JSON
//     connect COUNT    opens and drops so many connections; prints one line of JSON
//
// The connections are opened at the start ("ready"). A wrong or missing answer ends the program with status 1.
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "load.h"
#include "process_clock.h"

namespace {

using namespace clearline;
using namespace clearline::bench;

struct Options {
  LoadSettings load;
  pid_t server = 0;
};

[[noreturn]] void stop(const std::string& text) {
  std::fprintf(stderr, "echo_load: %s\n", text.c_str());
  std::exit(1);
}

template <typename T>
T must(Result<T> result) {
  if (!result) stop(result.error().message);
  return std::move(*result);
}

template <typename Number>
Number number_of(std::string_view what, std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || !(number > Number{})) {
    stop(std::string(what) + " needs a number above zero, not \"" + std::string(text) + "\"");
  }
  return number;
}

Options options_of(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (option == "--raw") {
      options.load.wire = Wire::raw;
      continue;
    }
    if (option == "--fan-out") {
      options.load.fan_out = true;
      continue;
    }
    if (i + 1 == argc) stop(std::string(option) + " is unknown, or needs a value");
    const std::string_view value = argv[++i];
    if (option == "--host") {
      options.load.host = value;
    } else if (option == "--port") {
      options.load.port = number_of<std::uint16_t>(option, value);
    } else if (option == "--pid") {
      options.server = number_of<pid_t>(option, value);
    } else if (option == "--connections") {
      options.load.connections = number_of<std::size_t>(option, value);
    } else if (option == "--in-flight") {
      options.load.in_flight = number_of<std::size_t>(option, value);
    } else if (option == "--bytes") {
      options.load.payload_bytes = number_of<std::size_t>(option, value);
    } else {
      stop(std::string(option) + " is unknown");
    }
  }
  if (options.load.port == 0 || options.server == 0) stop("--port and --pid are needed");
  return options;
}

// Measures what the function does, and prints it.
template <typename Function>
void report(const ProcessClock& server, const ProcessClock& self, Function function) {
  const ProcessTimes server_before = server.read();
  const ProcessTimes self_before = self.read();
  const Slice slice = must(function());
  const ProcessTimes server_after = server.read();
  const ProcessTimes self_after = self.read();
  std::printf(
      "{\"answers\": %llu, \"wall_ns\": %lld, \"server_cpu_ns\": %lld, \"server_waiting_ns\": %lld, "
      "\"client_cpu_ns\": %lld}\n",
      static_cast<unsigned long long>(slice.answers), static_cast<long long>(slice.wall_ns),
      static_cast<long long>(server_after.cpu_ns - server_before.cpu_ns),
      static_cast<long long>(server_after.waiting_ns - server_before.waiting_ns),
      static_cast<long long>(self_after.cpu_ns - self_before.cpu_ns));
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = options_of(argc, argv);
  const ProcessClock server = must(ProcessClock::of(options.server));
  const ProcessClock self = must(ProcessClock::of(::getpid()));
  Load load = must(Load::open(options.load));
  std::puts("ready");
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
    const std::size_t space = line.find(' ');
    const std::string_view command = std::string_view(line).substr(0, space);
    const std::string_view value = space == std::string::npos ? "" : std::string_view(line).substr(space + 1);
    if (command == "run") {
      const double seconds = number_of<double>(command, value);
      report(server, self, [&] { return load.run(static_cast<std::int64_t>(seconds * 1e9)); });
    } else if (command == "connect") {
      const auto count = number_of<std::size_t>(command, value);
      report(server, self, [&] { return connect_repeatedly(options.load, count); });
    } else {
      stop("unknown command: " + line);
    }
  }
}
