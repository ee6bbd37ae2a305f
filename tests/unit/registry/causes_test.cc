#include <gtest/gtest.h>

#include <cstdint>
#include <set>

#include "registry/registry.h"

namespace clearline::registry {
namespace {

TEST(Causes, EveryCauseIsFoundByItsNameAndEndsWithACodeOfTheTable) {
  for (const CauseEntry& entry : causes()) {
    EXPECT_EQ(cause_from_name(entry.name), entry.cause) << entry.name;
    EXPECT_EQ(cause_entry(entry.cause).name, entry.name);
    EXPECT_FALSE(cause_text(entry.cause).empty()) << entry.name;
    EXPECT_FALSE(lookup(status_for(entry.cause)).is_range()) << entry.name;
  }
}

TEST(Causes, UnknownDoesNotExist) {
  EXPECT_FALSE(cause_from_name("unknown").has_value());
  EXPECT_FALSE(cause_from_name("").has_value());
  EXPECT_FALSE(cause_from_name("Drain").has_value());
}

TEST(Causes, LeadToTheStatusThatTheRulesAskFor) {
  EXPECT_EQ(status_for(Cause::unmasked_frame), 1002);
  EXPECT_EQ(status_for(Cause::close_payload_one_byte), 1002);
  EXPECT_EQ(status_for(Cause::invalid_close_code), 1002);
  EXPECT_EQ(status_for(Cause::unsupported_data), 1003);
  EXPECT_EQ(status_for(Cause::eof_without_close), 1006);
  EXPECT_EQ(status_for(Cause::handshake_timeout), 1006);
  EXPECT_EQ(status_for(Cause::invalid_utf8), 1007);
  EXPECT_EQ(status_for(Cause::invalid_utf8_reason), 1007);
  EXPECT_EQ(status_for(Cause::flooding), 1008);
  EXPECT_EQ(status_for(Cause::message_too_big), 1009);
  EXPECT_EQ(status_for(Cause::missing_extension), 1010);
  EXPECT_EQ(status_for(Cause::internal_error), 1011);
  EXPECT_EQ(status_for(Cause::drain), 1012);
  EXPECT_EQ(status_for(Cause::slow_consumer), 1013);
  EXPECT_EQ(status_for(Cause::bad_upstream), 1014);
  EXPECT_EQ(status_for(Cause::certificate_expired), 1015);
  EXPECT_EQ(status_for(Cause::token_expired), 3000);
  EXPECT_EQ(status_for(Cause::origin_not_allowed), 3003);
  EXPECT_EQ(status_for(Cause::heartbeat_timeout), 3008);
  EXPECT_EQ(status_for(Cause::replaced), 4001);
}

// 1004 alone has none: nobody may send it, and received it becomes 1002.
TEST(Causes, EveryCodeThatTheProductProducesHasACause) {
  std::set<std::uint16_t> statuses;
  for (const CauseEntry& entry : causes()) statuses.insert(entry.status);
  for (const Entry& entry : entries()) {
    if (entry.is_range() || entry.code_first == reserved) continue;
    EXPECT_TRUE(statuses.contains(entry.code_first)) << entry.code_first;
  }
}

}  // namespace
}  // namespace clearline::registry
