#include "app/inbox_feed.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace clearline::app {
namespace {

bus::Message change(std::int64_t site, std::int64_t conversation, std::string summary) {
  return {bus::site_agents_topic(SiteId{site}), 0, 0, conversation,
          std::make_shared<const std::string>(std::move(summary))};
}

std::vector<std::string> flushed(InboxFeed& feed) {
  std::vector<std::string> all;
  feed.flush([&](SiteId site, std::span<const std::string_view> summaries) {
    std::string text = std::to_string(site.value()) + ":";
    for (const std::string_view summary : summaries) text += " " + std::string(summary);
    all.push_back(text);
  });
  return all;
}

TEST(InboxFeedTest, SaysWhenTheCollectingBegins) {
  InboxFeed feed;
  EXPECT_TRUE(feed.add(change(1, 10, "a")));
  EXPECT_FALSE(feed.add(change(1, 11, "b")));
  EXPECT_FALSE(feed.add(change(2, 12, "c")));
  flushed(feed);
  EXPECT_TRUE(feed.add(change(1, 10, "d")));
}

TEST(InboxFeedTest, KeepsTheNewestOfEachConversation) {
  InboxFeed feed;
  for (const char* version : {"a1", "a2", "a3"}) static_cast<void>(feed.add(change(1, 10, version)));
  static_cast<void>(feed.add(change(1, 11, "b1")));
  static_cast<void>(feed.add(change(2, 20, "c1")));
  EXPECT_EQ(flushed(feed), (std::vector<std::string>{"1: a3 b1", "2: c1"}));
  EXPECT_TRUE(flushed(feed).empty());
}

TEST(InboxFeedTest, WhatComesDuringAFlushIsForTheNext) {
  InboxFeed feed;
  static_cast<void>(feed.add(change(1, 10, "a")));
  feed.flush([&](SiteId, std::span<const std::string_view>) { EXPECT_TRUE(feed.add(change(1, 10, "b"))); });
  EXPECT_EQ(flushed(feed), (std::vector<std::string>{"1: b"}));
}

}  // namespace
}  // namespace clearline::app
