#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>

#include "registry/registry.h"

namespace clearline::registry {
namespace {

constexpr int code_count = 65536;

template <typename Check>
void for_every_code(Check check) {
  for (int number = 0; number < code_count; ++number) check(static_cast<std::uint16_t>(number));
}

TEST(Codes, EveryNumberHasOneCodeOrElseOneRange) {
  for_every_code([](std::uint16_t code) {
    int own = 0;
    int ranges = 0;
    for (const Entry& entry : entries()) {
      if (code < entry.code_first || code > entry.code_last) continue;
      ++(entry.is_range() ? ranges : own);
    }
    EXPECT_LE(own, 1) << code;
    EXPECT_LE(ranges, 1) << code;
    EXPECT_GE(own + ranges, 1) << code;
    EXPECT_EQ(lookup(code).is_range(), own == 0) << code;
  });
}

TEST(Codes, AnUnknownNumberGetsTheEntryOfItsRange) {
  EXPECT_EQ(lookup(999).id, "below_protocol");
  EXPECT_EQ(lookup(2500).id, "extensions");
  EXPECT_EQ(lookup(3001).id, "libraries");
  EXPECT_EQ(lookup(4002).id, "final");
  EXPECT_EQ(lookup(4199).id, "retry_as_told");
  EXPECT_EQ(lookup(4401).id, "not_used");
  EXPECT_EQ(lookup(4999).id, "sdk_band");
  EXPECT_EQ(lookup(65535).id, "above_protocol");
}

// The table of RFC 6455 section 7.4 and of the IANA registry, written out a second time on purpose.
TEST(Codes, OnlyTheseAreTakenWhenReceived) {
  for_every_code([](std::uint16_t code) {
    const bool expected =
        (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
    EXPECT_EQ(valid_on_wire_when_received(code), expected) << code;
  });
}

TEST(Codes, AServerSendsWhatIsValidExcept1010) {
  for_every_code([](std::uint16_t code) {
    EXPECT_EQ(may_be_sent(code, Role::client), valid_on_wire_when_received(code)) << code;
    EXPECT_EQ(may_be_sent(code, Role::server), valid_on_wire_when_received(code) && code != 1010) << code;
  });
}

// https://websockets.spec.whatwg.org: close() throws InvalidAccessError for every other code.
TEST(Codes, APageMaySendOnly1000And3000To4999) {
  for_every_code([](std::uint16_t code) {
    EXPECT_EQ(lookup(code).browser_may_send, code == 1000 || (code >= 3000 && code <= 4999)) << code;
  });
}

// Engines turn 1012-1014 into 1006, so a code that says "stop" must be one that every engine delivers.
TEST(Codes, ACodeThatMayDegradeTo1006MeansRetry) {
  for (const std::uint16_t code : {service_restart, try_again_later, bad_gateway, abnormal_closure}) {
    EXPECT_EQ(again_policy(lookup(code).again).action, AgainAction::connect) << code;
    EXPECT_EQ(again_policy(lookup(code).again).tries_max, 0) << code;
  }
}

TEST(Codes, ACodeThatStopsIsOneThatEveryEngineDelivers) {
  for (const Entry& entry : entries()) {
    const AgainPolicy& again = again_policy(entry.again);
    if (!valid_on_wire_when_received(entry.code_first) || (again.action != AgainAction::stop && again.tries_max == 0)) {
      continue;
    }
    const bool delivered = entry.code_first <= unsupported_data ||
                           (entry.code_first >= invalid_payload && entry.code_first <= internal_error) ||
                           entry.code_first >= unauthorized;
    EXPECT_TRUE(delivered) << entry.id;
  }
}

TEST(Codes, ConstantsCarryTheNumbersOfTheStandard) {
  EXPECT_EQ(normal_closure, 1000);
  EXPECT_EQ(invalid_payload, 1007);
  EXPECT_EQ(mandatory_extension, 1010);
  EXPECT_EQ(service_restart, 1012);
  EXPECT_EQ(bad_gateway, 1014);
  EXPECT_EQ(unauthorized, 3000);
  EXPECT_EQ(timeout, 3008);
  EXPECT_EQ(conversation_ended, 4000);
  EXPECT_EQ(new_epoch, 4301);
  EXPECT_EQ(bad_frame, 4906);
}

TEST(Codes, NamesAndIdsAreUnique) {
  std::set<std::string> ids;
  for (const Entry& entry : entries()) {
    EXPECT_TRUE(ids.insert(std::string(entry.id)).second) << entry.id;
    EXPECT_FALSE(entry.meaning.empty()) << entry.id;
    EXPECT_FALSE(entry.help.empty()) << entry.id;
    EXPECT_EQ(entry.constant.empty(), entry.is_range()) << entry.id;
  }
}

}  // namespace
}  // namespace clearline::registry
