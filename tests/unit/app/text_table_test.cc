#include "app/cli/text_table.h"

#include <gtest/gtest.h>

#include <sstream>

namespace clearline::app {
namespace {

TEST(DisplayWidth, KnowsWideAndCombining) {
  EXPECT_EQ(display_width(""), 0u);
  EXPECT_EQ(display_width("demo"), 4u);
  EXPECT_EQ(display_width("\xE4\xBD\xA0\xE5\xA5\xBD"), 4u);
  EXPECT_EQ(display_width("e\xCC\x81"), 1u);
  EXPECT_EQ(display_width("\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD"), 2u);
}

TEST(TextTable, AlignsItsColumns) {
  TextTable table({"KEY", "N"}, {Align::left, Align::right});
  table.add({"demo", "7"});
  table.add({"\xE4\xBD\xA0", "1,000"});
  std::ostringstream out;
  table.print(out);
  EXPECT_EQ(out.str(),
            "KEY       N\n"
            "demo      7\n"
            "\xE4\xBD\xA0    1,000\n");
}

}  // namespace
}  // namespace clearline::app
