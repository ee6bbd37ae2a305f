#include "app/cli/replay.h"

#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "app/cli/arguments.h"
#include "app/cli/interrupt.h"
#include "app/cli/replay/agent_accounts.h"
#include "app/cli/replay/dialogue_file.h"
#include "app/cli/replay/progress.h"
#include "app/cli/replay/replay_run.h"
#include "app/cli/replay/report.h"
#include "app/cli/replay/server_url.h"
#include "app/cli/replay/ticket_office.h"
#include "app/data_directory.h"
#include "app/runtime_file.h"
#include "base/random.h"
#include "net/http_client.h"

namespace clearline::app {

namespace {

using namespace replay;

constexpr std::size_t problems_shown_max = 20;
// docs/reference/protocol.md, section 5.
constexpr std::size_t watched_per_agent_max = 200;

struct ReplayLine {
  std::vector<std::string> files;
  std::string server = "http://127.0.0.1:8080";
  std::string ca;
  std::string speed = "max";
  std::size_t concurrency = 50;
  std::size_t agents = 4;
  std::string site = "demo";
  std::string data;
  std::string agent_name;
  bool agent_password_stdin = false;
  bool json = false;
  bool no_progress = false;
  std::size_t limit = 0;
  std::int64_t give_up_after_seconds = 120;
};

void add_options(CLI::App& app, ReplayLine& line) {
  app.add_option("files", line.files,
                 "Dialogues, one JSON object a line: {\"id\", \"turns\": [{\"speaker\":\n"
                 "\"customer\" | \"agent\", \"text\", \"t_ms\"}]}")
      ->required();
  app.add_option("--server", line.server, "The running server, http:// or https://")->capture_default_str();
  app.add_option("--ca", line.ca, "Certificate authorities to trust for https, a PEM file, instead of the\nsystem's");
  app.add_option("--speed", line.speed,
                 "max: a turn as soon as the one before has arrived; N: N times the pace\nof t_ms")
      ->capture_default_str();
  app.add_option("--concurrency", line.concurrency, "Dialogues at a time")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--agents", line.agents, "Agent connections that share the dialogues")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  app.add_option("--site", line.site, "The site's key")->capture_default_str();
  auto* data = app.add_option("--data", line.data,
                              "The server's data directory, where the agents of the replay are made for its\n"
                              "time. Without it, the server's own word on this machine");
  auto* name = app.add_option("--agent-name", line.agent_name, "Sign in as this agent instead")->excludes(data);
  app.add_flag("--agent-password-stdin", line.agent_password_stdin, "Its password is the first line of standard input")
      ->needs(name);
  app.add_option("--limit", line.limit, "Only the first N dialogues; 0: all of them");
  app.add_option("--give-up-after", line.give_up_after_seconds,
                 "Seconds in which nothing moves in a dialogue before it counts as\nlost")
      ->check(CLI::Range(1, 86'400))
      ->capture_default_str();
  app.add_flag("--json", line.json, "The result as one JSON object on standard output");
  app.add_flag("--no-progress", line.no_progress, "No progress bar or lines on standard error");
  app.footer(
      "Exit status: 0 every message arrived exactly once, in order, unchanged; 1 some did not, or the replay\n"
      "could not be done; 2 the command line or a file is wrong, and nothing was sent; 130 interrupted.");
}

Result<double> parse_speed(const std::string& text) {
  if (text == "max") return 0.0;
  double speed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), speed);
  if (error != std::errc{} || end != text.data() + text.size() || !(speed > 0) || speed > 1e6)
    return fail(ErrorCode::invalid_argument, fmt::format("--speed {}: write max, or a number above 0", text));
  return speed;
}

Result<ReplayOptions> check_options(const ReplayLine& line) {
  ReplayOptions options;
  CLEARLINE_TRY(options.server, parse_server_url(line.server));
  if (options.server.is_https()) {
    CLEARLINE_TRY(options.server.tls, net::TlsClientContext::create({.ca_file = line.ca}));
  } else if (!line.ca.empty()) {
    return fail(ErrorCode::invalid_argument, "--ca is for a --server of https://");
  }
  CLEARLINE_TRY(options.dialogue.speed, parse_speed(line.speed));
  options.dialogue.site = line.site;
  options.concurrency = line.concurrency;
  options.agents = line.agents;
  options.give_up_after_ms = line.give_up_after_seconds * 1000;
  if (line.concurrency > line.agents * watched_per_agent_max)
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("--concurrency {} needs --agents {} or more: an agent's connection watches at most {} "
                    "conversations",
                    line.concurrency, (line.concurrency - 1) / watched_per_agent_max + 1, watched_per_agent_max));
  if (!line.agent_name.empty() && !line.agent_password_stdin)
    return fail(ErrorCode::invalid_argument, "--agent-name needs --agent-password-stdin");
  return options;
}

// Nothing is sent when any line of any file is wrong.
std::optional<std::vector<Dialogue>> read_dialogues(const ReplayLine& line, std::ostream& err) {
  DialogueReader reader;
  for (const std::string& file : line.files) reader.read_file(file);
  const std::vector<std::string>& problems = reader.problems();
  for (std::size_t i = 0; i < problems.size() && i < problems_shown_max; ++i) err << problems[i] << '\n';
  if (problems.size() > problems_shown_max) err << fmt::format("and {} more\n", problems.size() - problems_shown_max);
  if (!problems.empty()) return std::nullopt;
  std::vector<Dialogue> dialogues = reader.take_dialogues();
  if (line.limit > 0 && line.limit < dialogues.size()) dialogues.resize(line.limit);
  return dialogues;
}

// Says in one sentence what no reconnecting would cure.
Result<void> check_server(const ReplayOptions& options) {
  net::HttpFetch fetch;
  fetch.host = options.server.host;
  fetch.port = options.server.port;
  fetch.tls = options.server.tls;
  fetch.target = "/api/v1/widget?site=" + options.dialogue.site;
  fetch.headers = {{"Origin", options.server.origin}};
  const Result<net::HttpReply> reply = net::http_fetch(fetch);
  if (!reply) return tl::unexpected(reply.error().at("no server at " + options.server.origin));
  if (reply->status == 404)
    return fail(ErrorCode::not_found, fmt::format("the server has no site \"{}\"", options.dialogue.site));
  if (reply->status == 403)
    return fail(ErrorCode::forbidden, fmt::format("site \"{}\" refuses the origin {}: add it, or self, with `clearline "
                                                  "admin sites set-origins`",
                                                  options.dialogue.site, options.server.origin));
  return {};
}

Result<std::filesystem::path> find_server_data(const ReplayLine& line, const ServerUrl& server) {
  if (!line.data.empty()) return choose_data_directory(line.data);
  constexpr std::string_view advice =
      "Name an agent with --agent-name and --agent-password-stdin, or the server's data directory with --data.";
  if (!is_this_machine(server.host))
    return fail(ErrorCode::not_found,
                fmt::format("no agent to sign in as: {} is another machine. {}", server.host, advice));
  const auto info = find_runtime(server.port);
  if (!info)
    return fail(ErrorCode::not_found, fmt::format("no agent to sign in as: {}. {}", info.error().message, advice));
  return std::filesystem::path(info->data_dir);
}

struct Agents {
  std::optional<TemporaryAgents> temporary;
  std::vector<AgentAccount> accounts;
};

Result<Agents> prepare_agents(const ReplayLine& line, const ReplayOptions& options) {
  Agents agents;
  if (!line.agent_name.empty()) {
    std::string password;
    if (!std::getline(std::cin, password)) return fail(ErrorCode::invalid_argument, "standard input has no password");
    if (!password.empty() && password.back() == '\r') password.pop_back();
    agents.accounts.push_back({line.agent_name, std::move(password)});
    return agents;
  }
  CLEARLINE_TRY(const std::filesystem::path data, find_server_data(line, options.server));
  CLEARLINE_TRY(TemporaryAgents temporary, TemporaryAgents::create(data, line.site, options.agents, random_bytes));
  agents.accounts = temporary.accounts();
  agents.temporary.emplace(std::move(temporary));
  return agents;
}

Progress::Mode progress_mode(const ReplayLine& line, const std::ostream& err) {
  if (line.no_progress) return Progress::Mode::none;
  return &err == &std::cerr && ::isatty(STDERR_FILENO) == 1 ? Progress::Mode::bar : Progress::Mode::lines;
}

void show(Progress& progress, const ReplayRun& run) {
  const Statistics& statistics = run.statistics();
  std::size_t anomalies = 0;
  for (const std::size_t count : statistics.faults) anomalies += count;
  progress.show({statistics.dialogues_done, run.dialogue_count(), statistics.messages_done, anomalies,
                 statistics.reconnects, run.seconds()});
}

Result<ReplayResult> replay_all(const ReplayLine& line, const ReplayOptions& options,
                                const std::vector<Dialogue>& dialogues, std::ostream& err) {
  CLEARLINE_TRY(const std::unique_ptr<net::Loop> loop, net::Loop::create());
  CLEARLINE_TRY(const std::unique_ptr<Interrupt> interrupt, Interrupt::create());
  CLEARLINE_CHECK(check_server(options));
  CLEARLINE_TRY(const Agents agents, prepare_agents(line, options));
  Progress progress(err, progress_mode(line, err));
  TicketOffice tickets(*loop, options.server, agents.accounts);
  ReplayRun run(*loop, tickets, dialogues, options, [&progress](const std::string& text) { progress.say(text); });
  ReplayResult result = run.run([&] {
    if (run.has_started()) show(progress, run);
    if (interrupt->came()) run.interrupt();
  });
  progress.end();
  return result;
}

}  // namespace

int run_replay(std::span<const std::string> arguments, std::ostream& out, std::ostream& err) {
  ReplayLine line;
  CLI::App app(
      "Sends real dialogues through a running server, both sides over real WebSockets, and checks\n"
      "that every message arrives exactly once, in order and unchanged: on the other side, and for\n"
      "a late reader.",
      "clearline replay");
  add_options(app, line);
  if (const auto status = parse_arguments(app, arguments, out, err)) return *status;
  const Result<ReplayOptions> options = check_options(line);
  if (!options) {
    err << "clearline replay: " << options.error().message << '\n';
    return exit_usage;
  }
  const auto dialogues = read_dialogues(line, err);
  if (!dialogues) return exit_usage;

  const Result<ReplayResult> result = replay_all(line, *options, *dialogues, err);
  if (!result) {
    err << "clearline replay: " << result.error().message << '\n';
    return exit_failed;
  }
  out << (line.json ? report_json(*result, dialogues->size()) : report_text(*result, dialogues->size())) << std::flush;
  if (result->interrupted) return exit_interrupted;
  return is_clean(*result) ? exit_ok : exit_failed;
}

}  // namespace clearline::app
