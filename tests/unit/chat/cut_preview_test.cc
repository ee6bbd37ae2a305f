#include <gtest/gtest.h>

#include <string>

#include "chat/decide.h"

namespace clearline::chat {
namespace {

using namespace std::string_literals;

TEST(CutPreview, Table) {
  struct {
    const char* what;
    std::string text;
    std::size_t code_points_max;
    std::string expected;
  } const cases[] = {
      {"empty", "", 10, ""},
      {"fits", "Hello", 5, "Hello"},
      {"one too many", "Hello!", 5, "Hello"},
      {"nothing allowed", "Hello", 0, ""},
      {"runs of white space become one space", "a \t\r\n b\v\fc", 10, "a b c"},
      {"none in front", " \n a", 10, "a"},
      {"none at the end", "a \n ", 10, "a"},
      {"only white space", " \n\t", 10, ""},
      {"the space counts", "ab cd", 4, "ab c"},
      {"never ends in the space", "ab cd", 3, "ab"},
      {"control characters and U+0000 are white space", "a\0b\x01\x1f"s + "c", 10, "a b c"},
      {"2-byte code points", "\u00e9\u00e9\u00e9", 2, "\u00e9\u00e9"},
      {"3-byte code points", "\u4f60\u597d\u5417", 2, "\u4f60\u597d"},
      {"4-byte code points", "\U0001F600\U0001F601\U0001F602", 2, "\U0001F600\U0001F601"},
      {"mixed widths", "a\u00e9\u4f60\U0001F600z", 4, "a\u00e9\u4f60\U0001F600"},
      {"cut before a wide one", "ab\U0001F600", 2, "ab"},
      {"U+0080 is no white space", "a\u0080b", 10, "a\u0080b"},
      {"the last code point there is", "\U0010FFFFx", 1, "\U0010FFFF"},
  };
  for (const auto& each : cases) EXPECT_EQ(cut_preview(each.text, each.code_points_max), each.expected) << each.what;
}

TEST(CutPreview, TheConversationsPreviewIsShort) {
  std::string text;
  for (int i = 0; i < 5'000; ++i) text += "\U0001F600";
  EXPECT_EQ(cut_preview(text, preview_code_points_max).size(), 4 * preview_code_points_max);
}

}  // namespace
}  // namespace clearline::chat
