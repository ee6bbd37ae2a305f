#include "app/names.h"

#include <gtest/gtest.h>

namespace clearline::app {
namespace {

std::string normal(const char* origin) {
  const auto result = normalise_origin(origin);
  return result ? *result : "refused: " + result.error().message;
}

TEST(SiteKey, IsShortAndPlain) {
  EXPECT_TRUE(check_site_key("demo"));
  EXPECT_TRUE(check_site_key("a-1"));
  EXPECT_TRUE(check_site_key(std::string(40, 'a')));
  for (const std::string& bad : {std::string(), std::string("Demo"), std::string("a_b"), std::string("a b"),
                                 std::string("d\xC3\xA9mo"), std::string("a\0b", 3), std::string(41, 'a')})
    EXPECT_FALSE(check_site_key(bad)) << bad;
  EXPECT_EQ(check_site_key("Demo").error().message, "\"Demo\" is not a site's key: 1 to 40 of a-z, 0-9 and -");
}

TEST(AgentName, IsWhatAPersonTypes) {
  EXPECT_TRUE(check_agent_name("ada.lovelace_2-x"));
  EXPECT_FALSE(check_agent_name(std::string(65, 'a')));
  EXPECT_EQ(check_agent_name("Ada").error().message, "\"Ada\" is not an agent's name: 1 to 64 of a-z, 0-9 and . _ -");
}

TEST(DisplayName, IsForPeople) {
  EXPECT_TRUE(check_display_name("Ada Lovelace"));
  EXPECT_TRUE(check_display_name("\xE4\xBD\xA0\xE5\xA5\xBD"));
  std::string eighty;
  for (int i = 0; i < 80; ++i) eighty += "\xE4\xBD\xA0";
  EXPECT_TRUE(check_display_name(eighty));
  EXPECT_FALSE(check_display_name(eighty + "x"));
  EXPECT_FALSE(check_display_name(""));
  EXPECT_FALSE(check_display_name("  "));
  EXPECT_FALSE(check_display_name("a\nb"));
  EXPECT_FALSE(check_display_name("\xFF"));
}

TEST(Origin, BecomesWhatABrowserSends) {
  EXPECT_EQ(normal("self"), "self");
  EXPECT_EQ(normal("*"), "*");
  EXPECT_EQ(normal("https://shop.example"), "https://shop.example");
  EXPECT_EQ(normal("HTTPS://Shop.Example:443/"), "https://shop.example");
  EXPECT_EQ(normal("http://localhost:80"), "http://localhost");
  EXPECT_EQ(normal("http://localhost:443"), "http://localhost:443");
  EXPECT_EQ(normal("http://127.0.0.1:03000"), "http://127.0.0.1:3000");
  EXPECT_EQ(normal("http://[::1]"), "http://[::1]");
  EXPECT_EQ(normal("http://[::1]:8080"), "http://[::1]:8080");
  EXPECT_EQ(normal("https://xn--bcher-kva.example"), "https://xn--bcher-kva.example");
}

TEST(Origin, IsRefusedWithTheReason) {
  for (const char* bad :
       {"", "shop.example", "ftp://shop.example", "https://", "https://shop.example/path", "https://shop.example?x",
        "https://a@shop.example", "https://shop.example:0", "https://shop.example:65536",
        "https://shop.example:", "https://shop.example:8x",
        "https://b\xC3\xBC"
        "cher.example",
        "https://a..b", "https://.a", "https://a b", "https://[::1", "https://[x]", "null", "https://*.shop.example"})
    EXPECT_EQ(normal(bad).substr(0, 9), "refused: ") << bad;
  EXPECT_EQ(normal("https://shop.example/path"),
            "refused: \"https://shop.example/path\" is not an origin: it ends with the host or port, without a path");
  EXPECT_EQ(normal("https://b\xC3\xBC"
                   "cher.example"),
            "refused: \"https://b\xC3\xBC"
            "cher.example\" is not an origin: write an international name as browsers send it "
            "(xn--\xE2\x80\xA6)");
}

}  // namespace
}  // namespace clearline::app
