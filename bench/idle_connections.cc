// What an idle WebSocket costs the server in user space: opens N connections to an echo server, has each of them echo
// once, and divides the growth of its resident memory. Ends with status 1 above the budget, or if a connection was
// lost.
// With few connections the pool of output queues, which has a fixed limit, weighs in the figure after the echo; 10,000
// show the slope.
//
//   idle_connections ECHO_SERVER [N] [BYTES_MAX] [--deflate PARAMETERS] [--tls CERTIFICATE KEY 1.2|1.3]
//
// PARAMETERS: of permessage-deflate, in the words of RFC 7692, such as "server_max_window_bits=12;
// client_max_window_bits=12" (contexts are then taken over), or "server_no_context_takeover;
// client_no_context_takeover". The echoed message is then long enough to be compressed.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "net/client.h"
#include "net/loop.h"
#include "net/tls/client_context.h"

namespace {

using namespace clearline;

// The number that the text begins with; zero if it does not begin with one.
template <typename Number>
Number leading_number(std::string_view text) {
  Number number{};
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

struct EchoServer {
  pid_t pid = -1;
  std::uint16_t port = 0;
};

// What the connections are besides plain.
struct Kind {
  const char* certificate = nullptr;  // null: without TLS
  const char* key = nullptr;
  std::string_view tls_version = "1.3";
  const char* deflate_parameters = nullptr;  // null: without permessage-deflate
};

EchoServer start(const char* program, const Kind& kind) {
  int pipe_fds[2];
  if (::pipe2(pipe_fds, O_CLOEXEC) != 0) return {};
  EchoServer server;
  server.pid = ::fork();
  if (server.pid == 0) {
    ::dup2(pipe_fds[1], STDOUT_FILENO);
    std::vector<const char*> arguments{program, "--port", "0"};
    if (kind.deflate_parameters != nullptr) {
      arguments.insert(arguments.end(), {"--deflate-parameters", kind.deflate_parameters});
    }
    if (kind.certificate != nullptr) arguments.insert(arguments.end(), {"--tls", kind.certificate, kind.key});
    arguments.push_back(nullptr);
    ::execv(program, const_cast<char* const*>(arguments.data()));
    ::_exit(127);
  }
  ::close(pipe_fds[1]);
  char line[256] = {};
  const ssize_t count = ::read(pipe_fds[0], line, sizeof line - 1);
  const std::string_view text(line, count > 0 ? static_cast<std::size_t>(count) : 0);
  if (const auto colon = text.rfind(':'); colon != std::string_view::npos) {
    server.port = leading_number<std::uint16_t>(text.substr(colon + 1));
  }
  return server;
}

std::int64_t resident_bytes(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/statm");
  std::int64_t size = 0;
  std::int64_t resident = 0;
  file >> size >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

class CountingHandler final : public net::ConnectionHandler {
 public:
  void on_open(net::Connection& connection) override {
    ++opened;
    compressed += connection.negotiated().deflate ? 1 : 0;
  }
  void on_message(net::Connection&, ws::MessageKind, std::string_view) override { ++echoes; }
  void on_end(net::ConnectionId, void*, const ws::End& end) override {
    if (lost++ == 0) std::fprintf(stderr, "lost: %s\n", end.reason.c_str());
  }
  int opened = 0;
  int compressed = 0;
  int echoes = 0;
  int lost = 0;
};

// Longer than what goes uncompressed, and no two pieces alike.
std::string chat_text() {
  std::string text;
  for (int i = 0; i < 12; ++i) text += "Thank you for message " + std::to_string(i * 7919) + ", anything else? ";
  return text;
}

class Measurement {
 public:
  Measurement(const EchoServer& server, const Kind& kind, const std::optional<ws::DeflateOptions>& deflate)
      : server_(server), deflate_(deflate), loop_(std::move(*net::Loop::create())), client_(*loop_, {}, handler_) {
    if (kind.certificate == nullptr) return;
    net::TlsClientOptions options;
    options.insecure = true;
    if (kind.tls_version == "1.2") options.version_max = net::TlsVersion::tls_1_2;
    tls_ = std::move(*net::TlsClientContext::create(options));
  }

  bool open(int count) {
    for (int i = 0; i < count; ++i) {
      net::ConnectOptions options;
      options.port = server_.port;
      options.deflate = deflate_;
      options.tls = tls_;
      if (!client_.connect(options)) return false;
      if (i % 64 == 63) loop_->run_once(0);  // no more at once than the listening queue holds
    }
    while (handler_.opened < count && handler_.lost == 0) loop_->run_once(100);
    return handler_.lost == 0 && handler_.compressed == (deflate_ ? count : 0);
  }

  bool echo() {
    handler_.echoes = 0;
    client_.for_each([this](net::Connection& connection) { connection.send_text(text_); });
    while (handler_.echoes < handler_.opened && handler_.lost == 0) loop_->run_once(100);
    return handler_.lost == 0;
  }

  [[nodiscard]] double bytes_each(std::int64_t before, int count) const {
    return static_cast<double>(resident_bytes(server_.pid) - before) / count;
  }

 private:
  EchoServer server_;
  std::optional<ws::DeflateOptions> deflate_;
  std::string text_ = deflate_ ? chat_text() : "twenty bytes of text";
  std::shared_ptr<const net::TlsClientContext> tls_;
  CountingHandler handler_;
  std::unique_ptr<net::Loop> loop_;
  net::Client client_;
};

bool measure(const EchoServer& server, const Kind& kind, int count, double bytes_max,
             const std::optional<ws::DeflateOptions>& deflate) {
  // One connection first, for what the process allocates once.
  Measurement first(server, kind, deflate);
  if (!first.open(1) || !first.echo()) return false;
  const std::int64_t before = resident_bytes(server.pid);
  Measurement all(server, kind, deflate);
  const std::int64_t started_ms = monotonic_now().ms;
  if (!all.open(count)) return false;
  const std::int64_t took_ms = monotonic_now().ms - started_ms;
  const double idle = all.bytes_each(before, count);
  if (!all.echo()) return false;
  const double after_echo = all.bytes_each(before, count);
  std::printf("%d connections: %.1f bytes each idle, %.1f after one echo each; base %.1f MiB; opened in %.2f s\n",
              count, idle, after_echo, static_cast<double>(before) / (1 << 20), static_cast<double>(took_ms) / 1000);
  return after_echo <= bytes_max;
}

}  // namespace

int main(int argc, char** argv) {
  constexpr const char* usage =
      "Usage: idle_connections ECHO_SERVER [N] [BYTES_MAX] [--deflate PARAMETERS] [--tls CERTIFICATE KEY 1.2|1.3]\n";
  std::vector<char*> words;
  Kind kind;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--tls" && i + 3 < argc) {
      kind.certificate = argv[i + 1];
      kind.key = argv[i + 2];
      kind.tls_version = argv[i + 3];
      i += 3;
    } else if (word == "--deflate" && i + 1 < argc) {
      kind.deflate_parameters = argv[++i];
    } else {
      words.push_back(argv[i]);
    }
  }
  if (words.empty() || words.size() > 3) {
    std::fputs(usage, stderr);
    return 2;
  }
  std::optional<ws::DeflateOptions> deflate;
  if (kind.deflate_parameters != nullptr) {
    const auto parsed = ws::parse_deflate_options(kind.deflate_parameters);
    if (!parsed) {
      std::fprintf(stderr, "%s\n", parsed.error().message.c_str());
      return 2;
    }
    deflate = *parsed;
  }
  const EchoServer server = start(words[0], kind);
  if (server.port == 0) {
    std::fprintf(stderr, "%s did not say where it listens\n", words[0]);
    return 1;
  }
  const int count = words.size() > 1 ? leading_number<int>(words[1]) : 10'000;
  const double bytes_max = words.size() > 2 ? leading_number<double>(words[2]) : 256;
  const bool within_budget = measure(server, kind, count, bytes_max, deflate);
  ::kill(server.pid, SIGTERM);
  ::waitpid(server.pid, nullptr, 0);
  return within_budget ? 0 : 1;
}
