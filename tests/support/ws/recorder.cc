#include "support/ws/recorder.h"

#include <algorithm>

#include "support/ws/read_frame.h"

namespace clearline::ws::testing {
namespace {

std::string quoted(std::span<const std::byte> payload) {
  return "\"" + std::string(as_text(payload)) + "\"";
}

std::string hex(std::span<const std::byte> payload) {
  std::string out;
  for (const std::byte byte : payload) {
    out += "0123456789abcdef"[static_cast<unsigned>(byte) >> 4];
    out += "0123456789abcdef"[static_cast<unsigned>(byte) & 15];
  }
  return out;
}

std::string describe_close(std::span<const std::byte> payload) {
  if (payload.empty()) return "close";
  if (payload.size() == 1) return "close with one byte";
  const unsigned code = static_cast<unsigned>(payload[0]) << 8 | static_cast<unsigned>(payload[1]);
  std::string out = "close " + std::to_string(code);
  if (payload.size() > 2) out += " " + quoted(payload.subspan(2));
  return out;
}

// Long payloads by their size and a checksum, so that a failing comparison can be read.
std::string summary(std::span<const std::byte> payload) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const std::byte byte : payload) hash = (hash ^ static_cast<std::uint64_t>(byte)) * 0x100000001b3ULL;
  return std::to_string(payload.size()) + " bytes, fnv " + std::to_string(hash);
}

}  // namespace

std::string describe(unsigned opcode, std::span<const std::byte> payload) {
  const bool is_long = payload.size() > 125;
  switch (opcode) {
    case text:
      return "text " + (is_long ? summary(payload) : quoted(payload));
    case binary:
      return "binary " + (is_long ? summary(payload) : hex(payload));
    case ping:
      return "ping " + quoted(payload);
    case pong:
      return "pong " + quoted(payload);
    case close:
      return describe_close(payload);
    default:
      return "opcode " + std::to_string(opcode);
  }
}

void Recorder::on_message(MessageKind kind, std::span<const std::byte> payload) {
  decode_output();
  transcript_.push_back(describe(static_cast<unsigned>(kind), payload));
  if (when_message) when_message(kind, payload);
}

void Recorder::on_ping(std::span<const std::byte> payload) {
  decode_output();
  transcript_.push_back(describe(ping, payload));
  if (when_ping) when_ping();
}

void Recorder::on_pong(std::span<const std::byte> payload) {
  decode_output();
  transcript_.push_back(describe(pong, payload));
}

void Recorder::on_closing() {
  decode_output();
  transcript_.push_back("closing");
}

void Recorder::write(std::span<const std::byte> head, std::span<const std::byte> body) {
  output_.insert(output_.end(), head.begin(), head.end());
  output_.insert(output_.end(), body.begin(), body.end());
}

const std::vector<std::string>& Recorder::transcript() {
  decode_output();
  return transcript_;
}

// What is wrong with a frame stands in the transcript, where no test expects it.
void Recorder::decode_output() {
  auto rest = std::span<const std::byte>(output_).subspan(decoded_);
  while (auto frame = read_frame(rest)) {
    std::string wrong = faults_of(*frame, role_ == Role::client);
    const bool compressed = frame->rsv == 4 && inflate;
    if (!frame->fin || (frame->rsv != 0 && !compressed)) wrong += " WRONG: not final, or a reserved bit";
    if (compressed) {
      ++compressed_frames_;
      frame->payload = inflate(frame->payload);
    }
    transcript_.push_back("> " + describe(frame->opcode, frame->payload) + wrong);
  }
  decoded_ = output_.size() - rest.size();
}

Session::Session(Role role, Settings settings, std::optional<DeflateParameters> deflate)
    : settings_(settings), protocol(role, settings_, deflate ? &*deflate : nullptr), recorder(role) {}

Session& Session::feed(std::span<const std::byte> bytes) {
  // A buffer of exactly this size, so that a sanitizer sees every byte read beyond it.
  Bytes input(bytes.begin(), bytes.end());
  input.shrink_to_fit();
  protocol.receive(input, recorder);
  return *this;
}

Session& Session::feed_in_pieces(std::span<const std::byte> bytes, std::size_t piece_bytes) {
  while (!bytes.empty()) {
    const std::size_t size = std::min(piece_bytes, bytes.size());
    feed(bytes.first(size));
    bytes = bytes.subspan(size);
  }
  return *this;
}

}  // namespace clearline::ws::testing
