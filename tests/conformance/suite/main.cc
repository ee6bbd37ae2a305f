// All 517 cases of the public Autobahn suite over TCP: against a server that echoes, and with our client against a
// server that plays the suite's fuzzer. Prints a line a case that is not OK, and a table; the exit status is 0 if all
// are OK, 1 if not, 2 for wrong usage.
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/suite/meet.h"
#include "conformance/suite/run_case.h"
#include "conformance/suite/tested_client.h"

namespace clearline::ws::testing {
namespace {

constexpr const char* usage =
    "Usage: public_suite (--spawn ECHO_SERVER | --server PORT | --client) [--messages N] [--message-bytes N]\n"
    "                    [--cases PREFIX]\n"
    "\n"
    "  --spawn PROGRAM     test the server that this program starts: PROGRAM --port 0 --deflate\n"
    "  --server PORT       test the server at 127.0.0.1:PORT, path /\n"
    "  --client            test our own client\n"
    "  --messages N        of the cases with 1000 messages, send only N\n"
    "  --message-bytes N   shorten the messages of sections 9, 12 and 13 to N bytes\n"
    "  --cases PREFIX      only these, for example 6. or 12.1.3\n";

struct Options {
  std::string spawn;
  std::uint16_t port = 0;
  bool client = false;
  std::size_t messages_max = SIZE_MAX;
  std::size_t message_bytes_max = SIZE_MAX;
  std::string cases;
};

[[noreturn]] void exit_with_usage() {
  std::fputs(usage, stderr);
  std::exit(2);
}

template <typename Number>
Number parse_number(std::string_view word) {
  Number value{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size() || value == 0) exit_with_usage();
  return value;
}

Options parse_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (option == "--client") {
      options.client = true;
      continue;
    }
    if (i + 1 == argc) exit_with_usage();
    const std::string_view value = argv[++i];
    if (option == "--spawn") {
      options.spawn = value;
    } else if (option == "--server") {
      options.port = parse_number<std::uint16_t>(value);
    } else if (option == "--messages") {
      options.messages_max = parse_number<std::size_t>(value);
    } else if (option == "--message-bytes") {
      options.message_bytes_max = parse_number<std::size_t>(value);
    } else if (option == "--cases") {
      options.cases = value;
    } else {
      exit_with_usage();
    }
  }
  if (options.client == (options.port != 0 || !options.spawn.empty())) exit_with_usage();
  return options;
}

class Report {
 public:
  void add(const std::string& id, const Verdict& verdict) {
    int section = 0;
    std::from_chars(id.data(), id.data() + id.size(), section);  // "12" of "12.1.3"
    ++counts_[section][verdict.behavior];
    if (verdict.behavior == Behavior::ok) return;
    all_ok_ = false;
    const std::string name(behavior_name(verdict.behavior));
    std::printf("%s %s: %s\n", id.c_str(), name.c_str(), verdict.detail.c_str());
  }

  // True if all cases were OK, and there were any.
  bool print() const {
    std::printf("section     OK  NON-STRICT  UNIMPLEMENTED  FAILED\n");
    std::map<Behavior, int> sums;
    for (const auto& [section, counts] : counts_) print_line(std::to_string(section), counts, sums);
    std::map<Behavior, int> ignored;
    print_line("all", sums, ignored);
    return all_ok_ && !counts_.empty();
  }

 private:
  using Counts = std::map<Behavior, int>;
  static void print_line(const std::string& name, Counts counts, Counts& sums) {
    std::printf("%-7s  %5d  %10d  %13d  %6d\n", name.c_str(), counts[Behavior::ok], counts[Behavior::non_strict],
                counts[Behavior::unimplemented], counts[Behavior::failed]);
    for (const auto& [behavior, count] : counts) sums[behavior] += count;
  }

  std::map<int, Counts> counts_;
  bool all_ok_ = true;
};

// Runs all cases on connections that `meet` gets, for each the offers and answers of the case.
class Suite {
 public:
  using Meet = std::function<tl::expected<Met, std::string>(const LargeCase& c)>;
  Suite(const Options& options, Role tested, Meet meet) : options_(options), tested_(tested), meet_(std::move(meet)) {}

  bool run() {
    for (const PublicCase& c : public_cases(tested_ == Role::server)) {
      if (!c.id.starts_with(options_.cases)) continue;
      report_.add(
          c.id, with_connection({.id = c.id, .offers = {}}, [&](Met& met) { return run_case(met.peer, c, tested_); }));
    }
    for (LargeCase c : large_cases()) {
      if (!c.id.starts_with(options_.cases)) continue;
      c.messages = std::min(c.messages, options_.messages_max);
      c.message_bytes = std::min(c.message_bytes, options_.message_bytes_max);
      report_.add(c.id, with_connection(c, [&](Met& met) -> Verdict {
                    if (c.compressed() && !met.agreed) return {Behavior::unimplemented, "no permessage-deflate"};
                    return run_case(met.peer, c, tested_, met.agreed);
                  }));
    }
    return report_.print();
  }

 private:
  template <typename Run>
  Verdict with_connection(const LargeCase& c, Run run) {
    auto met = meet_(c);
    if (!met) return {Behavior::failed, met.error()};
    try {
      return run(*met);
    } catch (const std::exception& error) {  // of the suite's own zlib: the other side's data are wrong
      return {Behavior::failed, error.what()};
    }
  }

  const Options& options_;
  Role tested_;
  Meet meet_;
  Report report_;
};

bool test_server(const Options& options) {
  std::unique_ptr<SpawnedServer> server;
  std::uint16_t port = options.port;
  if (!options.spawn.empty()) {
    server = std::make_unique<SpawnedServer>(std::vector<std::string>{options.spawn, "--port", "0", "--deflate"});
    port = server->port();
    if (port == 0) return false;
  }
  const bool ok = Suite(options, Role::server, [&](const LargeCase& c) { return meet_server(port, c.offers); }).run();
  return (!server || server->stop()) && ok;
}

bool test_client(const Options& options) {
  MeetingPoint point;
  TestedClient client;
  return Suite(options, Role::client,
               [&](const LargeCase& c) {
                 client.connect(point.port(), c.compressed());
                 return point.meet_client([&](const std::string& offer) {
                   return c.compressed() && !offer.empty() ? deflate_answer(c, offer) : std::string();
                 });
               })
      .run();
}

}  // namespace
}  // namespace clearline::ws::testing

int main(int argc, char** argv) {
  using namespace clearline::ws::testing;
  const Options options = parse_options(argc, argv);
  return (options.client ? test_client(options) : test_server(options)) ? 0 : 1;
}
