#include "ws/utf8_wide.h"

#include <array>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__)

#include <immintrin.h>

#define CLEARLINE_AVX2 [[gnu::target("avx2")]]

namespace clearline::ws {
namespace {

// Each bit is one way in which two neighbouring bytes are wrong. A pair is wrong in that way when all three lookups
// (high and low half of the first byte, high half of the second) have the bit.
enum PairError : std::uint8_t {
  too_short = 1 << 0,   // a lead byte, then no continuation
  too_long = 1 << 1,    // ASCII, then a continuation
  overlong_3 = 1 << 2,  // E0 80..9F
  surrogate = 1 << 4,   // ED A0..BF
  overlong_2 = 1 << 5,  // C0 or C1
  too_large = 1 << 3,   // F4 90..BF, F5 and up
  too_large_1000 = 1 << 6,
  overlong_4 = 1 << 6,         // F0 80..8F
  two_continuations = 1 << 7,  // right or wrong depending on what stands two and three bytes before
  carry = too_short | too_long | two_continuations,
};

using Nibbles = std::array<std::uint8_t, 16>;

constexpr Nibbles first_high = {
    too_long,
    too_long,
    too_long,
    too_long,
    too_long,
    too_long,
    too_long,
    too_long,
    two_continuations,
    two_continuations,
    two_continuations,
    two_continuations,
    too_short | overlong_2,
    too_short,
    too_short | overlong_3 | surrogate,
    too_short | too_large | too_large_1000 | overlong_4,
};
constexpr Nibbles first_low = {
    carry | overlong_3 | overlong_2 | overlong_4,
    carry | overlong_2,
    carry,
    carry,
    carry | too_large,
    carry | too_large | too_large_1000,
    carry | too_large | too_large_1000,
    carry | too_large | too_large_1000,
    carry | too_large | too_large_1000,
    carry | too_large | too_large_1000,
    carry | too_large | too_large_1000,
    carry | too_large | too_large_1000,
    carry | too_large | too_large_1000,
    carry | too_large | too_large_1000 | surrogate,
    carry | too_large | too_large_1000,
    carry | too_large | too_large_1000,
};
constexpr Nibbles second_high = {
    too_short,
    too_short,
    too_short,
    too_short,
    too_short,
    too_short,
    too_short,
    too_short,
    too_long | overlong_2 | two_continuations | overlong_3 | too_large_1000 | overlong_4,
    too_long | overlong_2 | two_continuations | overlong_3 | too_large,
    too_long | overlong_2 | two_continuations | surrogate | too_large,
    too_long | overlong_2 | two_continuations | surrogate | too_large,
    too_short,
    too_short,
    too_short,
    too_short,
};

CLEARLINE_AVX2 inline __m256i lookup(const Nibbles& nibbles, __m256i index) {
  const __m256i table = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(&nibbles)));
  return _mm256_shuffle_epi8(table, index);
}

CLEARLINE_AVX2 inline __m256i high_half(__m256i bytes) {
  return _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(0x0F));
}

// Every byte of `block` replaced by the one `distance` before it, the first ones taken from the block before.
template <int distance>
CLEARLINE_AVX2 inline __m256i shift_in(__m256i block, __m256i before) {
  return _mm256_alignr_epi8(block, _mm256_permute2x128_si256(before, block, 0x21), 16 - distance);
}

// Not zero where a byte cannot follow those before it. C0, C1 and F5..FF show at the byte after them only.
CLEARLINE_AVX2 inline __m256i errors_of(__m256i block, __m256i before) {
  const __m256i one_before = shift_in<1>(block, before);
  const __m256i pair_errors =
      _mm256_and_si256(_mm256_and_si256(lookup(first_high, high_half(one_before)),
                                        lookup(first_low, _mm256_and_si256(one_before, _mm256_set1_epi8(0x0F)))),
                       lookup(second_high, high_half(block)));
  // E0..FF two before or F0..FF three before: here two continuations in a row are not wrong but required.
  const __m256i third_byte = _mm256_subs_epu8(shift_in<2>(block, before), _mm256_set1_epi8(static_cast<char>(0x60)));
  const __m256i fourth_byte = _mm256_subs_epu8(shift_in<3>(block, before), _mm256_set1_epi8(static_cast<char>(0x70)));
  const __m256i required = _mm256_and_si256(_mm256_or_si256(third_byte, fourth_byte),
                                            _mm256_set1_epi8(static_cast<char>(two_continuations)));
  return _mm256_xor_si256(required, pair_errors);
}

