#include <gtest/gtest.h>

#include "app/cli/replay/reconnect.h"

namespace clearline::app::replay {
namespace {

std::uint32_t last_bound = 0;
// The latest moment that the policy allows.
std::uint32_t highest(std::uint32_t bound) {
  last_bound = bound;
  return bound - 1;
}
std::uint32_t lowest(std::uint32_t bound) {
  last_bound = bound;
  return 0;
}

Ending ended(std::uint16_t status) {
  return {status, false, std::nullopt, std::nullopt};
}
Ending bye(std::uint16_t status, std::int64_t retry_after_ms, std::int64_t spread_ms) {
  return {status, true, retry_after_ms, spread_ms};
}

TEST(Reconnect, IsSoonAfterABreakAndThenBacksOffToItsCap) {
  Reconnect reconnect(highest);
  std::int64_t before = 0;
  for (int attempt = 0; attempt < 20; ++attempt) {
    const NextStep step = reconnect.after(ended(registry::abnormal_closure), MonotonicTime{attempt});
    EXPECT_FALSE(step.stop);
    EXPECT_GE(step.delay_ms, before);
    before = step.delay_ms;
    if (attempt == 0) {
      EXPECT_LT(step.delay_ms, 500);
    }
  }
  EXPECT_EQ(before, 29'999);
  reconnect.welcomed(MonotonicTime{100});
  EXPECT_LT(reconnect.after(ended(registry::abnormal_closure), MonotonicTime{101}).delay_ms, 500);
}

TEST(Reconnect, WaitsAsTheByeSays) {
  Reconnect late(highest);
  EXPECT_EQ(late.after(bye(registry::service_restart, 500, 5000), MonotonicTime{}).delay_ms, 500 + 4999);
  Reconnect early(lowest);
  EXPECT_EQ(early.after(bye(registry::service_restart, 500, 5000), MonotonicTime{}).delay_ms, 500);
  EXPECT_EQ(last_bound, 5000u);
  EXPECT_GE(early.after(bye(registry::try_again_later, 4000, 0), MonotonicTime{}).delay_ms, 4000);
}

TEST(Reconnect, StopsWhereTheRegistrySaysSo) {
  for (const std::uint16_t status : {registry::forbidden, registry::site_closed, registry::signed_out_elsewhere,
                                     registry::conversation_ended, registry::mandatory_extension}) {
    Reconnect reconnect(lowest);
    EXPECT_TRUE(reconnect.after(ended(status), MonotonicTime{}).stop) << status;
  }
}

TEST(Reconnect, OnlyAByeOfOursMakes1000Final) {
  Reconnect reconnect(lowest);
  EXPECT_FALSE(reconnect.after(ended(registry::normal_closure), MonotonicTime{}).stop) << "a proxy said that";
  EXPECT_TRUE(reconnect.after(bye(registry::normal_closure, 0, 0), MonotonicTime{}).stop);
}

TEST(Reconnect, OwnCloseForASilentLineIsABreak) {
  Reconnect reconnect(lowest);
  EXPECT_FALSE(reconnect.after(ended(registry::heartbeat_lost), MonotonicTime{}).stop);
}

TEST(Reconnect, TriesOnceAfterAProtocolError) {
  Reconnect reconnect(lowest);
  const NextStep first = reconnect.after(ended(registry::protocol_error), MonotonicTime{0});
  EXPECT_FALSE(first.stop);
  EXPECT_TRUE(first.resync);
  EXPECT_EQ(first.delay_ms, 5000);
  reconnect.welcomed(MonotonicTime{6000});
  EXPECT_TRUE(reconnect.after(ended(registry::protocol_error), MonotonicTime{7000}).stop) << "a welcome is no cure";
}

TEST(Reconnect, ForgetsAProtocolErrorAfterAGoodMinute) {
  Reconnect reconnect(lowest);
  EXPECT_FALSE(reconnect.after(ended(registry::protocol_error), MonotonicTime{0}).stop);
  reconnect.welcomed(MonotonicTime{6000});
  EXPECT_FALSE(reconnect.after(ended(registry::protocol_error), MonotonicTime{66'000}).stop);
}

TEST(Reconnect, RenewsACredentialOnce) {
  Reconnect reconnect(lowest);
  const NextStep first = reconnect.after(ended(registry::unauthorized), MonotonicTime{0});
  EXPECT_FALSE(first.stop);
  EXPECT_TRUE(first.renew_credential);
  EXPECT_TRUE(reconnect.after(ended(registry::unauthorized), MonotonicTime{59'000}).stop);
}

TEST(Reconnect, RenewsAgainAfterAMinute) {
  Reconnect reconnect(lowest);
  EXPECT_FALSE(reconnect.after(ended(registry::unauthorized), MonotonicTime{0}).stop);
  EXPECT_FALSE(reconnect.after(ended(registry::unauthorized), MonotonicTime{60'000}).stop);
}

}  // namespace
}  // namespace clearline::app::replay
