#include "ws/sha1.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string_view>

namespace clearline::ws {
namespace {

constexpr std::size_t block_bytes = 64;
constexpr std::size_t length_bytes = 8;

using State = std::array<std::uint32_t, 5>;

std::uint32_t read_big_endian(const std::byte* bytes) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | std::to_integer<std::uint32_t>(bytes[i]);
  return value;
}

template <typename Integer>
void write_big_endian(Integer value, std::byte* bytes) {
  for (std::size_t i = sizeof value; i-- > 0; value >>= 8) bytes[i] = static_cast<std::byte>(value & 0xff);
}

// RFC 3174 section 5: the function and the constant of a round.
struct Round {
  std::uint32_t function;
  std::uint32_t constant;
};

Round round(std::size_t t, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  if (t < 20) return {(b & c) | (~b & d), 0x5A827999};
  if (t < 40) return {b ^ c ^ d, 0x6ED9EBA1};
  if (t < 60) return {(b & c) | (b & d) | (c & d), 0x8F1BBCDC};
  return {b ^ c ^ d, 0xCA62C1D6};
}

// RFC 3174 section 6.1.
void process_block(State& state, const std::byte* block) {
  std::array<std::uint32_t, 80> words;
  for (std::size_t t = 0; t < 16; ++t) words[t] = read_big_endian(block + 4 * t);
  for (std::size_t t = 16; t < words.size(); ++t)
    words[t] = std::rotl(words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16], 1);
  auto [a, b, c, d, e] = state;
  for (std::size_t t = 0; t < words.size(); ++t) {
    const Round now = round(t, b, c, d);
    const std::uint32_t next = std::rotl(a, 5) + now.function + e + words[t] + now.constant;
    e = d;
    d = c;
    c = std::rotl(b, 30);
    b = a;
    a = next;
  }
  state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d, state[4] + e};
}

}  // namespace

Sha1Digest sha1(std::span<const std::byte> bytes) {
  State state = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  const std::uint64_t length_bits = std::uint64_t{bytes.size()} * 8;
  for (; bytes.size() >= block_bytes; bytes = bytes.subspan(block_bytes)) process_block(state, bytes.data());

  // RFC 3174 section 4: a one, zeros, and the length in the last 64 bits, in a block more if it does not fit.
  std::array<std::byte, 2 * block_bytes> tail{};
  std::ranges::copy(bytes, tail.begin());
  tail[bytes.size()] = std::byte{0x80};
  const std::size_t tail_bytes = bytes.size() + 1 + length_bytes <= block_bytes ? block_bytes : tail.size();
  write_big_endian(length_bits, tail.data() + tail_bytes - length_bytes);
  for (std::size_t done = 0; done < tail_bytes; done += block_bytes) process_block(state, tail.data() + done);

  Sha1Digest digest;
  for (std::size_t i = 0; i < state.size(); ++i) write_big_endian(state[i], digest.data() + 4 * i);
  return digest;
}

std::string base64(std::span<const std::byte> bytes) {
  static constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve(4 * ((bytes.size() + 2) / 3));
  for (; !bytes.empty(); bytes = bytes.subspan(std::min<std::size_t>(3, bytes.size()))) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i)
      group = group << 8 | (i < bytes.size() ? std::to_integer<std::uint32_t>(bytes[i]) : 0);
    for (std::size_t i = 0; i < 4; ++i) text += i > bytes.size() ? '=' : digits[group >> (18 - 6 * i) & 63];
  }
  return text;
}

}  // namespace clearline::ws
