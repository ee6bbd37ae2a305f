#include "app/cli/serve.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <thread>

#include "app/cli/arguments.h"
#include "app/cli/serve_sockets.h"
#include "app/data_directory.h"
#include "app/runtime_file.h"
#include "app/server.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/systemd.h"

namespace clearline::app {

namespace {

sigset_t ending_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

// Blocked before any thread starts, so that only we take them. SIGHUP is ours only where there is something to read
// again: else a server whose terminal was closed would stay without one.
sigset_t block_signals(bool tls) {
  sigset_t signals = ending_signals();
  if (tls) sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // Whoever read our standard output may be gone when we say that we drain; that is no reason to die instead.
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

int wait_for_signal(const sigset_t& signals) {
  int signal = 0;
  while (sigwait(&signals, &signal) != 0) {
  }
  return signal;
}

// A service manager that does not hear us may think that we hang; the chat goes on all the same.
void tell_service_manager(std::string_view state) {
  if (const auto told = net::notify_service_manager(state); !told) log_warning("{}", told.error().message);
}

void serve_until_ended(Server& server, const sigset_t& signals) {
  while (wait_for_signal(signals) == SIGHUP) {
    tell_service_manager(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", monotonic_now().ms * 1000));
    if (const auto reloaded = server.reload_tls(); reloaded) {
      log_info("tls certificates reloaded: new connections get them");
    } else {
      log_error("tls certificates not reloaded, the old ones stay: {}", reloaded.error().message);
    }
    tell_service_manager("READY=1");
  }
}

// The certificates, or what is wrong with the options.
Result<std::vector<net::TlsCertificateFiles>> pair_up(const std::vector<std::string>& certificates,
                                                      const std::vector<std::string>& keys) {
  if (certificates.size() != keys.size())
    return fail(ErrorCode::invalid_argument,
                fmt::format("--tls-cert and --tls-key come in pairs, and here are {} and {}", certificates.size(),
                            keys.size()));
  std::vector<net::TlsCertificateFiles> files;
  for (std::size_t i = 0; i < keys.size(); ++i) files.push_back({certificates[i], keys[i]});
  return files;
}

// For links that a person clicks: a wildcard address is not one.
std::string link_base(const Server& server, const net::SocketAddress& address) {
  const std::string_view scheme = server.tls() == nullptr ? "http" : "https";
  const std::string ip = address.ip();
  if (ip == "0.0.0.0" || ip == "::") return fmt::format("{}://localhost:{}", scheme, address.port());
  return fmt::format("{}://{}", scheme, address.text());
}

// With TLS a browser accepts the certificate's name only.
std::string page_base(const Server& server, const net::SocketAddress& address) {
  if (server.tls() == nullptr) return link_base(server, address);
  const auto& names = server.tls()->certificates().front().names;
  const auto name = std::ranges::find_if(names, [](const std::string& one) { return one.find('*') == one.npos; });
  if (name == names.end()) return link_base(server, address);
  const bool ipv6 = name->find(':') != std::string::npos;
  return fmt::format("https://{}:{}", ipv6 ? "[" + *name + "]" : *name, address.port());
}

void print_addresses(const Server& server, const ServerSettings& settings, std::ostream& out) {
  std::optional<std::string> base;
  for (const net::SocketAddress& address : server.addresses()) {
    if (address.is_unix()) {
      out << "listening on " << address.text() << "\n";
      continue;
    }
    out << "listening on " << link_base(server, address) << "\n";
    if (!base) base = page_base(server, address);
  }
  if (base)
    out << "\n"
        << "  demo shop      " << *base << "/demo/\n"
        << "  agent console  " << *base << "/console/\n";
  if (const auto& first = server.first_agent())
    out << "\n  first agent    " << first->name << "\n  password       " << first->password
        << "   (shown this once; change it with: clearline admin agents set-password " << first->name << ")\n";
  out << "\n  data           " << settings.data_directory.string() << "\n\nCtrl-C drains and stops.\n" << std::flush;
}

// Tools on this machine find the data directory by the port. Serving does not depend on it.
std::optional<RuntimeFile> register_server(const Server& server, const ServerSettings& settings) {
  for (const net::SocketAddress& address : server.addresses()) {
    if (address.port() == 0) continue;
    auto registered =
        RuntimeFile::create({getpid(), address.port(), address.ip(), settings.data_directory.string(), wall_now()});
    if (registered) return *std::move(registered);
    log_warning("tools will not find this server by its port: {}", registered.error().message);
    return std::nullopt;
  }
  return std::nullopt;  // Unix sockets only: there is no port to find it by
}

Result<void> set_proxies(const std::vector<std::string>& trusted, const std::string& headers,
                         ServerSettings& settings) {
  for (const std::string& text : trusted) {
    auto range = net::AddressRange::parse(text);
    if (!range) return tl::unexpected(range.error().at("--trusted-proxy"));
    settings.trusted_proxies.push_back(*range);
  }
  settings.proxy_headers = headers == "none"        ? net::ProxyHeaders::none
                           : headers == "forwarded" ? net::ProxyHeaders::forwarded
                                                    : net::ProxyHeaders::x_forwarded;
  const auto lacks_proxies = [&](const net::ListenOptions& options) {
    return options.proxy_protocol && settings.trusted_proxies.empty();
  };
  constexpr std::string_view why = ",proxy-protocol needs --trusted-proxy: without one, nobody's header would be taken";
  for (const net::ListenOptions& options : settings.listen)
    if (lacks_proxies(options))
      return fail(ErrorCode::invalid_argument, fmt::format("--listen {}{}", options.address.text(), why));
  for (const PassedListener& passed : settings.passed)
    if (lacks_proxies(passed.options)) return fail(ErrorCode::invalid_argument, fmt::format("--listen systemd{}", why));
  return {};
}

int drain(Server& server, const sigset_t& signals, std::ostream& out) {
  out << "draining: nothing new is accepted, everybody is told to come back; once more to hurry\n" << std::flush;
  std::size_t cut_off = 0;
  std::atomic<bool> done = false;
  std::thread drainer([&] {
    cut_off = server.drain();
    done.store(true);
  });
  while (!done.load()) {
    constexpr timespec poll{.tv_sec = 0, .tv_nsec = 20'000'000};
    if (sigtimedwait(&signals, nullptr, &poll) > 0) server.hurry();
  }
  drainer.join();
  if (cut_off > 0) log_warning("{} connections did not end in time and were cut off", cut_off);
  out << "stopped\n" << std::flush;
  return 0;
}

}  // namespace

int run_serve(std::span<const std::string> arguments, std::ostream& out, std::ostream& err) {
  ServerSettings settings;
  std::string data;
  std::string log_level = "info";
  int shards = 1;
  std::vector<std::string> listen;
  std::vector<std::string> trusted_proxies;
  std::string proxy_headers = "x-forwarded";
  CLI::App cli(
      "Serves visitors and agents until SIGTERM or Ctrl-C, then drains: acknowledges what it has, tells everybody\n"
      "to come back (1012) and ends with status 0.",
      "clearline serve");
  auto* port = cli.add_option("--port", settings.port, "TCP port; 0 takes any free one")->capture_default_str();
  auto* host = cli.add_option("--host", settings.address, "numeric address to listen on; 0.0.0.0 for all")
                   ->capture_default_str();
  cli.add_option("--listen", listen,
                 "listen here, in place of --host and --port; may be repeated: 127.0.0.1:8080, [::1]:8080,\n"
                 "[::]:8080 (IPv4 as well, unless ,ipv6-only follows), unix:/run/clearline/clearline.sock\n"
                 "(with ,mode=0660 ,user=NAME ,group=NAME), unix:@NAME, systemd or systemd:NAME for the\n"
                 "sockets that systemd passes; ,proxy-protocol where every connection begins with a header\n"
                 "of the PROXY protocol, version 1 or 2")
      ->excludes(port)
      ->excludes(host);
  cli.add_option("--trusted-proxy", trusted_proxies,
                 "believe what this proxy says about its client: an address, a range as 10.0.0.0/8, or\n"
                 "unix: for whoever connects to a Unix socket; may be repeated");
  cli.add_option("--proxy-headers", proxy_headers,
                 "what trusted proxies write: x-forwarded (X-Forwarded-For, -Proto, -Host), forwarded\n"
                 "(RFC 7239) or none")
      ->capture_default_str()
      ->check(CLI::IsMember({"x-forwarded", "forwarded", "none"}));
  std::vector<std::string> certificates;
  std::vector<std::string> keys;
  cli.add_option("--tls-cert", certificates,
                 "speak HTTPS: PEM file of the certificate and those between it and the\n"
                 "authority. Several, each with its --tls-key, for several names: the first is\n"
                 "for clients that ask for another name. Read again at SIGHUP")
      ->allow_extra_args(false);
  cli.add_option("--tls-key", keys, "PEM file of its private key")->allow_extra_args(false);
  std::string version_min = "1.2";
  auto* version = cli.add_option("--tls-min-version", version_min, "1.2, or 1.3 to refuse older clients")
                      ->capture_default_str()
                      ->check(CLI::IsMember({"1.2", "1.3"}));
  auto* hsts = cli.add_option("--hsts-max-age", settings.policy.hsts_max_age_s,
                              "with TLS: seconds for which browsers must use nothing but HTTPS on this host,\n"
                              "on all its ports (RFC 6797); 0 says nothing")
                   ->capture_default_str()
                   ->check(CLI::Range(std::int64_t{0}, std::int64_t{63'072'000}));
  cli.add_option("--data", data,
                 "data directory (default: $CLEARLINE_DATA, ./var in a source tree, or\n"
                 "$XDG_DATA_HOME/clearline)");
  cli.add_option("--shards", shards, "event loops, each a thread")->capture_default_str()->check(CLI::Range(1, 64));
  RateLimit& visitor_sends = settings.policy.visitor_sends;
  cli.add_option("--visitor-rate", visitor_sends.per_second, "messages a second that one visitor may keep up")
      ->capture_default_str()
      ->check(CLI::Range(0.01, 1e6));
  cli.add_option("--visitor-burst", visitor_sends.burst, "messages that one visitor may send at once")
      ->capture_default_str()
      ->check(CLI::Range(1.0, 1e6));
  cli.add_option("--log-level", log_level, "debug, info, warning, error or off")
      ->capture_default_str()
      ->check(CLI::IsMember({"debug", "info", "warning", "error", "off"}));
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    cli.parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    return cli.exit(error, out, err) == 0 ? 0 : 2;
  }
  static constexpr std::array levels = {"debug", "info", "warning", "error", "off"};
  log_set_level(static_cast<LogLevel>(std::ranges::find(levels, log_level) - levels.begin()));
  settings.shards = static_cast<std::uint8_t>(shards);
  auto passed = net::take_passed_sockets();
  auto parsed = passed ? set_listeners(listen, *std::move(passed), settings) : tl::unexpected(passed.error());
  if (parsed) parsed = set_proxies(trusted_proxies, proxy_headers, settings);
  if (!parsed) {
    err << "clearline serve: " << parsed.error().message << "\n";
    return exit_usage;
  }
  auto files = pair_up(certificates, keys);
  if (files && files->empty() && hsts->count() + version->count() > 0)
    files = fail(ErrorCode::invalid_argument, "--tls-min-version and --hsts-max-age need --tls-cert and --tls-key");
  if (!files) {
    err << "clearline serve: " << files.error().message << "\n";
    return exit_usage;
  }
  settings.tls.certificates = std::move(*files);
  settings.tls.version_min = version_min == "1.3" ? net::TlsVersion::tls_1_3 : net::TlsVersion::tls_1_2;

  auto directory = choose_data_directory(data);
  if (!directory) {
    err << "clearline serve: " << directory.error().message << "\n";
    return 1;
  }
  settings.data_directory = std::move(*directory);
  const sigset_t signals = block_signals(!settings.tls.certificates.empty());
  auto server = Server::start(settings);
  if (!server) {
    err << "clearline serve: " << server.error().message << "\n";
    return 1;
  }
  const auto registered = register_server(**server, settings);
  print_addresses(**server, settings, out);
  tell_service_manager("READY=1");
  serve_until_ended(**server, signals);
  tell_service_manager("STOPPING=1\nSTATUS=draining");
  return drain(**server, ending_signals(), out);
}

}  // namespace clearline::app