CLEARLINE_AVX2 inline __m256i load_block(const std::byte* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

CLEARLINE_AVX2 inline bool is_zero(__m256i block) {
  return _mm256_testz_si256(block, block) != 0;
}
CLEARLINE_AVX2 inline bool is_ascii(__m256i block) {
  return _mm256_movemask_epi8(block) == 0;
}

constexpr std::size_t block_bytes = 32;

// Whether one of the last three bytes begins a sequence that needs more than is there.
bool ends_inside_sequence(const std::byte* data, std::size_t size) {
  const auto at = [&](std::size_t back) { return static_cast<std::uint8_t>(data[size - back]); };
  return (size >= 1 && at(1) >= 0xC0) || (size >= 2 && at(2) >= 0xE0) || (size >= 3 && at(3) >= 0xF0);
}

CLEARLINE_AVX2 bool valid_avx2(const std::byte* data, std::size_t size) {
  __m256i before = _mm256_setzero_si256();
  __m256i errors = _mm256_setzero_si256();
  std::size_t i = 0;
  for (; i + block_bytes <= size; i += block_bytes) {
    const __m256i block = load_block(data + i);
    // An ASCII block is wrong only if the one before ended inside a sequence; that shows in its first three bytes.
    if (is_ascii(block) && is_ascii(before)) continue;
    errors = _mm256_or_si256(errors, errors_of(block, before));
    before = block;
  }
  if (i < size) {
    // Zeros after the end: a sequence that is cut off there is followed by ASCII, which is wrong.
    alignas(block_bytes) std::array<std::byte, block_bytes> rest{};
    std::memcpy(rest.data(), data + i, size - i);
    errors = _mm256_or_si256(errors, errors_of(load_block(rest.data()), before));
  }
  return is_zero(errors) && !ends_inside_sequence(data, size);
}

// Where to go on after blocks that were found right: behind them, or at a lead byte among the last three, whose
// sequence may be unfinished or which may be one that shows at the byte after it only.
std::size_t last_boundary(const std::byte* data, std::size_t end) {
  for (std::size_t back = 1; back <= 3 && back <= end; ++back) {
    if (static_cast<std::uint8_t>(data[end - back]) >= 0xC0) return end - back;
  }
  return end;
}

CLEARLINE_AVX2 std::size_t prefix_avx2(const std::byte* data, std::size_t size) {
  __m256i before = _mm256_setzero_si256();
  std::size_t i = 0;
  for (; i + block_bytes <= size; i += block_bytes) {
    const __m256i block = load_block(data + i);
    if (!(is_ascii(block) && is_ascii(before)) && !is_zero(errors_of(block, before))) break;
    before = block;
  }
  return last_boundary(data, i);
}

}  // namespace

bool utf8_wide_available() {
  static const bool available = __builtin_cpu_supports("avx2") != 0;
  return available;
}

bool utf8_wide_valid(std::span<const std::byte> text) {
  return valid_avx2(text.data(), text.size());
}

std::size_t utf8_wide_prefix(std::span<const std::byte> text) {
  return prefix_avx2(text.data(), text.size());
}

}  // namespace clearline::ws

#else

namespace clearline::ws {

bool utf8_wide_available() {
  return false;
}
bool utf8_wide_valid(std::span<const std::byte>) {
  return false;
}
std::size_t utf8_wide_prefix(std::span<const std::byte>) {
  return 0;
}

}  // namespace clearline::ws

#endif
