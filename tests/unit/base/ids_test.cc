#include "base/ids.h"

#include <gtest/gtest.h>

namespace clearline {
namespace {

TEST(Ids, MakeIdSortsByTimeAndIsNeverNone) {
  EXPECT_LT(make_id(WallTime{1'763'812'345'678}, ~0ULL), make_id(WallTime{1'763'812'345'679}, 0));
  EXPECT_GT(make_id(WallTime{0}, 0), 0);
  EXPECT_GT(make_id(WallTime{(1LL << 42) - 1}, ~0ULL), 0);
}

TEST(Ids, TextRoundTripsAndKindsDoNotMix) {
  const ConversationId id{make_id(WallTime{1'763'812'345'678}, 12345)};
  EXPECT_EQ(conversation_id_from_text(to_text(id)), id);
  EXPECT_FALSE(visitor_id_from_text(to_text(id)));
  EXPECT_FALSE(conversation_id_from_text("c0000000000000"));  // zero is none
  EXPECT_FALSE(conversation_id_from_text("cfzzzzzzzzzzzz"));  // above 2^63 - 1
}

TEST(Ids, EpochAndClientId) {
  EXPECT_EQ(to_text(Epoch{0x5f3a9c0d11e2b744}), "5f3a9c0d11e2b744");
  EXPECT_EQ(epoch_from_text("5f3a9c0d11e2b744"), Epoch{0x5f3a9c0d11e2b744});
  EXPECT_FALSE(epoch_from_text("5F3A9C0D11E2B744"));
  const std::string uuid = "0b6f2c1e-8f5a-4f0e-9a51-3d1f5e0c7a11";
  ASSERT_TRUE(client_id_from_text(uuid));
  EXPECT_EQ(to_text(*client_id_from_text(uuid)), uuid);
  EXPECT_FALSE(client_id_from_text("0b6f2c1e-8f5a-4f0e-9a51-3d1f5e0c7a1"));
  EXPECT_FALSE(client_id_from_text("0b6f2c1e-8f5a-4f0e-9a51+3d1f5e0c7a11"));
  EXPECT_FALSE(client_id_from_text("0B6F2C1E-8f5a-4f0e-9a51-3d1f5e0c7a11"));
}

}  // namespace
}  // namespace clearline
