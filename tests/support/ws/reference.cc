#include "support/ws/reference.h"

#include "support/ws/naive_utf8.h"
#include "support/ws/recorder.h"
#include "support/ws/reference_inflate.h"

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
  const bool rsv1_allowed = deflate_ != ReferenceDeflate::none && (opcode == text || opcode == binary);
  if ((at(0) & (rsv1_allowed ? 0x30 : 0x70)) != 0) return fail(1002, "reserved_bit");
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
  Message message = opcode == 0 ? *message_ : Message{opcode, (at(0) & 0x40) != 0, {}};
  // A compressed frame can be judged by its length only where nothing that fits would be as long.
  const std::uint64_t length_max = message.compressed ? message_bytes_max_ + message_bytes_max_ / 100 + 64
                                                      : message_bytes_max_ - message.wire.size();
  if (is_data && !closing_ && length > length_max) return fail(1009, "message_too_big");

  Bytes payload;
  for (std::size_t i = header_bytes; i < frame_.size(); ++i) {
    const unsigned key = masked ? at(header_bytes - 4 + (i - header_bytes) % 4) : 0;
    payload.push_back(static_cast<std::byte>(at(i) ^ key));
  }
  const bool whole = payload.size() == length;
  if (is_data && !closing_) {
    message.wire = message.wire + payload;
    if (!judge_message(message, whole && fin)) return;
  }
  if (!whole) return;
  frame_.clear();
  if (is_data) return take_data(message, fin);
  take_control(opcode, payload);
}

bool Reference::judge_message(const Message& message, bool complete) {
  Bytes plain = message.wire;
  Inflated::State state = Inflated::State::good;
  if (message.compressed) {
    Inflated inflated = reference_inflate(history_, message.wire, complete, message_bytes_max_);
    plain = std::move(inflated.plain);
    state = inflated.state;
  }
  const bool good = state == Inflated::State::good;
  if (message.opcode == text) {
    const Utf8Verdict verdict = naive_utf8(plain);
    if (verdict.wrong_at || (complete && good && !verdict.complete)) return fail(1007, "invalid_utf8"), false;
  }
  if (good) return true;
  if (state == Inflated::State::too_big) return fail(1009, "message_too_big"), false;
  return fail(1007, "bad_compressed_data"), false;
}

void Reference::take_data(const Message& message, bool fin) {
  message_ = message;
  if (!fin) return;
  message_.reset();
  if (closing_) return;
  Bytes plain = message.wire;
  if (message.compressed) plain = reference_inflate(history_, message.wire, true, message_bytes_max_).plain;
  if (message.compressed && deflate_ == ReferenceDeflate::takeover) history_ = history_ + plain;
  transcript_.push_back(describe(message.opcode, plain));
}

void Reference::take_control(unsigned opcode, const Bytes& payload) {
  if (opcode == close) return take_close(payload);
  if (opcode == ping) transcript_.push_back("> " + describe(pong, payload));
  transcript_.push_back(describe(opcode, payload));
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
