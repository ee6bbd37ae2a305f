#include "ws/frame.h"

#include <array>
#include <bit>
#include <cstring>

#include "base/result.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace clearline::ws {
namespace {

constexpr std::byte fin_bit{0x80};
constexpr std::byte rsv1_bit{0x40};
constexpr std::byte mask_bit{0x80};
constexpr std::uint64_t length_7_max = 125;  // 126 and 127 in its place announce 16 and 64 bits
constexpr std::uint64_t length_16_max = 0xFFFF;

// Section 5.2: the length in the fewest bytes, in network byte order.
std::size_t encode_length(std::uint64_t length, std::byte mask, std::span<std::byte, frame_header_bytes_max> out) {
  if (length <= length_7_max) {
    out[1] = mask | static_cast<std::byte>(length);
    return 2;
  }
  const std::size_t length_bytes = length <= length_16_max ? 2 : 8;
  out[1] = mask | (length_bytes == 2 ? std::byte{126} : std::byte{127});
  for (std::size_t i = 0; i < length_bytes; ++i) {
    out[2 + i] = static_cast<std::byte>(length >> (8 * (length_bytes - 1 - i)));
  }
  return 2 + length_bytes;
}

// The key as it applies from this position of the payload on.
std::uint32_t rotate_key(std::uint32_t key, std::uint64_t payload_offset) {
  const int shift = static_cast<int>(payload_offset % 4) * 8;
  return std::endian::native == std::endian::little ? std::rotr(key, shift) : std::rotl(key, shift);
}

// What was masked so far, and the union of the results' bits: bytes with the high bit are not ASCII.
struct Masked {
  std::size_t bytes = 0;
  std::uint64_t seen = 0;
};

constexpr std::uint64_t high_bits = 0x8080808080808080ULL;

template <typename Word>
void mask_words(const std::byte* in, std::byte* out, std::size_t size, Word key, Masked& done) {
  for (; done.bytes + sizeof(Word) <= size; done.bytes += sizeof(Word)) {
    Word word;
    std::memcpy(&word, in + done.bytes, sizeof(Word));
    word ^= key;
    std::memcpy(out + done.bytes, &word, sizeof(Word));
    done.seen |= word;
  }
}

// Whatever is left below a word. All word sizes are multiples of four, so the key needs no turning in between.
void mask_short(const std::byte* in, std::byte* out, std::size_t size, std::uint32_t key, Masked& done) {
  mask_words<std::uint64_t>(in, out, size, std::uint64_t{key} << 32 | key, done);
  mask_words<std::uint32_t>(in, out, size, key, done);
  std::array<std::byte, 4> key_bytes;
  std::memcpy(key_bytes.data(), &key, key_bytes.size());
  for (std::size_t i = 0; done.bytes < size; ++i, ++done.bytes) {
    out[done.bytes] = in[done.bytes] ^ key_bytes[i];
    done.seen |= static_cast<std::uint8_t>(out[done.bytes]);
  }
}

#if defined(__x86_64__)
constexpr std::size_t wide_bytes_min = 64;

[[gnu::target("avx2")]] void mask_avx2(const std::byte* in, std::byte* out, std::size_t size, std::uint32_t key,
                                       Masked& done) {
  const __m256i wide_key = _mm256_set1_epi32(static_cast<int>(key));
  __m256i seen = _mm256_setzero_si256();
  std::size_t i = 0;
  for (; i + 64 <= size; i += 64) {
    const __m256i low = _mm256_xor_si256(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(in + i)), wide_key);
    const __m256i high = _mm256_xor_si256(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(in + i + 32)), wide_key);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + i), low);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + i + 32), high);
    seen = _mm256_or_si256(seen, _mm256_or_si256(low, high));
  }
  done.bytes = i;
  if (_mm256_movemask_epi8(seen) != 0) done.seen = high_bits;
}

// SSE2 is part of x86-64.
void mask_sse2(const std::byte* in, std::byte* out, std::size_t size, std::uint32_t key, Masked& done) {
  const __m128i wide_key = _mm_set1_epi32(static_cast<int>(key));
  __m128i seen = _mm_setzero_si128();
  std::size_t i = 0;
  for (; i + 16 <= size; i += 16) {
    const __m128i block = _mm_xor_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(in + i)), wide_key);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i), block);
    seen = _mm_or_si128(seen, block);
  }
  done.bytes = i;
  if (_mm_movemask_epi8(seen) != 0) done.seen = high_bits;
}

void mask_wide(const std::byte* in, std::byte* out, std::size_t size, std::uint32_t key, Masked& done) {
  static const bool has_avx2 = __builtin_cpu_supports("avx2");
  if (has_avx2) return mask_avx2(in, out, size, key, done);
  mask_sse2(in, out, size, key, done);
}
#endif

// Returns whether the result is ASCII.
bool mask(const std::byte* in, std::byte* out, std::size_t size, std::uint32_t key) {
  Masked done;
#if defined(__x86_64__)
  if (size >= wide_bytes_min) mask_wide(in, out, size, key, done);
#endif
  mask_short(in, out, size, key, done);
  return (done.seen & high_bits) == 0;
}

}  // namespace

std::size_t encode_header(const FrameHeader& header, std::span<std::byte, frame_header_bytes_max> out) {
  out[0] = static_cast<std::byte>(header.opcode);
  if (header.fin) out[0] |= fin_bit;
  if (header.rsv1) out[0] |= rsv1_bit;
  std::size_t size = encode_length(header.payload_bytes, header.mask_key ? mask_bit : std::byte{}, out);
  if (header.mask_key) {
    std::memcpy(out.data() + size, &*header.mask_key, sizeof(*header.mask_key));
    size += sizeof(*header.mask_key);
  }
  return size;
}

bool mask_in_place(std::span<std::byte> bytes, std::uint32_t mask_key, std::uint64_t payload_offset) {
  return mask(bytes.data(), bytes.data(), bytes.size(), rotate_key(mask_key, payload_offset));
}

void mask_copy(std::span<const std::byte> in, std::span<std::byte> out, std::uint32_t mask_key,
               std::uint64_t payload_offset) {
  CLEARLINE_ASSERT(out.size() >= in.size());
  mask(in.data(), out.data(), in.size(), rotate_key(mask_key, payload_offset));
}

}  // namespace clearline::ws
