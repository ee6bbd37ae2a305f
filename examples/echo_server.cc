// A WebSocket server that sends every message back: the smallest whole program on the library, and what conformance
// tests and benchmarks run against. One thread, loop and server for each shard; no shard knows of another.
//
// --deflate agrees to permessage-deflate without context takeover, the library's default; --deflate-parameters LIST to
// what the list says in the words of RFC 7692, such as "server_max_window_bits=12; client_no_context_takeover".
#include <signal.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "clearline/base/log.h"
#include "clearline/net/listener.h"
#include "clearline/net/loop.h"
#include "clearline/net/server.h"
#include "clearline/net/tls/server_context.h"
#include "command_line.h"

namespace {

using namespace clearline;

struct Options {
  net::ServerOptions server;
  std::size_t shards = 1;
};

// What the library asks and tells, on the loop's thread.
class EchoHandler final : public net::ServerHandler {
 public:
  // on_request has to answer through the server, which is made after its handler.
  void attach(net::Server& server) { server_ = &server; }

  // A request that wants no WebSocket.
  void on_request(net::ConnectionId id, const http::Request& request) override {
    const bool here = request.path == "/";
    auto response = http::Response::text(here ? 426 : 404, here ? "This is a WebSocket endpoint.\n" : "Not found.\n");
    if (here) response.add_header("Upgrade", "websocket");
    server_->respond(id, std::move(response));
  }

  // A valid opening handshake: here one would look at its Origin, subprotocols and cookies.
  net::UpgradeDecision on_upgrade(net::ConnectionId, const http::Request& request, const ws::Upgrade&) override {
    if (request.path != "/") return net::UpgradeDecision::refuse(http::Response::text(404, "Not found.\n"));
    return net::UpgradeDecision::accept();
  }

  // All that is sent in a turn of the loop leaves together. Pings are answered and fragments joined by the library.
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

struct Shard {
  std::unique_ptr<net::Loop> loop;
  EchoHandler handler;
  std::unique_ptr<net::Server> server;  // destroyed before the loop and the handler that it uses
  std::thread thread;
};

[[noreturn]] void exit_with(const Error& error) {
  std::fprintf(stderr, "echo_server: %s\n", error.message.c_str());
  std::exit(1);
}

std::shared_ptr<const net::TlsServerContext> load_tls(std::string_view certificate, std::string_view key) {
  net::TlsServerOptions options;
  options.certificates = {{std::string(certificate), std::string(key)}};
  auto context = net::TlsServerContext::load(options);
  if (!context) exit_with(context.error());
  for (const std::string& warning : (*context)->warnings()) log_warning("{}", warning);
  return *context;
}

ws::DeflateOptions parse_deflate(CommandLine& arguments) {
  const auto options = ws::parse_deflate_options(arguments.value());
  if (!options) arguments.fail("--deflate-parameters: " + options.error().message);
  return *options;
}

Options parse_options(int argc, char** argv) {
  CommandLine arguments(argc, argv, "echo_server",
                        "[--port N] [--host ADDRESS] [--max-message BYTES] [--deflate] [--deflate-parameters LIST]\n"
                        "                   [--shards N] [--tls CERTIFICATE KEY] [--verbose]");
  Options options;
  options.server.limits.message_bytes_max = std::uint64_t{64} << 20;
  while (arguments.next()) {
    if (arguments.is("--port")) {
      options.server.port = arguments.number<std::uint16_t>(0, 65535);
    } else if (arguments.is("--host")) {
      options.server.address = arguments.value();
    } else if (arguments.is("--max-message")) {
      options.server.limits.message_bytes_max = arguments.number<std::uint64_t>(1, std::uint64_t{1} << 40);
    } else if (arguments.is("--deflate")) {
      options.server.deflate.emplace();
    } else if (arguments.is("--deflate-parameters")) {
      options.server.deflate = parse_deflate(arguments);
    } else if (arguments.is("--shards")) {
      options.shards = arguments.number<std::size_t>(1, 255);
    } else if (arguments.is("--verbose")) {
      log_set_level(LogLevel::debug);
    } else if (arguments.is("--tls")) {
      const std::string_view certificate = arguments.value();
      options.server.tls = load_tls(certificate, arguments.value());
    } else {
      arguments.fail_unknown();
    }
  }
  // A client may send one message of the greatest size before it reads the echo of the one before.
  options.server.limits.outgoing_bytes_max =
      static_cast<std::size_t>(2 * options.server.limits.message_bytes_max) + (std::size_t{1} << 20);
  return options;
}

std::vector<std::unique_ptr<Shard>> start(Options options) {
  std::vector<std::unique_ptr<Shard>> shards;
  for (std::size_t i = 0; i < options.shards; ++i) {
    auto shard = std::make_unique<Shard>();
    auto loop = net::Loop::create();
    if (!loop) exit_with(loop.error());
    shard->loop = std::move(*loop);
    options.server.shard_index = static_cast<std::uint8_t>(i);
    shard->server = net::Server::create(*shard->loop, options.server, shard->handler);
    shard->handler.attach(*shard->server);
    shards.push_back(std::move(shard));
  }
  return shards;
}

// Every connection goes to the shard that has the fewest.
std::unique_ptr<net::Listener> listen(const Options& options, std::vector<std::unique_ptr<Shard>>& shards) {
  net::ListenOptions listening;
  auto address = net::SocketAddress::parse(options.server.address, options.server.port);
  if (!address) exit_with(address.error());
  listening.address = *address;
  std::vector<net::Server*> servers;
  for (auto& shard : shards) servers.push_back(shard->server.get());
  auto listener = net::Listener::listen(*shards.front()->loop, listening, servers);
  if (!listener) exit_with(listener.error());
  return std::move(*listener);
}

// Says goodbye with 1001 to every client and ends when the last has answered, or after close_timeout_ms.
void stop(Shard& shard) {
  // post() is the one door into a loop from another thread.
  shard.loop->post(
      [&shard] { shard.server->shut_down(registry::Cause::server_stopped, [&shard] { shard.loop->stop(); }); });
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
  const auto listener = listen(options, shards);
  for (auto& shard : shards) shard->thread = std::thread([loop = shard->loop.get()] { loop->run(); });
  std::printf("listening on %s\n", listener->address().text().c_str());
  std::fflush(stdout);

  int signal = 0;
  sigwait(&signals, &signal);
  // The listener belongs to the first loop. What it has handed over is there before the stop that is posted behind it.
  shards.front()->loop->post([&] {
    listener->stop();
    for (auto& shard : shards) stop(*shard);
  });
  for (auto& shard : shards) shard->thread.join();
  return 0;
}
