// A WebSocket server that sends every message back: the smallest whole program on net/, and what conformance tests and
// benchmarks run against.
//
//   echo_server --port N [--host 127.0.0.1] [--max-message BYTES] [--shards N] [--tls CERTIFICATE KEY]
#include <signal.h>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/log.h"
#include "net/loop.h"
#include "net/server.h"
#include "net/tls/server_context.h"

namespace {

using namespace clearline;

struct Options {
  net::ServerOptions server;
  std::size_t shards = 1;
};

class EchoHandler final : public net::ServerHandler {
 public:
  void attach(net::Server& server) { server_ = &server; }

  void on_request(net::ConnectionId id, const http::Request& request) override {
    const bool here = request.path == "/";
    auto response = http::Response::text(here ? 426 : 404, here ? "This is a WebSocket endpoint.\n" : "Not found.\n");
    if (here) response.add_header("Upgrade", "websocket");
    server_->respond(id, std::move(response));
  }

  net::UpgradeDecision on_upgrade(net::ConnectionId, const http::Request& request, const ws::Upgrade&) override {
    if (request.path != "/") return net::UpgradeDecision::refuse(http::Response::text(404, "Not found.\n"));
    return net::UpgradeDecision::accept();
  }

  void on_open(net::Connection&) override {}

  void on_message(net::Connection& connection, ws::MessageKind kind, std::string_view payload) override {
    if (kind == ws::MessageKind::text) {
      connection.send_text(payload);
    } else {
      connection.send_binary(payload);
    }
  }

  void on_end(net::ConnectionId, void*, const ws::End& end) override {
    log_debug("connection ended status={} cause={} clean={}", end.status, registry::cause_name(end.cause), end.clean);
  }

 private:
  net::Server* server_ = nullptr;
};

// One loop, one server, one thread.
struct Shard {
  std::unique_ptr<net::Loop> loop;
  EchoHandler handler;
  std::unique_ptr<net::Server> server;
  std::thread thread;
};

[[noreturn]] void exit_with(int status, const std::string& text) {
  std::fprintf(status == 0 ? stdout : stderr, "%s\n", text.c_str());
  std::exit(status);
}

template <typename Number>
Number parse_number(std::string_view option, std::string_view text, Number min, Number max) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < min || value > max) {
    exit_with(2, "echo_server: " + std::string(option) + " needs a number from " + std::to_string(min) + " to " +
                     std::to_string(max));
  }
  return value;
}

std::shared_ptr<const net::TlsServerContext> load_tls(std::string_view certificate, std::string_view key) {
  net::TlsServerOptions options;
  options.certificates = {{std::string(certificate), std::string(key)}};
  auto context = net::TlsServerContext::load(options);
  if (!context) exit_with(1, "echo_server: " + context.error().message);
  for (const std::string& warning : (*context)->warnings()) log_warning("{}", warning);
  return *context;
}

Options parse_options(int argc, char** argv) {
  constexpr const char* usage =
      "Usage: echo_server [--port N] [--host ADDRESS] [--max-message BYTES] [--shards N] [--tls CERTIFICATE KEY] "
      "[--verbose]";
  Options options;
  options.server.limits.message_bytes_max = std::uint64_t{64} << 20;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (option == "--help") exit_with(0, usage);
    if (option == "--verbose") {
      log_set_level(LogLevel::debug);
      continue;
    }
    if (i + 1 == argc) exit_with(2, usage);
    const std::string_view value = argv[++i];
    if (option == "--port") {
      options.server.port = parse_number<std::uint16_t>(option, value, 0, 65535);
    } else if (option == "--host") {
      options.server.address = value;
    } else if (option == "--max-message") {
      options.server.limits.message_bytes_max = parse_number<std::uint64_t>(option, value, 1, std::uint64_t{1} << 40);
    } else if (option == "--shards") {
      options.shards = parse_number<std::size_t>(option, value, 1, 255);
    } else if (option == "--tls") {
      if (i + 1 == argc) exit_with(2, usage);
      options.server.tls = load_tls(value, argv[++i]);
    } else {
      exit_with(2, usage);
    }
  }
  // A client may send one message of the greatest size before it reads the echo of the one before.
  options.server.limits.outgoing_bytes_max =
      static_cast<std::size_t>(2 * options.server.limits.message_bytes_max) + (std::size_t{1} << 20);
  options.server.reuse_port = options.shards > 1;
  return options;
}

std::vector<std::unique_ptr<Shard>> start(Options options) {
  std::vector<std::unique_ptr<Shard>> shards;
  for (std::size_t i = 0; i < options.shards; ++i) {
    auto shard = std::make_unique<Shard>();
    auto loop = net::Loop::create();
    if (!loop) exit_with(1, "echo_server: " + loop.error().message);
    shard->loop = std::move(*loop);
    options.server.shard_index = static_cast<std::uint8_t>(i);
    auto server = net::Server::listen(*shard->loop, options.server, shard->handler);
    if (!server) exit_with(1, "echo_server: " + server.error().message);
    shard->server = std::move(*server);
    shard->handler.attach(*shard->server);
    options.server.port = shard->server->port();  // the first one's choice, if it was free
    shards.push_back(std::move(shard));
  }
  for (auto& shard : shards) shard->thread = std::thread([loop = shard->loop.get()] { loop->run(); });
  return shards;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse_options(argc, argv);
  // Blocked in every thread, so that the wait below is the only one to get them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  auto shards = start(options);
  std::printf("listening on %s\n", shards.front()->server->address_text().c_str());
  std::fflush(stdout);

  int signal = 0;
  sigwait(&signals, &signal);
  for (auto& shard : shards) shard->loop->stop();
  for (auto& shard : shards) shard->thread.join();
  return 0;
}
