#include "ws/frame_parser.h"

#include <cstring>

namespace clearline::ws {
namespace {

using registry::Cause;
using Verdict = ParsedHeader::Verdict;

constexpr std::uint8_t fin_bit = 0x80;
constexpr std::uint8_t rsv1_bit = 0x40;
constexpr std::uint8_t rsv_bits = 0x70;
constexpr std::uint8_t opcode_bits = 0x0F;
constexpr std::uint8_t control_bit = 0x08;
constexpr std::uint8_t mask_bit = 0x80;
constexpr std::uint8_t length_bits = 0x7F;
constexpr std::uint8_t length_is_16_bits = 126;
constexpr std::uint8_t length_is_64_bits = 127;

// One bit per opcode of section 5.2 that is not reserved.
constexpr std::uint32_t known_opcodes = 0x0707;

// RFC 7692 section 6: RSV1 stands on the first frame of a data message only.
constexpr std::uint8_t forbidden_rsv_bits(std::uint8_t opcode, HeaderRules rules) {
  const bool first_data_frame = opcode == 0x1 || opcode == 0x2;
  return rules.rsv1_allowed && first_data_frame ? rsv_bits & ~rsv1_bit : rsv_bits;
}

std::optional<Cause> judge_first_byte(std::uint8_t byte, HeaderRules rules) {
  const std::uint8_t opcode = byte & opcode_bits;
  if ((byte & forbidden_rsv_bits(opcode, rules)) != 0) return Cause::reserved_bit;
  if ((known_opcodes >> opcode & 1) == 0) return Cause::reserved_opcode;
  if ((opcode & control_bit) != 0) {
    // Section 5.5: control frames may stand between the fragments of a message, and must not be fragmented themselves.
    if ((byte & fin_bit) == 0) return Cause::control_fragmented;
    return std::nullopt;
  }
  // Section 5.4: fragments of one message follow each other.
  const bool is_continuation = opcode == static_cast<std::uint8_t>(Opcode::continuation);
  if (is_continuation == rules.inside_message) return std::nullopt;
  return is_continuation ? Cause::unexpected_continuation : Cause::expected_continuation;
}

// Section 5.1: a client masks every frame, a server none.
std::optional<Cause> judge_second_byte(std::uint8_t byte, bool is_control_frame, Role role) {
  const bool masked = (byte & mask_bit) != 0;
  if (role == Role::server && !masked) return Cause::unmasked_frame;
  if (role == Role::client && masked) return Cause::masked_frame;
  if (is_control_frame && (byte & length_bits) > control_payload_bytes_max) return Cause::control_too_long;
  return std::nullopt;
}

std::uint64_t load_big_endian(const std::byte* bytes, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | static_cast<std::uint8_t>(bytes[i]);
  return value;
}

// Section 5.2: the minimal number of bytes must be used, and the top bit of 64 must be 0.
std::optional<Cause> judge_length(std::uint64_t length, std::size_t length_bytes) {
  if (length_bytes == 2) return length < length_is_16_bits ? std::optional(Cause::non_minimal_length) : std::nullopt;
  if (length >> 63 != 0) return Cause::length_top_bit;
  return length <= 0xFFFF ? std::optional(Cause::non_minimal_length) : std::nullopt;
}

ParsedHeader violation(Cause cause) {
  ParsedHeader parsed;
  parsed.verdict = Verdict::violation;
  parsed.violation = cause;
  return parsed;
}

}  // namespace

ParsedHeader parse_header(std::span<const std::byte> bytes, HeaderRules rules) {
  ParsedHeader parsed;
  if (bytes.empty()) return parsed;
  const auto first = static_cast<std::uint8_t>(bytes[0]);
  if (const auto cause = judge_first_byte(first, rules)) return violation(*cause);
  if (bytes.size() < 2) return parsed;
  const auto second = static_cast<std::uint8_t>(bytes[1]);
  if (const auto cause = judge_second_byte(second, (first & control_bit) != 0, rules.role)) return violation(*cause);

  std::size_t header_bytes = 2;
  parsed.payload_bytes = second & length_bits;
  if (parsed.payload_bytes >= length_is_16_bits) {
    const std::size_t length_bytes = parsed.payload_bytes == length_is_64_bits ? 8 : 2;
    if (bytes.size() < header_bytes + length_bytes) return parsed;
    parsed.payload_bytes = load_big_endian(bytes.data() + header_bytes, length_bytes);
    if (const auto cause = judge_length(parsed.payload_bytes, length_bytes)) return violation(*cause);
    header_bytes += length_bytes;
  }
  if (rules.role == Role::server) {
    if (bytes.size() < header_bytes + sizeof(parsed.mask_key)) return parsed;
    std::memcpy(&parsed.mask_key, bytes.data() + header_bytes, sizeof(parsed.mask_key));
    header_bytes += sizeof(parsed.mask_key);
  }
  parsed.opcode = static_cast<Opcode>(first & opcode_bits);
  parsed.fin = (first & fin_bit) != 0;
  parsed.rsv1 = (first & rsv1_bit) != 0;
  parsed.header_bytes = static_cast<std::uint8_t>(header_bytes);
  parsed.verdict = Verdict::complete;
  return parsed;
}

}  // namespace clearline::ws
