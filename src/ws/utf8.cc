// Well-formed UTF-8 (RFC 3629 section 4, Unicode table 3-7):
//
//   00..7F
//   C2..DF 80..BF
//   E0     A0..BF 80..BF          (less would be overlong)
//   E1..EC 80..BF 80..BF
//   ED     80..9F 80..BF          (more would be a surrogate)
//   EE..EF 80..BF 80..BF
//   F0     90..BF 80..BF 80..BF   (less would be overlong)
//   F1..F3 80..BF 80..BF 80..BF
//   F4     80..8F 80..BF 80..BF   (more would be above U+10FFFF)
#include "ws/utf8.h"

#include <array>
#include <cstring>

#include "ws/utf8_wide.h"

namespace clearline::ws {
namespace {

// What may come next. Every state but the last says how many continuation bytes are missing, and the four in the
// middle restrict the first of them.
enum State : std::uint8_t {
  between,
  one_missing,
  two_missing,
  three_missing,
  after_e0,
  after_ed,
  after_f0,
  after_f4,
  bad,
};

struct Row {
  unsigned first;
  unsigned last;
  State next;
};

using Table = std::array<std::array<std::uint8_t, 256>, bad>;

constexpr void allow(Table& table, State from, Row row) {
  for (unsigned byte = row.first; byte <= row.last; ++byte) table[from][byte] = row.next;
}

constexpr Table make_table() {
  Table table{};
  for (auto& row : table) row.fill(bad);
  allow(table, between, {0x00, 0x7F, between});
  allow(table, between, {0xC2, 0xDF, one_missing});
  allow(table, between, {0xE0, 0xE0, after_e0});
  allow(table, between, {0xE1, 0xEC, two_missing});
  allow(table, between, {0xED, 0xED, after_ed});
  allow(table, between, {0xEE, 0xEF, two_missing});
  allow(table, between, {0xF0, 0xF0, after_f0});
  allow(table, between, {0xF1, 0xF3, three_missing});
  allow(table, between, {0xF4, 0xF4, after_f4});
  allow(table, one_missing, {0x80, 0xBF, between});
  allow(table, two_missing, {0x80, 0xBF, one_missing});
  allow(table, three_missing, {0x80, 0xBF, two_missing});
  allow(table, after_e0, {0xA0, 0xBF, one_missing});
  allow(table, after_ed, {0x80, 0x9F, one_missing});
  allow(table, after_f0, {0x90, 0xBF, two_missing});
  allow(table, after_f4, {0x80, 0x8F, two_missing});
  return table;
}

constexpr Table table = make_table();

template <typename Word>
Word load(const std::byte* from) {
  Word word;
  std::memcpy(&word, from, sizeof(Word));
  return word;
}

constexpr std::uint64_t high_bits_8 = 0x8080808080808080ULL;
constexpr std::uint32_t high_bits_4 = 0x80808080U;

// Short texts are the most common ones: no loop below 8 bytes, and the last word overlaps the one before.
bool is_ascii_short(const std::byte* data, std::size_t size) {
  if (size >= 8) {
    std::uint64_t seen = load<std::uint64_t>(data + size - 8);
    for (std::size_t i = 0; i + 8 < size; i += 8) seen |= load<std::uint64_t>(data + i);
    return (seen & high_bits_8) == 0;
  }
  if (size >= 4) return ((load<std::uint32_t>(data) | load<std::uint32_t>(data + size - 4)) & high_bits_4) == 0;
  std::byte seen{};
  for (std::size_t i = 0; i < size; ++i) seen |= data[i];
  return (seen & std::byte{0x80}) == std::byte{};
}

std::size_t ascii_words(const std::byte* data, std::size_t size) {
  std::size_t i = 0;
  while (i + 8 <= size && (load<std::uint64_t>(data + i) & high_bits_8) == 0) i += 8;
  return i;
}

// Runs the automaton to the end of the piece or to the first bad byte; `state` is updated.
std::size_t run(std::span<const std::byte> piece, std::size_t from, std::uint8_t& state) {
  std::size_t i = from;
  while (i < piece.size()) {
    if (state == between) {
      i += ascii_words(piece.data() + i, piece.size() - i);
      if (i == piece.size()) break;
    }
    state = table[state][static_cast<std::uint8_t>(piece[i])];
    if (state == bad) return i;
    ++i;
  }
  return i;
}

}  // namespace

bool is_valid_utf8(std::span<const std::byte> text) {
  if (text.size() <= utf8_short_bytes_max && is_ascii_short(text.data(), text.size())) return true;
  if (utf8_wide_available() && text.size() >= utf8_wide_bytes_min) return utf8_wide_valid(text);
  std::uint8_t state = between;
  run(text, 0, state);
  return state == between;
}

std::optional<std::size_t> Utf8Validator::feed(std::span<const std::byte> piece) {
  std::size_t i = 0;
  // An unfinished sequence of the piece before comes first, byte by byte.
  for (; state_ != between && i < piece.size(); ++i) {
    state_ = table[state_][static_cast<std::uint8_t>(piece[i])];
    if (state_ == bad) return i;
  }
  if (utf8_wide_available()) i += utf8_wide_prefix(piece.subspan(i));
  i = run(piece, i, state_);
  if (state_ == bad) return i;
  return std::nullopt;
}

std::string_view cut_at_code_point(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t size = bytes_max;
  // Continuation bytes are 10xxxxxx; the first byte that falls off must not be one.
  while (size > 0 && (static_cast<std::uint8_t>(text[size]) & 0xC0) == 0x80) --size;
  return text.substr(0, size);
}

}  // namespace clearline::ws
