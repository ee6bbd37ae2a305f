#include "ws/utf8.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "support/ws/naive_utf8.h"
#include "support/ws/utf8_rows.h"
#include "support/ws/wire.h"

namespace clearline::ws::testing {
namespace {

const std::vector<Utf8Row>& rows() {
  static const std::vector<Utf8Row> all = read_utf8_rows(CLEARLINE_SOURCE_DIR "/tests/data/invalid-utf8.jsonl");
  return all;
}

// The verdict when the bytes come in pieces that end at these offsets.
Utf8Verdict in_pieces(const Bytes& bytes, const std::vector<std::size_t>& ends) {
  Utf8Validator validator;
  std::size_t from = 0;
  for (const std::size_t end : ends) {
    const Bytes piece(bytes.begin() + static_cast<std::ptrdiff_t>(from),
                      bytes.begin() + static_cast<std::ptrdiff_t>(end));
    if (const auto wrong = validator.feed(piece)) return {from + *wrong, true};
    from = end;
  }
  return {std::nullopt, validator.complete()};
}

TEST(Utf8, EveryRowIsDetectedWhereItCanBeAtEverySplit) {
  ASSERT_GT(rows().size(), 180U);
  for (const Utf8Row& row : rows()) {
    SCOPED_TRACE(row.id);
    Utf8Verdict expected;
    if (row.incomplete) expected.complete = false;
    if (!row.valid && !row.incomplete) expected.wrong_at = row.detect_at;
    const std::size_t size = row.bytes.size();
    EXPECT_EQ(is_valid_utf8(row.bytes), row.valid);
    EXPECT_EQ(in_pieces(row.bytes, {size}), expected);
    for (std::size_t cut = 0; cut <= size; ++cut) EXPECT_EQ(in_pieces(row.bytes, {cut, size}), expected) << cut;
    std::vector<std::size_t> every_byte;
    for (std::size_t end = 1; end <= size; ++end) every_byte.push_back(end);
    EXPECT_EQ(in_pieces(row.bytes, every_byte), expected);
  }
}

// The blocks of 32 bytes must not hide anything, wherever a sequence lies in or across them.
TEST(Utf8, EveryRowIsDetectedAtEveryPlaceInALongerText) {
  for (const Utf8Row& row : rows()) {
    SCOPED_TRACE(row.id);
    for (const std::string_view filler : {"a", "\xC3\xA9", "\xE4\xBD\xA0", "\xF0\x9F\x98\x80"}) {
      Bytes before;
      while (before.size() < 100) {
        // Behind it: nothing, a little, blocks of ASCII only, and then other text again.
        for (const Bytes& after :
             {Bytes{}, bytes_of("abc"), Bytes(70, std::byte{'a'}), Bytes(64, std::byte{'a'}) + bytes_of("\xC3\xA9")}) {
          const Bytes text = before + row.bytes + after;
          const Utf8Verdict expected = naive_utf8(text);
          EXPECT_EQ(is_valid_utf8(text), !expected.wrong_at && expected.complete) << before.size();
          EXPECT_EQ(in_pieces(text, {text.size()}), expected) << before.size();
        }
        before = before + bytes_of(filler);
      }
    }
  }
}

// A lead byte at the end of a block, its continuation behind a block of ASCII: each half is right where it stands.
TEST(Utf8, DoesNotJoinASequenceOverABlockOfAscii) {
  for (std::size_t pad = 0; pad < 64; ++pad) {
    for (std::size_t between = 1; between < 100; ++between) {
      const Bytes text =
          Bytes(pad, std::byte{'a'}) + from_hex("e4") + Bytes(between, std::byte{'a'}) + from_hex("bda0");
      ASSERT_FALSE(is_valid_utf8(text)) << pad << ", " << between;
      ASSERT_EQ(in_pieces(text, {text.size()}).wrong_at, pad + 1) << pad << ", " << between;
    }
  }
}

// Every one that begins with a byte above 7F, and a sample of the others.
TEST(Utf8, AgreesWithTheNaiveDecoderOnSequencesOfThreeBytes) {
  for (unsigned value = 0; value < 1U << 24; value += value < 0x800000 ? 0x10003 : 1) {
    const Bytes bytes{static_cast<std::byte>(value >> 16), static_cast<std::byte>(value >> 8 & 0xFF),
                      static_cast<std::byte>(value & 0xFF)};
    const Utf8Verdict expected = naive_utf8(bytes);
    ASSERT_EQ(is_valid_utf8(bytes), !expected.wrong_at && expected.complete) << value;
  }
}

Bytes random_text(std::mt19937_64& random) {
  static const std::string_view samples[] = {"a",
                                             "the ",
                                             "\x7F",
                                             "\xC2\x80",
                                             "\xDF\xBF",
                                             "\xE0\xA0\x80",
                                             "\xED\x9F\xBF",
                                             "\xEE\x80\x80",
                                             "\xE4\xBD\xA0\xE5\xA5\xBD",
                                             "\xF0\x90\x80\x80",
                                             "\xF4\x8F\xBF\xBF",
                                             "\xF0\x9F\x98\x80"};
  Bytes bytes;
  for (std::size_t i = random() % 60; i > 0; --i) bytes = bytes + bytes_of(samples[random() % std::size(samples)]);
  // Half of them are spoilt: a byte changed, lost or doubled.
  if (bytes.empty() || random() % 2 == 0) return bytes;
  const auto at = bytes.begin() + static_cast<std::ptrdiff_t>(random() % bytes.size());
  switch (random() % 3) {
    case 0:
      *at = static_cast<std::byte>(random() & 0xFF);
      break;
    case 1:
      bytes.erase(at);
      break;
    default:
      bytes.insert(at, *at);
  }
  return bytes;
}

TEST(Utf8, AgreesWithTheNaiveDecoderOnRandomTexts) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 20000; ++round) {
    const Bytes bytes = random_text(random);
    const Utf8Verdict expected = naive_utf8(bytes);
    ASSERT_EQ(is_valid_utf8(bytes), !expected.wrong_at && expected.complete) << round;
    const std::size_t first = random() % (bytes.size() + 1);
    const std::size_t second = first + random() % (bytes.size() - first + 1);
    ASSERT_EQ(in_pieces(bytes, {first, second, bytes.size()}), expected) << round;
  }
}

TEST(Utf8, ResetForgetsAnUnfinishedSequence) {
  Utf8Validator validator;
  EXPECT_FALSE(validator.feed(from_hex("F09F")).has_value());
  EXPECT_FALSE(validator.complete());
  validator.reset();
  EXPECT_TRUE(validator.complete());
  EXPECT_FALSE(validator.feed(bytes_of("a")).has_value());
}

TEST(Utf8, CutsBetweenCodePoints) {
  EXPECT_EQ(cut_at_code_point("hello", 5), "hello");
  EXPECT_EQ(cut_at_code_point("hello", 4), "hell");
  EXPECT_EQ(cut_at_code_point("h\xC3\xA9", 2), "h");
  EXPECT_EQ(cut_at_code_point("\xF0\x9F\x98\x80", 3), "");
  EXPECT_EQ(cut_at_code_point("\xF0\x9F\x98\x80", 4), "\xF0\x9F\x98\x80");
  EXPECT_EQ(cut_at_code_point("", 0), "");
}

}  // namespace
}  // namespace clearline::ws::testing
