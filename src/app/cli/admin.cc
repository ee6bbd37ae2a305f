#include "app/cli/admin.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "app/cli/admin_operations.h"
#include "app/cli/admin_output.h"
#include "app/cli/arguments.h"
#include "app/data_directory.h"
#include "app/runtime_file.h"
#include "base/clock.h"
#include "base/random.h"
#include "store/sqlite/sqlite_database.h"

namespace clearline::app {

namespace {

namespace fs = std::filesystem;

using Action = std::function<Result<void>(AdminOperations&, AdminOutput&)>;

// What the command line said. Options of all subcommands live here, since CLI11 binds them before it knows which one
// was meant.
struct AdminLine {
  std::string data;
  std::uint16_t server_port = 0;
  bool json = false;

  std::string name;  // of the site or agent: the positional argument
  std::string display_name;
  std::string role = "agent";
  std::vector<std::string> sites;
  std::vector<std::string> origins;
  bool password_stdin = false;

  Action action;
};

CLI::App& add_command(CLI::App& parent, AdminLine& line, const char* name, const char* description, Action action) {
  CLI::App& command = *parent.add_subcommand(name, description);
  command.fallthrough();
  command.callback([&line, action = std::move(action)] { line.action = action; });
  return command;
}

void add_origins(CLI::App& command, AdminLine& line) {
  command.add_option("--origin", line.origins,
                     "Where the widget may be used: https://shop.example, http://localhost:3000,\n"
                     "self (the pages of this server) or * (anywhere). May be repeated. Without it: self");
}

void add_site_commands(CLI::App& admin, AdminLine& line) {
  CLI::App& sites = *admin.add_subcommand("sites", "The sites whose visitors chat here");
  sites.fallthrough();
  sites.require_subcommand(1);

  add_command(sites, line, "list", "Show all sites", [](AdminOperations& operations, AdminOutput& output) {
    return operations.sites().map([&](const auto& all) { output.list_sites(all); });
  });
  CLI::App& create =
      add_command(sites, line, "create", "Make a site", [&line](AdminOperations& operations, AdminOutput& output) {
        return operations.create_site(line.name, line.display_name, line.origins).map([&](const chat::Site& site) {
          output.site(site, fmt::format("Created site {}. Its script tag:\n  <script src=\"https://HOST/widget.js\" "
                                        "data-site=\"{}\" async></script>",
                                        site.key, site.key));
        });
      });
  create.add_option("key", line.name, "1 to 40 of a-z, 0-9 and -; stands in the script tag")->required();
  create.add_option("--name", line.display_name, "For people, for example \"Demo shop\"")->required();
  add_origins(create, line);

  CLI::App& set_origins = add_command(
      sites, line, "set-origins", "Replace where a site's widget may be used",
      [&line](AdminOperations& operations, AdminOutput& output) {
        return operations.set_origins(line.name, line.origins).map([&](const chat::Site& site) {
          output.site(site, fmt::format("Site {} has {} origin{} now.", site.key, site.allowed_origins.size(),
                                        site.allowed_origins.size() == 1 ? "" : "s"));
        });
      });
  set_origins.add_option("key", line.name, "The site")->required();
  add_origins(set_origins, line);

  for (const bool closed : {true, false}) {
    CLI::App& command =
        add_command(sites, line, closed ? "close" : "open",
                    closed ? "Refuse the site's visitors until it is opened again" : "Open a closed site again",
                    [&line, closed](AdminOperations& operations, AdminOutput& output) {
                      return operations.set_closed(line.name, closed).map([&](const chat::Site& site) {
                        output.site(site, fmt::format("Site {} is {}.", site.key, closed ? "closed" : "open"));
                      });
                    });
    command.add_option("key", line.name, "The site")->required();
  }
}

void add_agent_name(CLI::App& command, AdminLine& line) {
  command.add_option("name", line.name, "The agent")->required();
}

void add_password(CLI::App& command, AdminLine& line) {
  command.add_flag("--password-stdin", line.password_stdin,
                   "Read the password from the first line of standard input. Without it one is\n"
                   "made and shown once");
}

// The first line of the stream; nothing when a password is to be made.
Result<std::optional<std::string>> read_password(const AdminLine& line, std::istream& in) {
  if (!line.password_stdin) return std::nullopt;
  std::string password;
  if (!std::getline(in, password)) return fail(ErrorCode::invalid_argument, "standard input has no password");
  if (!password.empty() && password.back() == '\r') password.pop_back();
  return password;
}

Result<void> create_agent(const AdminLine& line, std::istream& in, AdminOperations& operations, AdminOutput& output) {
  CLEARLINE_TRY(std::optional<std::string> password, read_password(line, in));
  AdminOperations::NewAgent wanted{line.name, line.display_name, *role_from_name(line.role), line.sites,
                                   std::move(password)};
  CLEARLINE_TRY(const auto made, operations.create_agent(wanted));
  output.agent(made, fmt::format("Created {} {}.", role_name(made.agent.role), made.agent.name));
  return {};
}

Result<void> set_password(const AdminLine& line, std::istream& in, AdminOperations& operations, AdminOutput& output) {
  CLEARLINE_TRY(std::optional<std::string> password, read_password(line, in));
  CLEARLINE_TRY(const auto changed, operations.set_password(line.name, password));
  output.agent(changed, fmt::format("Agent {} has a new password and is signed out everywhere.", line.name));
  return {};
}

void add_agent_commands(CLI::App& admin, AdminLine& line, std::istream& in) {
  CLI::App& agents = *admin.add_subcommand("agents", "The people who answer");
  agents.fallthrough();
  agents.require_subcommand(1);

  add_command(agents, line, "list", "Show all agents", [](AdminOperations& operations, AdminOutput& output) {
    return operations.agents().map([&](const auto& all) { output.list_agents(all); });
  });

  CLI::App& create = add_command(agents, line, "create", "Make an agent",
                                 [&line, &in](AdminOperations& operations, AdminOutput& output) {
                                   return create_agent(line, in, operations, output);
                                 });
  create.add_option("name", line.name, "1 to 64 of a-z, 0-9, . _ and -; to sign in with")->required();
  create.add_option("--display-name", line.display_name, "What visitors see; without it the name");
  create.add_option("--role", line.role, "agent (the sites granted) or admin (all sites)")
      ->check(CLI::IsMember({"agent", "admin"}))
      ->capture_default_str();
  create.add_option("--site", line.sites, "A site to grant, by its key. May be repeated");
  add_password(create, line);

  CLI::App& password = add_command(agents, line, "set-password", "Give an agent another password",
                                   [&line, &in](AdminOperations& operations, AdminOutput& output) {
                                     return set_password(line, in, operations, output);
                                   });
  add_agent_name(password, line);
  add_password(password, line);

  for (const bool disabled : {true, false}) {
    add_agent_name(add_command(agents, line, disabled ? "disable" : "enable",
                               disabled ? "Sign an agent out for good" : "Let a disabled agent sign in again",
                               [&line, disabled](AdminOperations& operations, AdminOutput& output) {
                                 return operations.set_disabled(line.name, disabled).map([&](chat::Agent agent) {
                                   output.agent({std::move(agent), std::nullopt},
                                                fmt::format("Agent {} is {}.", line.name,
                                                            disabled ? "disabled and signed out" : "active"));
                                 });
                               }),
                   line);
  }
  for (const bool grant : {true, false}) {
    CLI::App& command = add_command(
        agents, line, grant ? "grant" : "revoke",
        grant ? "Let an agent answer on more sites" : "Take sites from an agent",
        [&line, grant](AdminOperations& operations, AdminOutput& output) {
          auto changed = grant ? operations.grant(line.name, line.sites) : operations.revoke(line.name, line.sites);
          return std::move(changed).map([&](chat::Agent agent) {
            const std::string done = fmt::format("Agent {} serves {} site{} now.", line.name, agent.sites.size(),
                                                 agent.sites.size() == 1 ? "" : "s");
            output.agent({std::move(agent), std::nullopt}, done);
          });
        });
    add_agent_name(command, line);
    command.add_option("--site", line.sites, "A site, by its key. May be repeated")->required();
  }
}

Result<fs::path> find_data_directory(const AdminLine& line) {
  if (line.server_port == 0) return choose_data_directory(line.data);
  return find_runtime(line.server_port).map([](const RuntimeInfo& info) { return fs::path(info.data_dir); });
}

Result<void> carry_out(const AdminLine& line, std::ostream& out, RandomSource random) {
  CLEARLINE_TRY(const fs::path directory, find_data_directory(line));
  store::SqliteOptions options;
  options.create_if_missing = false;
  auto database = store::open_sqlite_database(database_path(directory), options);
  if (!database && database.error().code == ErrorCode::not_found)
    return fail(ErrorCode::not_found, fmt::format("there is no database in {}: name another directory with --data, or "
                                                  "start the server there once",
                                                  directory.string()));
  if (!database) return tl::unexpected(std::move(database).error());
  CLEARLINE_TRY(const std::unique_ptr<chat::Directory> directory_store, (*database)->open_directory());
  AdminOperations operations(*directory_store, wall_now(), random);
  CLEARLINE_TRY(const std::vector<chat::Site> sites, operations.sites());
  AdminOutput output(out, line.json, sites);
  return line.action(operations, output);
}

}  // namespace

int run_admin(std::span<const std::string> arguments, const AdminStreams& streams, RandomSource random) {
  AdminLine line;
  CLI::App app(
      "Sites and agents. Works on the database directly, also while the server runs, which takes\n"
      "changes over within seconds.",
      "clearline admin");
  auto* data = app.add_option("--data", line.data,
                              "The data directory. Without it as for serve: $CLEARLINE_DATA, ./var in a source\n"
                              "tree or where a database is, $XDG_DATA_HOME/clearline");
  app.add_option("--server-port", line.server_port, "The data directory of this machine's server on the port")
      ->check(CLI::Range(1, 65535))
      ->excludes(data);
  app.add_flag("--json", line.json, "One JSON text on standard output, for programs");
  app.require_subcommand(1);
  app.footer(exit_statuses_text);
  add_site_commands(app, line);
  add_agent_commands(app, line, streams.in);
  if (const auto status = parse_arguments(app, arguments, streams.out, streams.err)) return *status;

  const Result<void> done = carry_out(line, streams.out, random);
  if (done) return exit_ok;
  streams.err << "clearline admin: " << done.error().message << '\n';
  return done.error().code == ErrorCode::invalid_argument ? exit_usage : exit_failed;
}

int run_admin(std::span<const std::string> arguments, std::ostream& out, std::ostream& err) {
  return run_admin(arguments, {std::cin, out, err}, random_bytes);
}

}  // namespace clearline::app
