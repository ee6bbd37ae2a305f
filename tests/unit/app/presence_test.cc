#include "app/presence.h"

#include <gtest/gtest.h>

namespace clearline::app {
namespace {

constexpr VisitorId visitor{5};
constexpr SiteId site{7};

TEST(PresenceTest, AVisitorAppearsOnceAndLeavesWithItsLastConnection) {
  Presence presence;
  EXPECT_FALSE(presence.visitor_online(visitor));
  EXPECT_TRUE(presence.visitor_connected(visitor));
  EXPECT_FALSE(presence.visitor_connected(visitor));
  presence.visitor_has_conversation(visitor);
  EXPECT_FALSE(presence.visitor_disconnected(visitor));
  const auto departure = presence.visitor_disconnected(visitor);
  ASSERT_TRUE(departure);
  EXPECT_TRUE(presence.visitor_online(visitor));  // for the grace period
  EXPECT_TRUE(presence.visitor_gone(visitor, *departure));
  EXPECT_FALSE(presence.visitor_online(visitor));
  EXPECT_FALSE(presence.visitor_gone(visitor, *departure));
}

TEST(PresenceTest, NobodyWaitsForAVisitorThatAgentsNeverSaw) {
  Presence presence;
  presence.visitor_connected(visitor);
  EXPECT_FALSE(presence.visitor_disconnected(visitor));
  EXPECT_FALSE(presence.visitor_online(visitor));
}

TEST(PresenceTest, WhoComesBackWithinThePeriodHasNotLeft) {
  Presence presence;
  presence.visitor_connected(visitor);
  presence.visitor_has_conversation(visitor);
  const auto departure = presence.visitor_disconnected(visitor);
  EXPECT_FALSE(presence.visitor_connected(visitor));
  EXPECT_FALSE(presence.visitor_gone(visitor, *departure));
  EXPECT_TRUE(presence.visitor_online(visitor));
}

TEST(PresenceTest, ASecondDepartureHasAPeriodOfItsOwn) {
  Presence presence;
  presence.visitor_connected(visitor);
  presence.visitor_has_conversation(visitor);
  const auto first = presence.visitor_disconnected(visitor);
  presence.visitor_connected(visitor);
  const auto second = presence.visitor_disconnected(visitor);
  EXPECT_FALSE(presence.visitor_gone(visitor, *first));
  EXPECT_TRUE(presence.visitor_online(visitor));
  EXPECT_TRUE(presence.visitor_gone(visitor, *second));
}

TEST(PresenceTest, AConversationOfOneTabIsThatOfTheOther) {
  Presence presence;
  presence.visitor_connected(visitor);
  presence.visitor_connected(visitor);
  presence.visitor_has_conversation(visitor);
  EXPECT_FALSE(presence.visitor_disconnected(visitor));
  EXPECT_TRUE(presence.visitor_disconnected(visitor));
}

TEST(PresenceTest, CountsTheAgentsOfASite) {
  Presence presence;
  EXPECT_EQ(presence.agent_connected(site), 1U);
  EXPECT_EQ(presence.agent_connected(site), 2U);
  EXPECT_EQ(presence.agent_disconnected(site), 1U);
  EXPECT_TRUE(presence.agents_online(site));
  EXPECT_FALSE(presence.agents_online(SiteId{8}));
  EXPECT_EQ(presence.agent_disconnected(site), 0U);
  EXPECT_FALSE(presence.agents_online(site));
  EXPECT_EQ(presence.agent_disconnected(site), 0U);
}

}  // namespace
}  // namespace clearline::app
