// permessage-deflate: any bytes as a compressed message, whole and in pieces; and any text through both ends. Layout: a
// byte of options, one that seeds the pieces, one for the windows, then the bytes.
#include <algorithm>
#include <random>

#include "fuzz/fuzz.h"
#include "support/ws/recorder.h"

using namespace clearline;
using ws::testing::Bytes;
using ws::testing::Session;
using ws::testing::operator+;

namespace {

struct Plan {
  ws::Role role;
  ws::DeflateParameters parameters;
  ws::Settings settings;
  unsigned opcode;
  std::uint8_t seed;
};

Bytes slice(std::span<const std::byte> bytes, std::size_t from, std::size_t size) {
  const auto piece = bytes.subspan(from, size);
  return {piece.begin(), piece.end()};
}

// As a peer would send it, in fragments of random sizes.
Bytes frames_of(const Plan& plan, std::span<const std::byte> compressed) {
  std::minstd_rand random(plan.seed + 1U);
  Bytes stream;
  std::size_t from = 0;
  do {
    const std::size_t size = std::min<std::size_t>(1 + random() % 200, compressed.size() - from);
    stream = stream + ws::testing::encode({.opcode = from == 0 ? plan.opcode : 0,
                                           .payload = slice(compressed, from, size),
                                           .fin = from + size == compressed.size(),
                                           .rsv = from == 0 ? 4U : 0U,
                                           .masked = plan.role == ws::Role::server});
    from += size;
  } while (from < compressed.size());
  return stream;
}

void read_anything(const Plan& plan, std::span<const std::byte> compressed) {
  const Bytes stream = frames_of(plan, compressed) + frames_of(plan, compressed);
  Session whole(plan.role, plan.settings, plan.parameters);
  Session in_pieces(plan.role, plan.settings, plan.parameters);
  whole.feed(stream);
  in_pieces.feed_in_pieces(stream, 1U + plan.seed % 50);
  // A peer that reaches behind the window that it promised is found out only when its bytes come in pieces: within one
  // call zlib looks back into its output, which is all there.
  const bool is_server = plan.role == ws::Role::server;
  const bool takeover =
      !(is_server ? plan.parameters.client_no_context_takeover : plan.parameters.server_no_context_takeover);
  const int window_bits = is_server ? plan.parameters.client_window_bits : plan.parameters.server_window_bits;
  if (takeover && window_bits < 15) return;
  FUZZ_CHECK(whole.transcript() == in_pieces.transcript());
  FUZZ_CHECK(whole.protocol.state() == in_pieces.protocol.state());
}

void send_and_read(const Plan& plan, std::span<const std::byte> payload) {
  const ws::Role other = plan.role == ws::Role::server ? ws::Role::client : ws::Role::server;
  Session sender(other, {.message_bytes_max = 1 << 20, .compressed_bytes_min = 0}, plan.parameters);
  Session receiver(plan.role, {}, plan.parameters);
  const std::size_t half = payload.size() / 2;
  std::vector<std::string> expected;
  for (const auto& part : {payload, payload.first(half), payload.subspan(half), payload}) {
    sender.protocol.send_message(ws::MessageKind::binary, part, sender.recorder);
    expected.push_back(ws::testing::describe(ws::testing::binary, part));
  }
  receiver.feed_in_pieces(sender.recorder.output(), 1U + plan.seed);
  FUZZ_CHECK(receiver.transcript() == expected);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::uint8_t options = input.take_byte();
  Plan plan;
  plan.seed = input.take_byte();
  const std::uint8_t windows = input.take_byte();
  plan.role = (options & 1) != 0 ? ws::Role::server : ws::Role::client;
  plan.parameters.server_no_context_takeover = (options & 2) != 0;
  plan.parameters.client_no_context_takeover = (options & 4) != 0;
  plan.parameters.server_window_bits = static_cast<std::uint8_t>(8 + (windows & 7));
  plan.parameters.client_window_bits = static_cast<std::uint8_t>(8 + (windows >> 3 & 7));
  plan.settings.message_bytes_max = (options & 8) != 0 ? 100 : 1 << 16;
  plan.opcode = (options & 16) != 0 ? ws::testing::text : ws::testing::binary;
  if ((options & 32) != 0) {
    send_and_read(plan, input.rest());
  } else {
    read_anything(plan, input.rest());
  }
  return 0;
}
