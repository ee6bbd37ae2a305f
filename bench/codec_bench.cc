// What the WebSocket engine itself costs a message, without a network: 16 masked frames in one input are received and
// each is echoed, as a loop would do with what one recv() gave it. Beside it, the parts: UTF-8 and masking alone.
//
//     codec_bench
//
// Every echo is compared with what was sent, once before the clock starts and once after it stopped. The median and the
// lowest of 201 short runs are given; the input is copied afresh for every round, since it is unmasked in place, and
// the cost of that copy is taken off.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "ws/protocol.h"
#include "ws/utf8.h"

namespace {

using namespace clearline;
using Clock = std::chrono::steady_clock;
using Bytes = std::vector<std::byte>;

constexpr int frames_per_input = 16;
constexpr int runs = 201;  // short ones, so that other programs spoil few of them
constexpr std::uint32_t mask_key = 0x3D21FA37;

struct Figures {
  double median_ns = 0;
  double lowest_ns = 0;
};

template <typename Function>
Figures measure(int rounds, Function function) {
  std::array<double, runs> ns;
  for (double& one : ns) {
    const auto start = Clock::now();
    for (int i = 0; i < rounds; ++i) function();
    one = std::chrono::duration<double, std::nano>(Clock::now() - start).count() / rounds;
  }
  std::sort(ns.begin(), ns.end());
  return {ns[runs / 2], ns[0]};
}

// Keeps the compiler from leaving out work on this memory.
void touch(const void* memory) {
  asm volatile("" : : "r"(memory) : "memory");
}

class Echo final : public ws::Handler {
 public:
  explicit Echo(ws::Protocol& protocol) : protocol_(protocol) {}

  void on_message(ws::MessageKind kind, std::span<const std::byte> payload) override {
    protocol_.send_message(kind, payload, *this);
  }
  void write(std::span<const std::byte> head, std::span<const std::byte> body) override {
    bytes_written += head.size() + body.size();
    if (!keep) return;
    written.insert(written.end(), head.begin(), head.end());
    written.insert(written.end(), body.begin(), body.end());
  }
  std::uint32_t next_mask_key() override { return mask_key; }

  std::size_t bytes_written = 0;
  bool keep = false;
  Bytes written;

 private:
  ws::Protocol& protocol_;
};

Bytes frames_of(std::span<const std::byte> payload, bool masked) {
  std::array<std::byte, ws::frame_header_bytes_max> head;
  ws::FrameHeader header{.opcode = ws::Opcode::text, .payload_bytes = payload.size()};
  if (masked) header.mask_key = mask_key;
  const std::size_t head_bytes = ws::encode_header(header, head);
  Bytes body(payload.begin(), payload.end());
  if (masked) ws::mask_in_place(body, mask_key);
  Bytes frames;
  for (int i = 0; i < frames_per_input; ++i) {
    frames.insert(frames.end(), head.begin(), head.begin() + static_cast<std::ptrdiff_t>(head_bytes));
    frames.insert(frames.end(), body.begin(), body.end());
  }
  return frames;
}

void check_echo(ws::Protocol& protocol, Echo& echo, Bytes input, const Bytes& expected) {
  echo.keep = true;
  echo.written.clear();
  protocol.receive(input, echo);
  echo.keep = false;
  if (echo.written == expected) return;
  fmt::print(stderr, "codec_bench: the echo is not what was sent\n");
  std::exit(1);
}

void run(std::string_view name, std::string_view text) {
  const auto payload = ws::as_payload(text);
  const Bytes input = frames_of(payload, true);
  const Bytes expected = frames_of(payload, false);
  const int rounds = text.size() > 2000 ? 30 : 500;

  const ws::Settings settings;
  ws::Protocol protocol(ws::Role::server, settings);
  Echo echo(protocol);
  check_echo(protocol, echo, input, expected);

  Bytes buffer = input;
  const auto refill = [&] {
    std::memcpy(buffer.data(), input.data(), input.size());
    touch(buffer.data());
  };
  const Figures copy = measure(rounds, refill);
  const Figures all = measure(rounds, [&] {
    refill();
    protocol.receive(buffer, echo);
  });
  check_echo(protocol, echo, input, expected);

  bool valid = true;
  const Figures utf8 = measure(rounds, [&] {
    valid &= ws::is_valid_utf8(payload);
    touch(payload.data());
  });
  Bytes masked(payload.begin(), payload.end());
  const Figures mask = measure(rounds, [&] {
    ws::mask_in_place(masked, mask_key);
    touch(masked.data());
  });
  if (!valid) std::exit(1);
  const auto a_frame = [](double all_ns, double copy_ns) { return (all_ns - copy_ns) / frames_per_input; };
  fmt::print("{:<8} {:>6} B  {:>9.1f} {:>9.1f}  {:>9.1f} {:>9.1f}  {:>9.1f} {:>9.1f}\n", name, text.size(),
             a_frame(all.median_ns, copy.median_ns), a_frame(all.lowest_ns, copy.lowest_ns), utf8.median_ns,
             utf8.lowest_ns, mask.median_ns, mask.lowest_ns);
}

std::string repeat(std::string_view piece, std::size_t size) {
  std::string text;
  while (text.size() + piece.size() <= size) text += piece;
  text.resize(size, ' ');
  return text;
}

}  // namespace

int main() {
  fmt::print("ns a message (median, lowest): receive and echo; UTF-8 alone; masking alone\n");
  for (const std::size_t size : {20, 200, 1024, 16384}) {
    run("ASCII", repeat("hello, ", size));
    run("Chinese", repeat("\xE4\xBD\xA0\xE5\xA5\xBD", size));
    run("emoji", repeat("ok \xF0\x9F\x98\x80 ", size));
  }
}
