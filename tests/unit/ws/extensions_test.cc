#include "ws/extensions.h"

#include <gtest/gtest.h>

namespace clearline::ws {
namespace {

using List = std::vector<Extension>;

TEST(Extensions, ReadsAList) {
  EXPECT_EQ(parse_extensions("a"), (List{{"a", {}}}));
  EXPECT_EQ(parse_extensions(" a ; p ; q = 1 , b;r=\"2\" "),
            (List{{"a", {{"p", {}}, {"q", "1"}}}, {"b", {{"r", "2"}}}}));
  EXPECT_EQ(parse_extensions("permessage-deflate; client_max_window_bits, permessage-deflate"),
            (List{{"permessage-deflate", {{"client_max_window_bits", {}}}}, {"permessage-deflate", {}}}));
}

TEST(Extensions, TakesQuotesAndEscapesOff) {
  EXPECT_EQ(parse_extensions(R"(a;p="x\y")"), (List{{"a", {{"p", "xy"}}}}));
}

TEST(Extensions, LetsEmptyElementsPass) {
  EXPECT_EQ(parse_extensions(""), List{});
  EXPECT_EQ(parse_extensions(" , "), List{});
  EXPECT_EQ(parse_extensions(",a,,b,"), (List{{"a", {}}, {"b", {}}}));
}

TEST(Extensions, RefusesWhatBreaksTheGrammar) {
  for (const char* value : {";", "a;", "a;;p", "a;p=", "a;=1", "a b", "a;p q", "a;p=1 2", "a;p=\"", "a;p=\"\"",
                            "a;p=\"x y\"", "a;p=\"x\"y", "a;p=\"x\\", "a=1", "\"a\"", "a;p=,b", "\xC3\xA9"}) {
    EXPECT_EQ(parse_extensions(value), std::nullopt) << value;
  }
}

TEST(Extensions, WritesWhatItReads) {
  const List list{{"a", {{"p", {}}, {"q", "1"}}}, {"b", {}}};
  EXPECT_EQ(format_extensions(list), "a; p; q=1, b");
  EXPECT_EQ(parse_extensions(format_extensions(list)), list);
  EXPECT_EQ(format_extensions({}), "");
}

}  // namespace
}  // namespace clearline::ws
