// A WebSocket client: sends its arguments, or the lines of its standard input, one after the other, prints what comes
// back and, at the end, one line on how the connection ended. Exit status 0 if that was clean, 1 if not, 2 for wrong
// usage.
//
// The loop has a thread of its own, so that pings are answered while main() waits for a line.
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <semaphore>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "clearline/net/client.h"
#include "clearline/net/loop.h"
#include "clearline/ws/utf8.h"
#include "command_line.h"

namespace {

using namespace clearline;

struct Options {
  net::ConnectOptions connect;
  std::vector<std::string> messages;  // none: the lines of standard input
};

// What main() and the loop's thread share. Everything else belongs to the loop's thread once it runs.
struct Turns {
  std::counting_semaphore<> next{0};  // main() may send one more message, or look at `ended`
  std::atomic<bool> ended = false;
  std::atomic<bool> reading = false;  // main() is waiting for a line
};

// What the library tells, on the loop's thread.
class EchoHandler final : public net::ConnectionHandler {
 public:
  explicit EchoHandler(Turns& turns) : turns_(turns) {}

  void on_open(net::Connection&) override { turns_.next.release(); }

  void on_message(net::Connection&, ws::MessageKind, std::string_view payload) override {
    std::printf("%.*s\n", static_cast<int>(payload.size()), payload.data());
    std::fflush(stdout);
    turns_.next.release();
  }

  // For every connect() exactly one, whatever happened: a refused handshake and a cut line are ends like any other.
  void on_end(net::ConnectionId, void* user, const ws::End& end) override {
    end_ = end;
    static_cast<net::Loop*>(user)->stop();  // at the end of the turn: what answers a Close of the peer still leaves
  }

  [[nodiscard]] const ws::End& end() const { return end_; }

 private:
  Turns& turns_;
  ws::End end_;
};

Options parse_options(int argc, char** argv) {
  CommandLine arguments(argc, argv, "echo_client", "--port N [--host NAME] [--target PATH] [MESSAGE...]");
  Options options;
  options.connect.port = 0;
  while (arguments.next()) {
    if (arguments.is("--port")) {
      options.connect.port = arguments.number<std::uint16_t>(1, 65535);
    } else if (arguments.is("--host")) {
      options.connect.host = arguments.value();
    } else if (arguments.is("--target")) {
      options.connect.target = arguments.value();
    } else if (arguments.argument().starts_with("--")) {
      arguments.fail_unknown();
    } else {
      options.messages.emplace_back(arguments.argument());
    }
  }
  if (options.connect.port == 0) arguments.fail("--port is missing");
  return options;
}

// The next message, or nothing when there is none.
std::optional<std::string> next_message(const Options& options, std::size_t index, Turns& turns) {
  if (!options.messages.empty()) {
    return index < options.messages.size() ? std::optional(options.messages[index]) : std::nullopt;
  }
  std::string line;
  turns.reading = true;
  const bool read = static_cast<bool>(std::getline(std::cin, line));
  turns.reading = false;
  return read ? std::optional(line) : std::nullopt;
}

// One message, its echo, the next. Nothing piles up, however long the input is.
void send_all(const Options& options, Turns& turns, net::Loop& loop, net::Client& client, net::ConnectionId id) {
  for (std::size_t index = 0;; ++index) {
    turns.next.acquire();
    if (turns.ended) return;
    std::optional<std::string> message = next_message(options, index, turns);
    if (message && !ws::is_valid_utf8(ws::as_payload(*message))) {
      std::fprintf(stderr, "echo_client: message %zu is not valid UTF-8, and a text message must be\n", index + 1);
      message.reset();
    }
    // A connection is touched on its loop's thread alone, and looked up by its id: it may have ended meanwhile.
    loop.post([&client, id, message] {
      net::Connection* connection = client.find(id);
      if (connection == nullptr) return;
      if (message) {
        connection->send_text(*message);
      } else {
        connection->close(registry::Cause::purpose_fulfilled);  // 1000
      }
    });
    if (!message) return;
  }
}

const char* origin_words(registry::Origin origin) {
  return origin == registry::Origin::us ? "us" : origin == registry::Origin::peer ? "the peer" : "the network";
}

void print_end(const ws::End& end) {
  const std::string_view name = registry::lookup(end.status).name;
  const std::string_view cause = registry::cause_name(end.cause);
  std::printf("ended: %u %.*s, by %s, %s, cause %.*s: %s\n", static_cast<unsigned>(end.status),
              static_cast<int>(name.size()), name.data(), origin_words(end.origin), end.clean ? "clean" : "not clean",
              static_cast<int>(cause.size()), cause.data(), end.reason.c_str());
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  Options options = parse_options(argc, argv);
  auto loop = net::Loop::create();
  if (!loop) return std::fprintf(stderr, "echo_client: %s\n", loop.error().message.c_str()), 1;
  Turns turns;
  EchoHandler handler(turns);
  net::Client client(**loop, net::ClientOptions{}, handler);
  options.connect.user = loop->get();
  const auto id = client.connect(options.connect);
  if (!id) return std::fprintf(stderr, "echo_client: %s\n", id.error().message.c_str()), 2;

  std::thread thread([&] {
    (*loop)->run();
    print_end(handler.end());
    if (turns.reading) std::_Exit(handler.end().clean ? 0 : 1);  // nobody can interrupt main()'s reading
    turns.ended = true;
    turns.next.release();
  });
  send_all(options, turns, **loop, client, *id);
  thread.join();
  return handler.end().clean ? 0 : 1;
}
