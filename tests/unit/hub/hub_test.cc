#include "hub/hub.h"

#include <gtest/gtest.h>

#include <map>

namespace clearline::hub {
namespace {

constexpr ConversationId conv{7};

class Recorder final : public Output {
 public:
  void send(Member member, const std::shared_ptr<const std::string>& payload) override { sent[member] += *payload; }
  void repair(Member member, ConversationId conversation, Seq after) override {
    EXPECT_EQ(conversation, conv);
    repairs.emplace_back(member, after);
  }

  std::map<Member, std::string> sent;
  std::vector<std::pair<Member, Seq>> repairs;
};

class HubTest : public ::testing::Test {
 protected:
  void event(Seq seq, Member except = 0) {
    hub.deliver(
        {{bus::conversation_topic(conv), seq, except, 0, std::make_shared<const std::string>(std::to_string(seq))}});
  }
  void watch_live(Member member, Seq up_to) {
    hub.watch(member, conv);
    ASSERT_TRUE(hub.synced(member, conv, up_to));
  }

  Recorder output;
  Hub hub{output};
};

TEST_F(HubTest, LiveWatchersGetEveryEventOnceInOrder) {
  watch_live(1, 0);
  watch_live(2, 1);
  event(1);
  event(2);
  event(2);
  event(1);
  EXPECT_EQ(output.sent[1], "12");
  EXPECT_EQ(output.sent[2], "2");
  EXPECT_TRUE(output.repairs.empty());
}

TEST_F(HubTest, EventsDuringTheReadAreNotLost) {
  hub.watch(1, conv);
  event(5);
  event(6);
  EXPECT_EQ(output.sent[1], "");
  EXPECT_FALSE(hub.synced(1, conv, 4));  // the read missed both
  EXPECT_FALSE(hub.synced(1, conv, 5));
  EXPECT_TRUE(hub.synced(1, conv, 6));
  event(7);
  EXPECT_EQ(output.sent[1], "7");
}

TEST_F(HubTest, AGapStartsOneRepair) {
  watch_live(1, 2);
  event(4);
  event(5);
  ASSERT_EQ(output.repairs.size(), 1U);
  EXPECT_EQ(output.repairs[0], (std::pair<Member, Seq>{1, 2}));
  EXPECT_EQ(output.sent[1], "");
  EXPECT_FALSE(hub.synced(1, conv, 4));
  EXPECT_TRUE(hub.synced(1, conv, 5));
  event(6);
  EXPECT_EQ(output.sent[1], "6");
}

TEST_F(HubTest, TheSenderIsNotSentItsOwnEventButKeepsItsPlace) {
  watch_live(1, 0);
  watch_live(2, 0);
  event(1, 1);
  event(2);
  EXPECT_EQ(output.sent[1], "2");
  EXPECT_EQ(output.sent[2], "12");
  EXPECT_TRUE(output.repairs.empty());
}

TEST_F(HubTest, WatchingAgainDoesNotForgetWhatWasDropped) {
  watch_live(1, 3);
  hub.watch(1, conv);
  EXPECT_FALSE(hub.synced(1, conv, 2));  // a read older than what the member has must not set it back
  EXPECT_TRUE(hub.synced(1, conv, 3));
}

TEST_F(HubTest, SignalsGoToAllButTheOneTheyComeFrom) {
  watch_live(1, 0);
  watch_live(2, 0);
  hub.deliver({{bus::conversation_topic(conv), 0, 1, 0, std::make_shared<const std::string>("t")}});
  EXPECT_EQ(output.sent[1], "");
  EXPECT_EQ(output.sent[2], "t");
}

TEST_F(HubTest, DropLeavesNothingBehind) {
  watch_live(1, 0);
  hub.join(1, bus::site_agents_topic(SiteId{3}));
  hub.join(1, bus::site_agents_topic(SiteId{3}));
  watch_live(2, 0);
  EXPECT_EQ(hub.watched_count(1), 1U);
  hub.drop(1);
  EXPECT_EQ(hub.member_count(), 1U);
  EXPECT_EQ(hub.topic_count(), 1U);
  hub.unwatch(2, conv);
  EXPECT_EQ(hub.member_count(), 0U);
  EXPECT_EQ(hub.topic_count(), 0U);
  EXPECT_TRUE(hub.synced(1, conv, 5));  // a late read for somebody who left
}

}  // namespace
}  // namespace clearline::hub
