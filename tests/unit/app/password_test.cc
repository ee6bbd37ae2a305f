#include "app/password.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <set>

#include "base/random.h"

namespace clearline::app {
namespace {

TEST(Password, IsVerifiedByItsHashAlone) {
  const Result<std::string> hash = hash_password("correct horse");
  ASSERT_TRUE(hash) << hash.error().message;
  EXPECT_EQ(hash->rfind("$argon2id$", 0), 0u);
  EXPECT_TRUE(verify_password(*hash, "correct horse"));
  EXPECT_FALSE(verify_password(*hash, "correct horsf"));
  EXPECT_FALSE(verify_password(*hash, "correct hors"));
  EXPECT_FALSE(verify_password(*hash, ""));
  EXPECT_FALSE(needs_rehash(*hash));
}

TEST(Password, KeepsEveryByte) {
  const std::string with_zero("pass\0word", 9);
  const Result<std::string> hash = hash_password(with_zero);
  ASSERT_TRUE(hash);
  EXPECT_TRUE(verify_password(*hash, with_zero));
  EXPECT_FALSE(verify_password(*hash, std::string("pass\0wore", 9)));
}

TEST(Password, HasASaltOfItsOwn) {
  EXPECT_NE(hash_password("correct horse").value(), hash_password("correct horse").value());
}

TEST(Password, RefusesLengthsThatMakeNoSense) {
  EXPECT_EQ(hash_password("short").error().message, "the password is too short: 5 bytes, at least 8 are needed");
  EXPECT_EQ(hash_password(std::string(1025, 'a')).error().code, ErrorCode::invalid_argument);
  EXPECT_TRUE(hash_password(std::string(1024, 'a')));
}

TEST(Password, NothingMatchesWhatIsNoHash) {
  for (const std::string& hash : {std::string(), std::string("secret12"), std::string("$argon2id$"),
                                  std::string(4096, '$'), std::string("\0", 1)}) {
    EXPECT_FALSE(verify_password(hash, "secret12"));
    EXPECT_TRUE(needs_rehash(hash));
  }
}

TEST(Password, OfALowerCostIsHashedAgain) {
  // 1 pass over 8 KiB, as no version of ours makes it.
  EXPECT_TRUE(
      needs_rehash("$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
}

TEST(GeneratedPassword, IsReadableAndNeverTheSame) {
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const std::string password = generate_password(random_bytes);
    ASSERT_EQ(password.size(), 23u);
    EXPECT_EQ(std::count(password.begin(), password.end(), '-'), 3);
    EXPECT_EQ(password.find_first_of("01oil"), std::string::npos) << password;
    EXPECT_TRUE(seen.insert(password).second);
  }
}

TEST(GeneratedPassword, UsesEverySymbolEquallyOften) {
  // Every byte value once, over and over: 248 of them are used, each of the 31 symbols eight times.
  static std::uint8_t next = 0;
  next = 0;
  const RandomSource counting = [](std::span<std::byte> out) {
    for (std::byte& byte : out) byte = static_cast<std::byte>(next++);
  };
  std::string symbols;
  while (symbols.size() < 31 * 8 * 5) {
    std::string password = generate_password(counting);
    password.erase(std::remove(password.begin(), password.end(), '-'), password.end());
    symbols += password;
  }
  ASSERT_EQ(symbols.size(), 31u * 8 * 5);
  for (const char symbol : std::string("abcdefghjkmnpqrstuvwxyz23456789"))
    EXPECT_EQ(std::count(symbols.begin(), symbols.end(), symbol), 40) << symbol;
}

}  // namespace
}  // namespace clearline::app
