#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "app/cli/replay/checker.h"

namespace clearline::app::replay {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

ClientId id(int number) {
  ClientId client_id;
  client_id.bytes[0] = static_cast<std::byte>(number);
  return client_id;
}

// Three messages: the visitor's "a", the agent's "b", the visitor's "c".
class ReplayChecker : public ::testing::Test {
 protected:
  static std::vector<Expected> messages() {
    return {{id(1), Speaker::customer, "a"}, {id(2), Speaker::agent, "b"}, {id(3), Speaker::customer, "c"}};
  }
  static Seen seen(int number, Seq seq) {
    const Expected expected = messages()[static_cast<std::size_t>(number - 1)];
    return {seq, true, expected.speaker, expected.client_id, expected.text};
  }
  static Seen state_change(Seq seq) { return {seq, false, Speaker::agent, std::nullopt, ""}; }

  // All acknowledged and delivered as it should be.
  void converse() {
    for (int number = 1; number <= 3; ++number) {
      checker_.acknowledged(static_cast<std::size_t>(number - 1), number);
      const Speaker other = number == 2 ? Speaker::customer : Speaker::agent;
      EXPECT_EQ(checker_.taken(other, seen(number, number)), static_cast<std::size_t>(number - 1));
    }
  }
  static FaultCounts counts(std::size_t lost, std::size_t duplicated, std::size_t reordered, std::size_t altered) {
    return {lost, duplicated, reordered, altered};
  }

