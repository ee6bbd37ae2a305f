#include "app/cli/inspect.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "app/cli/arguments.h"
#include "app/cli/inspect/catalogue.h"
#include "app/cli/inspect/inspection.h"
#include "app/cli/inspect/report.h"
#include "app/cli/websocket_url.h"
#include "http/request.h"
#include "net/tls/client_context.h"

namespace clearline::app {

namespace {

using namespace inspect;

constexpr int exit_unreachable = 3;
constexpr std::size_t columns_without_terminal = 10'000;
constexpr std::size_t columns_min = 60;

struct InspectLine {
  std::string url;
  std::vector<std::string> only;
  std::vector<std::string> headers;
  std::vector<std::string> subprotocols;
  std::string origin;
  std::string ca_file;
  bool insecure = false;
  std::uint64_t message_bytes_max = 0;
  double timeout_seconds = 5;
  double hold_seconds = 15;
  std::size_t concurrency = 8;
  bool list = false;
  bool json = false;
  bool no_progress = false;
};

void add_options(CLI::App& app, InspectLine& line) {
  app.add_option("url", line.url, "ws://host[:port][/path], or wss://");
  app.add_option("--only", line.only, "Only this probe or group; may be given more than once. --list names them");
  app.add_flag("--list", line.list, "List all probes with what they demand, and connect to nothing");
  app.add_option("--message-bytes-max", line.message_bytes_max,
                 "The longest message that the server is set to take, in bytes. With it\nthe probes of the group "
                 "limits are made, which send up to twice that")
      ->check(CLI::Range(std::uint64_t{1}, message_limit_max));
  app.add_option("--header", line.headers, "\"Name: value\", a field for every opening handshake");
  app.add_option("--origin", line.origin, "The Origin field");
  app.add_option("--subprotocol", line.subprotocols, "Offered in every opening handshake");
  app.add_option("--ca-file", line.ca_file, "wss: the authorities to trust, PEM, instead of the system's");
  app.add_flag("--insecure", line.insecure, "wss: do not check the certificate");
  app.add_option("--timeout", line.timeout_seconds, "Seconds to wait for an answer before it counts as none")
      ->check(CLI::Range(0.1, 600.0))
      ->capture_default_str();
  app.add_option("--wait", line.hold_seconds, "Seconds to hold a TCP connection that the server should let go")
      ->check(CLI::Range(0.1, 600.0))
      ->capture_default_str();
  app.add_option("--concurrency", line.concurrency, "Connections at a time")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_flag("--json", line.json, "The results as one JSON object on standard output");
  app.add_flag("--no-progress", line.no_progress, "No progress line on standard error");
  app.footer(
      "Each probe opens a connection of its own and sends one small thing that is malformed or unusual: some\n"
      "220 connections and 3 MiB in all, no more than --concurrency at a time. It asks nothing of a server that\n"
      "a browser's worst page could not. Use it on servers that you may test.\n"
      "\n"
      "Exit status: 0 every answer is right, allowed or weak; 1 something is wrong; 2 the command line is wrong,\n"
      "and nothing was sent; 3 there is no WebSocket to inspect.");
}

Result<http::Header> parse_header(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || colon == 0)
    return fail(ErrorCode::invalid_argument, fmt::format("--header \"{}\": write \"Name: value\"", text));
  const std::size_t value = text.find_first_not_of(' ', colon + 1);
  return http::Header{text.substr(0, colon), value == std::string::npos ? "" : text.substr(value)};
}

Result<Target> make_target(const InspectLine& line) {
  CLEARLINE_TRY(const WebSocketUrl url, parse_websocket_url(line.url));
  Target target{.host = url.host, .port = url.port, .host_field = url.host_field(), .path = url.target};
  if (url.secure) {
    CLEARLINE_TRY(target.tls, net::TlsClientContext::create({.ca_file = line.ca_file, .insecure = line.insecure}));
  } else if (!line.ca_file.empty() || line.insecure) {
    return fail(ErrorCode::invalid_argument, "--ca-file and --insecure belong to a wss URL");
  }
  if (!line.origin.empty()) target.origin = line.origin;
  target.subprotocols = line.subprotocols;
  for (const std::string& text : line.headers) {
    CLEARLINE_TRY(http::Header header, parse_header(text));
    if (http::equal_without_case(header.name, "Host")) {
      target.host_field = header.value;
    } else {
      target.headers.push_back(std::move(header));
    }
  }
  const auto request = make_probe_request(target, Probe{}, "dGhlIHNhbXBsZSBub25jZQ==");
  if (!request) return tl::unexpected(request.error());
  return target;
}

bool is_chosen(const Probe& probe, const std::vector<std::string>& only) {
  return only.empty() || std::any_of(only.begin(), only.end(), [&](const std::string& name) {
           return name == probe.name || name == group_name(probe.group);
         });
}

Result<std::vector<Probe>> choose_probes(const InspectLine& line) {
  std::vector<Probe> probes =
      all_probes(line.message_bytes_max > 0 ? std::optional(line.message_bytes_max) : std::nullopt);
  for (const std::string& name : line.only) {
    if (std::none_of(probes.begin(), probes.end(), [&](const Probe& probe) { return is_chosen(probe, {name}); }))
      return fail(ErrorCode::invalid_argument, fmt::format("--only {}: there is no such probe or group", name));
  }
  std::erase_if(probes, [&](const Probe& probe) { return !is_chosen(probe, line.only); });
  return probes;
}

// Of the terminal that the table goes to, or what COLUMNS says. Elsewhere a row stays a line, so that files can be
// searched.
std::size_t output_columns(const std::ostream& out) {
  winsize size{};
  if (&out == &std::cout && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return std::max<std::size_t>(size.ws_col, columns_min);
  const std::string_view variable = std::getenv("COLUMNS") == nullptr ? "" : std::getenv("COLUMNS");
  std::size_t columns = 0;
  std::from_chars(variable.data(), variable.data() + variable.size(), columns);
  return columns == 0 ? columns_without_terminal : std::max(columns, columns_min);
}

// One line that is written over, on a terminal only.
class ProgressLine {
 public:
  ProgressLine(std::ostream& err, bool wanted)
      : err_(err), shown_(wanted && &err == &std::cerr && ::isatty(STDERR_FILENO) == 1) {}
  ~ProgressLine() {
    if (shown_) err_ << "\r\x1b[K" << std::flush;  // erase to the end of the line
  }
  void show(const InspectionProgress& progress) {
    if (!shown_) return;
    err_ << fmt::format("\r{} of {} probes, {} wrong\x1b[K", progress.done, progress.all, progress.wrong) << std::flush;
  }

 private:
  std::ostream& err_;
  bool shown_;
};

int inspect_target(const InspectLine& line, InspectionPlan plan, std::ostream& out, std::ostream& err) {
  Result<ServerFacts> facts = look_at_server(plan.target, plan.times);
  if (!facts) {
    err << fmt::format("clearline inspect: {}: {}\n", line.url, facts.error().message);
    return exit_unreachable;
  }
  plan.facts = std::move(*facts);
  InspectionResult inspection;
  {
    ProgressLine progress(err, !line.no_progress);
    inspection = inspect_server(plan, [&](const InspectionProgress& sample) { progress.show(sample); });
  }
  out << (line.json ? report_json(inspection, line.url) : report_text(inspection, line.url, output_columns(out)))
      << std::flush;
  return inspection.counts[static_cast<std::size_t>(Verdict::wrong)] > 0 ? exit_failed : exit_ok;
}

Result<InspectionPlan> make_plan(const InspectLine& line, std::vector<Probe> probes) {
  InspectionPlan plan{.probes = std::move(probes)};
  CLEARLINE_TRY(plan.target, make_target(line));
  plan.message_limit_known = line.message_bytes_max > 0;
  plan.times.timeout_ms = static_cast<std::int64_t>(line.timeout_seconds * 1000);
  plan.times.hold_ms = static_cast<std::int64_t>(line.hold_seconds * 1000);
  plan.concurrency = line.concurrency;
  return plan;
}

int refuse(std::ostream& err, const Error& error) {
  err << "clearline inspect: " << error.message << "\nRun `clearline inspect --help` for how to use it.\n";
  return exit_usage;
}

}  // namespace

int run_inspect(std::span<const std::string> arguments, std::ostream& out, std::ostream& err) {
  InspectLine line;
  CLI::App app(
      "Sends any WebSocket server what is malformed or unusual, one thing a connection, and shows how it ends\n"
      "each: what came back, what RFC 6455, RFC 7692 and the registry of close codes demand, and a verdict.",
      "clearline inspect");
  add_options(app, line);
  if (const auto status = parse_arguments(app, arguments, out, err)) return *status;
  Result<std::vector<Probe>> probes = choose_probes(line);
  if (!probes) return refuse(err, probes.error());
  if (line.list) {
    out << (line.json ? list_json(*probes) : list_text(*probes, output_columns(out))) << std::flush;
    return exit_ok;
  }
  if (line.url.empty()) return refuse(err, {ErrorCode::invalid_argument, "name the server: ws://host[:port][/path]"});
  Result<InspectionPlan> plan = make_plan(line, std::move(*probes));
  if (!plan) return refuse(err, plan.error());
  return inspect_target(line, std::move(*plan), out, err);
}

}  // namespace clearline::app
