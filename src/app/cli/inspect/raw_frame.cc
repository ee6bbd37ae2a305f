#include "app/cli/inspect/raw_frame.h"

#include <array>
#include <cstring>
#include <span>
#include <utility>

namespace clearline::app::inspect {

namespace {

constexpr std::uint8_t fin_bit = 0x80;
constexpr std::uint8_t mask_bit = 0x80;
constexpr std::uint8_t length_16_mark = 126;
constexpr std::uint8_t length_64_mark = 127;

void append_big_endian(std::string& out, std::uint64_t number, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xFF);
}

LengthForm form_of(const RawFrame& frame, std::uint64_t length) {
  if (frame.length_form != LengthForm::shortest || length <= ws::control_payload_bytes_max) return frame.length_form;
  return length <= 0xFFFF ? LengthForm::bits_16 : LengthForm::bits_64;
}

std::string encode_simple(ws::Opcode opcode, std::string_view payload, bool fin) {
  return encode({.opcode = opcode, .payload = std::string(payload), .fin = fin});
}

}  // namespace

std::string encode(const RawFrame& frame) {
  const std::uint64_t length = frame.announced_bytes.value_or(frame.payload.size());
  const LengthForm form = form_of(frame, length);
  const std::uint8_t mask = frame.masked ? mask_bit : 0;
  std::string out;
  out += static_cast<char>((frame.fin ? fin_bit : 0) | frame.reserved_bits | static_cast<std::uint8_t>(frame.opcode));
  if (form == LengthForm::shortest) {
    out += static_cast<char>(mask | static_cast<std::uint8_t>(length));
  } else {
    const bool is_64 = form == LengthForm::bits_64;
    out += static_cast<char>(mask | (is_64 ? length_64_mark : length_16_mark));
    append_big_endian(out, length, is_64 ? 8 : 2);
  }
  if (!frame.masked) return out + frame.payload;

  std::array<char, sizeof frame.mask_key> key;
  std::memcpy(key.data(), &frame.mask_key, key.size());
  out.append(key.data(), key.size());
  std::string payload = frame.payload;
  ws::mask_in_place(std::as_writable_bytes(std::span(payload)), frame.mask_key);
  return out + payload;
}

std::string text_frame(std::string_view payload, bool fin) {
  return encode_simple(ws::Opcode::text, payload, fin);
}

std::string binary_frame(std::string_view payload, bool fin) {
  return encode_simple(ws::Opcode::binary, payload, fin);
}

std::string continuation_frame(std::string_view payload, bool fin) {
  return encode_simple(ws::Opcode::continuation, payload, fin);
}

std::string ping_frame(std::string_view payload) {
  return encode_simple(ws::Opcode::ping, payload, true);
}

std::string pong_frame(std::string_view payload) {
  return encode_simple(ws::Opcode::pong, payload, true);
}

std::string close_frame(std::optional<std::uint16_t> code, std::string_view reason) {
  return encode_simple(ws::Opcode::close, code ? close_payload(*code, reason) : std::string(), true);
}

std::string close_payload(std::uint16_t code, std::string_view reason) {
  std::string payload;
  append_big_endian(payload, code, 2);
  return payload.append(reason);
}

}  // namespace clearline::app::inspect
