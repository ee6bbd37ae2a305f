#include "hub/hub.h"

#include <gtest/gtest.h>

#include <map>

namespace clearline::hub {
namespace {

constexpr ConversationId conv{7};

class Recorder final : public Output {
 public:
  void send(Member member, const std::shared_ptr<const std::string>& payload) override { sent[member] += *payload; }
  void reply(Member member, const std::string& payload) override { sent[member] += payload; }
  void repair(Member member, ConversationId conversation, ReadNumber read, Seq after) override {
    EXPECT_EQ(conversation, conv);
    repairs.emplace_back(member, after);
    repair_read = read;
  }

  std::map<Member, std::string> sent;
  std::vector<std::pair<Member, Seq>> repairs;
  ReadNumber repair_read = 0;
};

class HubTest : public ::testing::Test {
 protected:
  void event(Seq seq, Member except = 0) {
    hub.deliver(
        {{bus::conversation_topic(conv), seq, except, 0, std::make_shared<const std::string>(std::to_string(seq))}});
  }
  void watch_live(Member member, Seq up_to) {
    const ReadNumber read = hub.watch(member, conv);
    ASSERT_TRUE(hub.synced(member, conv, read, up_to));
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
  const ReadNumber read = hub.watch(1, conv);
  event(5);
  event(6);
  EXPECT_EQ(output.sent[1], "");
  EXPECT_FALSE(hub.synced(1, conv, read, 4));  // the read missed both
  EXPECT_FALSE(hub.synced(1, conv, read, 5));
  EXPECT_TRUE(hub.synced(1, conv, read, 6));
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
  EXPECT_FALSE(hub.synced(1, conv, output.repair_read, 4));
  EXPECT_TRUE(hub.synced(1, conv, output.repair_read, 5));
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
  const ReadNumber read = hub.watch(1, conv);
  EXPECT_FALSE(hub.synced(1, conv, read, 2));  // a read older than what the member has must not set it back
  EXPECT_TRUE(hub.synced(1, conv, read, 3));
}

TEST_F(HubTest, OnlyTheNewestOfOverlappingReadsMakesLive) {
  const ReadNumber first = hub.watch(1, conv);
  const ReadNumber second = hub.watch(1, conv);
  EXPECT_FALSE(hub.awaits(1, conv, first));
  EXPECT_TRUE(hub.synced(1, conv, first, 5));
  event(6);  // must not come before the page of the second read, which ends with 5
  EXPECT_EQ(output.sent[1], "");
  EXPECT_TRUE(hub.awaits(1, conv, second));
  EXPECT_FALSE(hub.synced(1, conv, second, 5));
  EXPECT_TRUE(hub.synced(1, conv, second, 6));
  EXPECT_FALSE(hub.awaits(1, conv, second));
  event(7);
  EXPECT_EQ(output.sent[1], "7");
}

TEST_F(HubTest, AReadOfAnEndedSubscriptionDoesNotMakeTheNextOneLive) {
  const ReadNumber first = hub.watch(1, conv);
  hub.unwatch(1, conv);
  const ReadNumber second = hub.watch(1, conv);
  EXPECT_TRUE(hub.synced(1, conv, first, 5));
  event(6);
  EXPECT_EQ(output.sent[1], "");
  EXPECT_FALSE(hub.synced(1, conv, second, 5));
}

TEST_F(HubTest, WatchingAnewEndsARepair) {
  watch_live(1, 2);
  event(4);
  const ReadNumber repair = output.repair_read;
  const ReadNumber read = hub.watch(1, conv);
  EXPECT_TRUE(hub.synced(1, conv, repair, 4));
  event(5);
  EXPECT_EQ(output.sent[1], "");
  EXPECT_TRUE(hub.synced(1, conv, read, 5));
}

TEST_F(HubTest, TheReplyTakesThePlaceOfTheSendersEvent) {
  watch_live(1, 0);
  watch_live(2, 0);
  const auto message = [](Seq seq, Member from) {
    return bus::Message{bus::conversation_topic(conv),
                        seq,
                        from,
                        0,
                        std::make_shared<const std::string>(std::to_string(seq)),
                        std::make_shared<const std::string>("r" + std::to_string(seq))};
  };
  hub.deliver({message(1, 2), message(2, 1), message(3, 2)});
  EXPECT_EQ(output.sent[1], "1r23");
  EXPECT_EQ(output.sent[2], "r12r3");
}

TEST_F(HubTest, TheReplyComesToASenderThatDoesNotWatch) {
  const auto deliver = [this] {
    hub.deliver({{bus::conversation_topic(conv), 1, 9, 0, std::make_shared<const std::string>("e"),
                  std::make_shared<const std::string>("r")}});
  };
  deliver();  // nobody watches
  EXPECT_EQ(output.sent[9], "r");
  watch_live(1, 0);
  deliver();
  EXPECT_EQ(output.sent[9], "rr");
  EXPECT_EQ(output.sent[1], "e");
  hub.watch(9, conv);  // syncing
  deliver();
  EXPECT_EQ(output.sent[9], "rrr");
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
  EXPECT_TRUE(hub.synced(1, conv, 1, 5));  // a late read for somebody who left
}

}  // namespace
}  // namespace clearline::hub
