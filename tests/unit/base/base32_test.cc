#include "base/base32.h"

#include <gtest/gtest.h>

#include <limits>

namespace clearline {
namespace {

TEST(IdText, RoundTripsAtTheEdges) {
  for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{31}, std::uint64_t{32},
                                    std::uint64_t{1} << 63, std::numeric_limits<std::uint64_t>::max()}) {
    const auto text = id_to_text('c', value);
    EXPECT_EQ(text.size(), id_text_length);
    EXPECT_EQ(id_from_text('c', text), value) << text;
  }
}

TEST(IdText, SortsLikeTheNumbers) {
  EXPECT_LT(id_to_text('c', 31), id_to_text('c', 32));
}

TEST(IdText, RefusesWhatItDidNotWrite) {
  EXPECT_FALSE(id_from_text('c', ""));
  EXPECT_FALSE(id_from_text('c', "c000000000000"));    // one digit short
  EXPECT_FALSE(id_from_text('c', "c00000000000000"));  // one digit long
  EXPECT_FALSE(id_from_text('c', "v0000000000001"));   // another kind of id
  EXPECT_FALSE(id_from_text('c', "c000000000000u"));   // u is not a digit
  EXPECT_FALSE(id_from_text('c', "c000000000000A"));   // upper case is not written
  EXPECT_FALSE(id_from_text('c', "cg000000000000"));   // 65 bits
}

}  // namespace
}  // namespace clearline
