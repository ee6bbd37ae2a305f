#include "support/ws/reference.h"

#include "support/ws/naive_utf8.h"
#include "support/ws/recorder.h"

namespace clearline::ws::testing {
namespace {

bool close_code_is_valid(unsigned code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

}  // namespace

void Reference::push(std::byte byte) {
  if (closed_) return;
  frame_.push_back(byte);
  judge_frame();
}

void Reference::start_closing(unsigned code, std::string_view reason) {
  if (closing_ || closed_) return;
  closing_ = true;
  transcript_.push_back("> close " + std::to_string(code) + " \"" + std::string(reason) + "\"");
}

void Reference::judge_frame() {
  const auto at = [&](std::size_t i) { return static_cast<unsigned>(frame_[i]); };
  const unsigned opcode = at(0) & 0x0F;
  const bool fin = (at(0) & 0x80) != 0;
  if ((at(0) & 0x70) != 0) return fail(1002, "reserved_bit");
  if ((opcode >= 3 && opcode <= 7) || opcode >= 11) return fail(1002, "reserved_opcode");
  if (opcode >= 8 && !fin) return fail(1002, "control_fragmented");
  if (opcode == 0 && !message_) return fail(1002, "unexpected_continuation");
  if (opcode < 8 && opcode != 0 && message_) return fail(1002, "expected_continuation");

  if (frame_.size() < 2) return;
  const bool masked = (at(1) & 0x80) != 0;
  if (is_server_ && !masked) return fail(1002, "unmasked_frame");
  if (!is_server_ && masked) return fail(1002, "masked_frame");
  std::uint64_t length = at(1) & 0x7F;
  if (opcode >= 8 && length > 125) return fail(1002, "control_too_long");
  const std::size_t extended = length == 126 ? 2 : length == 127 ? 8 : 0;
  if (frame_.size() < 2 + extended) return;
  if (extended != 0) {
    length = 0;
    for (std::size_t i = 0; i < extended; ++i) length = length * 256 + at(2 + i);
    if (length >= 1ULL << 63) return fail(1002, "length_top_bit");
    if (length < (extended == 2 ? 126U : 65536U)) return fail(1002, "non_minimal_length");
  }
  const std::size_t header_bytes = 2 + extended + (masked ? 4 : 0);
  if (frame_.size() < header_bytes) return;
  const bool is_data = opcode < 8;
  const Bytes before = message_.value_or(Bytes{});
  if (is_data && !closing_ && before.size() + length > message_bytes_max_) return fail(1009, "message_too_big");

  Bytes payload;
  for (std::size_t i = header_bytes; i < frame_.size(); ++i) {
    const unsigned key = masked ? at(header_bytes - 4 + (i - header_bytes) % 4) : 0;
    payload.push_back(static_cast<std::byte>(at(i) ^ key));
  }
  const bool whole = payload.size() == length;
  const unsigned kind = opcode == 0 ? message_opcode_ : opcode;
  if (is_data && kind == text && !closing_) {
    const Utf8Verdict verdict = naive_utf8(before + payload);
    if (verdict.wrong_at || (whole && fin && !verdict.complete)) return fail(1007, "invalid_utf8");
  }
  if (!whole) return;
  frame_.clear();
  take_frame(opcode, fin, payload);
}

void Reference::take_frame(unsigned opcode, bool fin, const Bytes& payload) {
  if (opcode == close) return take_close(payload);
  if (opcode == ping) transcript_.push_back("> " + describe(pong, payload));
  if (opcode >= 8) {
    transcript_.push_back(describe(opcode, payload));
    return;
  }
  if (opcode != 0) message_opcode_ = opcode;
  const Bytes message = closing_ ? Bytes{} : message_.value_or(Bytes{}) + payload;
  message_ = message;
  if (!fin) return;
  message_.reset();
  if (!closing_) transcript_.push_back(describe(message_opcode_, message));
}

void Reference::take_close(const Bytes& payload) {
  if (payload.size() == 1) return fail(1002, "close_payload_one_byte");
  std::string answer = "> close";
  if (!payload.empty()) {
    const unsigned code = static_cast<unsigned>(payload[0]) * 256 + static_cast<unsigned>(payload[1]);
    if (!close_code_is_valid(code)) return fail(1002, "invalid_close_code");
    const Utf8Verdict verdict = naive_utf8(Bytes(payload.begin() + 2, payload.end()));
    if (verdict.wrong_at || !verdict.complete) return fail(1007, "invalid_utf8_reason");
    answer += " " + std::to_string(code);
  }
  closed_ = true;
  if (closing_) return;
  transcript_.push_back(answer);
  transcript_.push_back("closing");
}

void Reference::fail(unsigned code, std::string_view cause) {
  closed_ = true;
  if (closing_) return;
  transcript_.push_back("> close " + std::to_string(code) + " \"" + std::string(cause) + "\"");
  transcript_.push_back("closing");
}

std::vector<std::string> without_failure_texts(std::vector<std::string> transcript) {
  for (std::string& line : transcript) {
    if (!line.starts_with("> close ")) continue;
    if (const std::size_t colon = line.find(": "); colon != line.npos) line = line.substr(0, colon) + "\"";
  }
  return transcript;
}

}  // namespace clearline::ws::testing
