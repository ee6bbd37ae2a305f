#include "http/request.h"

#include <gtest/gtest.h>

namespace clearline::http {
namespace {

TEST(RequestTest, ListsAreComparedByWholeTokens) {
  EXPECT_TRUE(list_contains_token("gzip, deflate, br", "br"));
  EXPECT_TRUE(list_contains_token("GZIP", "gzip"));
  EXPECT_TRUE(list_contains_token("\t gzip \t,br", "gzip"));
  EXPECT_FALSE(list_contains_token("gzipped", "gzip"));
  EXPECT_FALSE(list_contains_token("", "gzip"));
  EXPECT_FALSE(list_contains_token("br;q=0", "br"));
}

TEST(RequestTest, EntityTagsAreComparedWeakly) {
  EXPECT_TRUE(entity_tag_matches("\"abc\"", "\"abc\""));
  EXPECT_TRUE(entity_tag_matches("W/\"abc\"", "\"abc\""));
  EXPECT_TRUE(entity_tag_matches("\"x\", W/\"y\" , \"abc\"", "\"abc\""));
  EXPECT_TRUE(entity_tag_matches("*", "\"abc\""));
  EXPECT_FALSE(entity_tag_matches("", "\"abc\""));
  EXPECT_FALSE(entity_tag_matches("abc", "\"abc\""));
  EXPECT_FALSE(entity_tag_matches("\"abcd\"", "\"abc\""));
  EXPECT_FALSE(entity_tag_matches("\"ABC\"", "\"abc\""));
  EXPECT_FALSE(entity_tag_matches("w/\"abc\"", "\"abc\""));
  EXPECT_FALSE(entity_tag_matches(",,", "\"abc\""));
}

TEST(RequestTest, HeadersAreFoundWithoutCase) {
  const HeaderView headers[] = {{"Host", "one"}, {"HOST", "two"}, {"X-Empty", ""}};
  Request request;
  request.headers = headers;
  EXPECT_EQ(request.header("host"), "one");
  EXPECT_EQ(request.header("origin"), "");
  EXPECT_TRUE(request.has_header("x-empty"));
  EXPECT_FALSE(request.has_header("x-other"));
}

}  // namespace
}  // namespace clearline::http
