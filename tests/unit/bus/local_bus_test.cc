#include "bus/local/local_bus.h"

#include <gtest/gtest.h>

#include <deque>

namespace clearline::bus {
namespace {

Message text(std::string payload) {
  return {conversation_topic(ConversationId{1}), 0, 0, 0, std::make_shared<const std::string>(std::move(payload))};
}

TEST(LocalBus, EveryEndpointHearsEverythingInOrderOnItsOwnThread) {
  std::deque<std::function<void()>> first_thread;
  std::deque<std::function<void()>> second_thread;
  std::string first;
  std::string second;
  LocalBus bus;
  bus.add_endpoint([&](auto task) { first_thread.push_back(std::move(task)); },
                   [&](const Messages& messages) {
                     for (const auto& message : messages) first += *message.payload;
                   });
  bus.add_endpoint([&](auto task) { second_thread.push_back(std::move(task)); },
                   [&](const Messages& messages) {
                     for (const auto& message : messages) second += *message.payload;
                   });
  bus.publish({text("a"), text("b")});
  bus.publish({text("c")});
  bus.publish({});
  EXPECT_EQ(first_thread.size(), 2U);  // a task a batch, none for nothing
  EXPECT_EQ(first, "");                // nothing is delivered on the publisher's thread
  for (const auto& task : first_thread) task();
  for (const auto& task : second_thread) task();
  EXPECT_EQ(first, "abc");
  EXPECT_EQ(second, "abc");
}

}  // namespace
}  // namespace clearline::bus
