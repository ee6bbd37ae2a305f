#include "app/visitor_token.h"

#include <gtest/gtest.h>

#include <array>

namespace clearline::app {
namespace {

VisitorTokens::Key key_of(int seed) {
  VisitorTokens::Key key;
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::byte>(seed + static_cast<int>(i));
  return key;
}

const VisitorIdentity identity{VisitorId{0x0102030405060708}, ConversationId{-2}, SiteId{3}};

TEST(VisitorTokenTest, GivesBackWhatWasSigned) {
  const VisitorTokens tokens(key_of(1));
  const std::string token = tokens.sign(identity);
  EXPECT_EQ(tokens.verify(token), identity);
  EXPECT_EQ(tokens.sign(identity), token);
}

TEST(VisitorTokenTest, EveryAlteredCharacterIsRefused) {
  const VisitorTokens tokens(key_of(1));
  const std::string token = tokens.sign(identity);
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n";
  for (std::size_t i = 0; i < token.size(); ++i) {
    for (const char c : alphabet) {
      if (c == token[i]) continue;
      std::string altered = token;
      altered[i] = c;
      EXPECT_FALSE(tokens.verify(altered)) << "at " << i << " with " << c;
    }
  }
}

TEST(VisitorTokenTest, EveryOtherLengthIsRefused) {
  const VisitorTokens tokens(key_of(1));
  const std::string token = tokens.sign(identity);
  for (std::size_t length = 0; length < token.size(); ++length) EXPECT_FALSE(tokens.verify(token.substr(0, length)));
  for (const char c : {'A', '=', ' ', '\0', '\n'}) {
    EXPECT_FALSE(tokens.verify(token + c));
    EXPECT_FALSE(tokens.verify(c + token));
  }
  EXPECT_FALSE(tokens.verify(token + token));
}

TEST(VisitorTokenTest, AnotherKeyRefuses) {
  const std::string token = VisitorTokens(key_of(1)).sign(identity);
  EXPECT_FALSE(VisitorTokens(key_of(2)).verify(token));
  VisitorTokens::Key nearly = key_of(1);
  nearly.back() ^= std::byte{1};
  EXPECT_FALSE(VisitorTokens(nearly).verify(token));
}

}  // namespace
}  // namespace clearline::app