  Checker checker_{messages()};
};

TEST_F(ReplayChecker, FindsNothingWhereAllIsWell) {
  converse();
  checker_.read_late(std::vector{seen(1, 1), seen(2, 2), seen(3, 3)});
  const auto verdict = checker_.verdict();
  EXPECT_TRUE(verdict.clean());
  EXPECT_THAT(verdict.details, ElementsAre());
}

TEST_F(ReplayChecker, TakesOtherEventsForGranted) {
  checker_.acknowledged(0, 1);
  checker_.taken(Speaker::agent, seen(1, 1));
  checker_.taken(Speaker::agent, state_change(2));
  checker_.taken(Speaker::customer, seen(2, 3));
  checker_.taken(Speaker::agent, seen(3, 5));
  checker_.read_late(std::vector{seen(1, 1), state_change(2), seen(2, 3), state_change(4), seen(3, 5)});
  EXPECT_TRUE(checker_.verdict().clean());
}

TEST_F(ReplayChecker, ASecondDeliveryOfTheSameSeqIsNone) {
  converse();
  EXPECT_EQ(checker_.taken(Speaker::agent, seen(1, 1)), std::nullopt);
  EXPECT_EQ(checker_.taken(Speaker::customer, seen(1, 1)), std::nullopt) << "one's own message is no delivery";
  checker_.read_late(std::vector{seen(1, 1), seen(2, 2), seen(3, 3)});
  EXPECT_TRUE(checker_.verdict().clean());
}

TEST_F(ReplayChecker, CountsWhatDidNotArriveOnce) {
  checker_.acknowledged(0, 1);
  checker_.taken(Speaker::agent, seen(1, 1));
  checker_.acknowledged(1, 2);
  const auto verdict = checker_.verdict();
  EXPECT_EQ(verdict.counts, counts(3, 0, 0, 0));
  EXPECT_THAT(verdict.details, ElementsAre("lost: message 1 was acknowledged and is not in the history",
                                           "lost: message 2 was acknowledged and did not come to the visitor",
                                           "lost: message 3 was not acknowledged and did not come to the agent"));
}

TEST_F(ReplayChecker, MissesAMessageInTheHistoryAlone) {
  converse();
  checker_.read_late(std::vector{seen(1, 1), seen(3, 3)});
  EXPECT_EQ(checker_.verdict().counts, counts(2, 0, 0, 0)) << "the message, and the hole in the numbers";
}

TEST_F(ReplayChecker, MissesTheLastMessage) {
  converse();
  checker_.read_late(std::vector{seen(1, 1), seen(2, 2)});
  EXPECT_EQ(checker_.verdict().counts, counts(1, 0, 0, 0));
}

TEST_F(ReplayChecker, FindsOneMessageUnderTwoNumbers) {
  converse();
  checker_.taken(Speaker::agent, seen(3, 4));
  checker_.read_late(std::vector{seen(1, 1), seen(2, 2), seen(3, 3), seen(3, 4)});
  const auto verdict = checker_.verdict();
  EXPECT_EQ(verdict.counts, counts(0, 1, 0, 0)) << "one message, whoever noticed it";
  EXPECT_THAT(verdict.details, ElementsAre("duplicated: message 3 stands under seq 3 and seq 4"));
}

TEST_F(ReplayChecker, FindsAnAckOfAnotherNumber) {
  checker_.acknowledged(0, 1);
  checker_.taken(Speaker::agent, seen(1, 2));
  EXPECT_EQ(checker_.verdict().counts[1], 1u);
}

TEST_F(ReplayChecker, FindsADoubleInTheHistoryAlone) {
  converse();
  checker_.read_late(std::vector{seen(1, 1), seen(1, 1), seen(2, 2), seen(3, 3)});
  EXPECT_EQ(checker_.verdict().counts, counts(0, 1, 0, 0));
}

TEST_F(ReplayChecker, FindsAMessageThatNobodySent) {
  converse();
  const Seen stray{4, true, Speaker::agent, id(9), "?"};
  EXPECT_EQ(checker_.taken(Speaker::customer, stray), std::nullopt);
  checker_.read_late(std::vector{seen(1, 1), seen(2, 2), seen(3, 3), stray});
  const auto verdict = checker_.verdict();
  EXPECT_EQ(verdict.counts, counts(0, 1, 0, 0));
  EXPECT_THAT(verdict.details, ElementsAre("duplicated: a message that nobody sent came to the visitor (seq 4)"));
}

TEST_F(ReplayChecker, FindsNumbersAgainstTheOrderOfSending) {
  checker_.acknowledged(0, 2);
  checker_.taken(Speaker::agent, seen(1, 2));
  checker_.acknowledged(1, 1);
  checker_.taken(Speaker::customer, seen(2, 1));
  checker_.acknowledged(2, 3);
  checker_.taken(Speaker::agent, seen(3, 3));
  checker_.read_late(std::vector{seen(2, 1), seen(1, 2), seen(3, 3)});
  const auto verdict = checker_.verdict();
  EXPECT_EQ(verdict.counts, counts(0, 0, 1, 0));
  EXPECT_THAT(verdict.details, ElementsAre("reordered: message 2 has seq 1, a message sent before it has seq 2"));
}

TEST_F(ReplayChecker, FindsAHistoryAgainstItsNumbers) {
  converse();
  checker_.read_late(std::vector{seen(1, 1), seen(3, 3), seen(2, 2)});
  EXPECT_EQ(checker_.verdict().counts[2], 1u);
}

TEST_F(ReplayChecker, FindsEveryOtherByte) {
  Seen altered = seen(1, 1);
  altered.text = "A";
  checker_.acknowledged(0, 1);
  EXPECT_EQ(checker_.taken(Speaker::agent, altered), 0u) << "it arrived, though not as it was";
  checker_.taken(Speaker::customer, seen(2, 2));
  Seen longer = seen(3, 3);
  longer.text = "c ";
  checker_.taken(Speaker::agent, seen(3, 3));
  checker_.read_late(std::vector{altered, seen(2, 2), longer});
  const auto verdict = checker_.verdict();
  EXPECT_EQ(verdict.counts, counts(0, 0, 0, 2));
  EXPECT_THAT(
      verdict.details,
      ElementsAre("altered: message 1 came altered to the agent: 1 bytes were sent, 1 came, different from byte "
                  "0 on",
                  "altered: message 3 came altered to the late reader: 1 bytes were sent, 2 came, different "
                  "from byte 1 on"));
}

TEST_F(ReplayChecker, FindsAnotherSender) {
  converse();
  Seen by_the_agent = seen(1, 1);
  by_the_agent.from = Speaker::agent;
  checker_.read_late(std::vector{by_the_agent, seen(2, 2), seen(3, 3)});
  const auto verdict = checker_.verdict();
  EXPECT_EQ(verdict.counts, counts(0, 0, 0, 1));
  EXPECT_THAT(verdict.details.front(), HasSubstr("came to the late reader as from the agent"));
}

TEST_F(ReplayChecker, ForgetsNumbersWithTheirHistory) {
  checker_.acknowledged(0, 1);
  checker_.taken(Speaker::agent, seen(1, 1));
  checker_.new_epoch();
  checker_.taken(Speaker::agent, seen(1, 7));
  checker_.taken(Speaker::customer, seen(2, 8));
  checker_.taken(Speaker::agent, seen(3, 9));
  EXPECT_EQ(checker_.verdict().counts[1], 0u);
}

TEST(ReplayCheckerDetails, AreLimited) {
  std::vector<Expected> many;
  for (int i = 0; i < 100; ++i) many.push_back({id(i), Speaker::customer, "x"});
  Checker checker(many);
  const auto verdict = checker.verdict();
  EXPECT_EQ(verdict.counts[0], 100u);
  EXPECT_EQ(verdict.details.size(), Checker::details_max);
}

}  // namespace
}  // namespace clearline::app::replay
