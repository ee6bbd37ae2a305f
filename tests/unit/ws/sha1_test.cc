#include "ws/sha1.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <string_view>

namespace clearline::ws {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::string hex(const Sha1Digest& digest) {
  std::string text;
  for (const std::byte byte : digest) {
    char pair[3];
    std::snprintf(pair, sizeof pair, "%02x", std::to_integer<unsigned>(byte));
    text += pair;
  }
  return text;
}

std::string sha1_of(std::string_view text) {
  return hex(sha1(bytes_of(text)));
}

TEST(Sha1, AnswersTheVectorsOfTheRfc) {
  EXPECT_EQ(sha1_of("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(sha1_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  EXPECT_EQ(sha1_of(std::string(1'000'000, 'a')), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

// The hash of the hashes of n bytes, for every way that the padding can fall (computed with Python's hashlib).
TEST(Sha1, PadsEveryLength) {
  EXPECT_EQ(sha1_of(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  std::string all;
  std::string text;
  for (int i = 0; i < 260; ++i) {
    const Sha1Digest digest = sha1(bytes_of(text));
    all.append(reinterpret_cast<const char*>(digest.data()), digest.size());
    text += static_cast<char>(i);
  }
  EXPECT_EQ(sha1_of(all), "c20920a01adec8c5279c8a078a9cb5b554ea8653");
}

TEST(Base64, AnswersTheVectorsOfTheRfc) {
  EXPECT_EQ(base64(bytes_of("")), "");
  EXPECT_EQ(base64(bytes_of("f")), "Zg==");
  EXPECT_EQ(base64(bytes_of("fo")), "Zm8=");
  EXPECT_EQ(base64(bytes_of("foo")), "Zm9v");
  EXPECT_EQ(base64(bytes_of("foob")), "Zm9vYg==");
  EXPECT_EQ(base64(bytes_of("fooba")), "Zm9vYmE=");
  EXPECT_EQ(base64(bytes_of("foobar")), "Zm9vYmFy");
  EXPECT_EQ(base64(bytes_of("\xfb\xff\xbf")), "+/+/");
}

}  // namespace
}  // namespace clearline::ws
