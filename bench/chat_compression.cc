// What permessage-deflate saves and costs on real dialogues: every message that the server sends to one visitor, live
// (an event for each turn of the agent, an ack for each of the visitor) and after a reload (a page of the last 50
// events), through the WebSocket engine with each set of parameters.
//
//     chat_compression DIALOGUES.jsonl…
//
// Everything that was compressed is read back by a client's engine and compared.
#include <fmt/core.h>
#include <time.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/cli/replay/dialogue_file.h"
#include "base/random.h"
#include "wire/events.h"
#include "ws/deflate_negotiation.h"
#include "ws/protocol.h"

namespace {

using namespace clearline;
using app::replay::Dialogue;
using app::replay::Speaker;

constexpr std::size_t page_events = 50;

struct Traffic {
  std::vector<std::string> live;
  std::string page;
};

ClientId random_client_id() {
  ClientId id;
  random_bytes(std::as_writable_bytes(std::span(id.bytes)));
  return id;
}

// As src/app sends them.
Traffic traffic_of(const Dialogue& dialogue, std::int64_t number) {
  Traffic traffic;
  const ConversationId conversation{number};
  std::vector<std::string> events;
  Seq seq = 0;
  for (const auto& turn : dialogue.turns) {
    const ClientId client_id = random_client_id();
    wire::EventView view;
    view.seq = ++seq;
    view.at = WallTime{1'764'100'000'000 + turn.t_ms.value_or(seq * 20'000)};
    view.kind = "message";
    view.client_id = &client_id;
    view.text = turn.text;
    if (turn.speaker == Speaker::agent) {
      view.from = {wire::SenderRole::agent, 2, "Ada"};
      traffic.live.push_back(wire::event(conversation, view));
    } else {
      view.from = {wire::SenderRole::visitor, number, {}};
      traffic.live.push_back(wire::ack(wire::RequestId{seq}, conversation, client_id, seq, view.at, Epoch{7}, false));
    }
    std::string event;
    wire::append_event(event, view);
    events.push_back(std::move(event));
  }
  const std::size_t first = events.size() > page_events ? events.size() - page_events : 0;
  traffic.page = wire::events(conversation, std::span(events).subspan(first));
  return traffic;
}

class Wire final : public ws::Handler {
 public:
  void on_message(ws::MessageKind, std::span<const std::byte> payload) override { received = ws::as_text(payload); }
  void write(std::span<const std::byte> head, std::span<const std::byte> body) override {
    bytes.insert(bytes.end(), head.begin(), head.end());
    bytes.insert(bytes.end(), body.begin(), body.end());
  }
  std::uint32_t next_mask_key() override { return 1; }

  std::vector<std::byte> bytes;
  std::string received;
};

// CPU time of this process: other programs do not count.
std::int64_t cpu_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

struct Sum {
  std::size_t messages = 0;
  std::size_t bytes = 0;
  std::int64_t ns = 0;

  [[nodiscard]] double bytes_each() const { return static_cast<double>(bytes) / static_cast<double>(messages); }
  [[nodiscard]] double us_each() const { return static_cast<double>(ns) / 1000 / static_cast<double>(messages); }
};

struct Mode {
  const char* name;
  std::optional<ws::DeflateParameters> deflate;
  std::size_t compressed_bytes_min = 256;
};

class Connection {
 public:
  explicit Connection(const Mode& mode)
      : settings_{.message_bytes_max = std::uint64_t{16} << 20, .compressed_bytes_min = mode.compressed_bytes_min},
        server_(ws::Role::server, settings_, mode.deflate ? &*mode.deflate : nullptr),
        client_(ws::Role::client, settings_, mode.deflate ? &*mode.deflate : nullptr) {}

  void send(const std::string& text, Sum& sum) {
    wire_.bytes.clear();
    const std::int64_t start = cpu_ns();
    server_.send_message(ws::MessageKind::text, ws::as_payload(text), wire_);
    sum.ns += cpu_ns() - start;
    ++sum.messages;
    sum.bytes += wire_.bytes.size();
    client_.receive(wire_.bytes, wire_);
    if (wire_.received == text) return;
    fmt::print(stderr, "a message came out changed\n");
    std::exit(1);
  }

 private:
  ws::Settings settings_;
  ws::Protocol server_;
  ws::Protocol client_;
  Wire wire_;
};

void run(const Mode& mode, const std::vector<Traffic>& all) {
  Sum live;
  Sum pages;
  for (const Traffic& traffic : all) {
    Connection connection(mode);
    for (const std::string& message : traffic.live) connection.send(message, live);
    Connection reloaded(mode);
    reloaded.send(traffic.page, pages);
  }
  fmt::print("{:<34}{:>8.1f} B {:>8.2f} us{:>10.1f} B {:>8.2f} us\n", mode.name, live.bytes_each(), live.us_each(),
             pages.bytes_each(), pages.us_each());
}

}  // namespace

int main(int argc, char** argv) {
  app::replay::DialogueReader reader;
  for (int i = 1; i < argc; ++i) reader.read_file(argv[i]);
  for (const std::string& problem : reader.problems()) fmt::print(stderr, "{}\n", problem);
  const std::vector<Dialogue> dialogues = reader.take_dialogues();
  if (dialogues.empty() || !reader.problems().empty()) {
    fmt::print(stderr, "Usage: chat_compression DIALOGUES.jsonl…\n");
    return 2;
  }
  std::vector<Traffic> all;
  for (const Dialogue& dialogue : dialogues) all.push_back(traffic_of(dialogue, static_cast<std::int64_t>(all.size())));

  const auto parameters = [](bool alone, std::uint8_t bits) { return ws::DeflateParameters{alone, alone, bits, bits}; };
  const Mode modes[] = {
      {"off", std::nullopt},
      {"no takeover, from 256 B", parameters(true, 15)},
      {"no takeover, from 1 KiB", parameters(true, 15), 1024},
      {"no takeover, everything", parameters(true, 15), 0},
      {"takeover, 15 bits, everything", parameters(false, 15), 0},
      {"takeover, 12 bits, everything", parameters(false, 12), 0},
      {"takeover, 9 bits, everything", parameters(false, 9), 0},
  };
  fmt::print("{} dialogues\n{:<34}{:>23}{:>25}\n", all.size(), "", "live message", "page after a reload");
  for (const Mode& mode : modes) run(mode, all);
  return 0;
}
