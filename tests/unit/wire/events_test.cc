#include "wire/events.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace clearline::wire {
namespace {

TEST(Events, AnEventIsTheSameAloneAndInAPage) {
  const ClientId client_id = *client_id_from_text("0b6f2c1e-8f5a-4f0e-9a51-3d1f5e0c7a11");
  const EventView view{14, WallTime{1763812349000}, "message", {SenderRole::agent, 1, "Ada"}, &client_id, "Hi \"you\""};
  std::string alone;
  append_event(alone, view);
  EXPECT_EQ(
      alone,
      R"({"seq":14,"at":1763812349000,"kind":"message","from":{"role":"agent","id":"a0000000000001","name":"Ada"},)"
      R"("client_id":"0b6f2c1e-8f5a-4f0e-9a51-3d1f5e0c7a11","text":"Hi \"you\""})");
  EXPECT_EQ(event(ConversationId{1}, view), R"({"t":"event","conv":"c0000000000001","event":)" + alone + "}");
  EXPECT_EQ(events(ConversationId{1}, std::vector<std::string>{alone, alone}),
            R"({"t":"events","conv":"c0000000000001","events":[)" + alone + "," + alone + "]}");
}

TEST(Events, StateEventsHaveNoText) {
  std::string closed;
  append_event(closed, {3, WallTime{5}, "closed", {SenderRole::agent, 1, "Ada"}, nullptr, ""});
  EXPECT_EQ(closed, R"({"seq":3,"at":5,"kind":"closed","from":{"role":"agent","id":"a0000000000001","name":"Ada"}})");
}

TEST(Events, ErrorsCarryWhatTheClientNeeds) {
  EXPECT_EQ(error(7, registry::ErrorName::busy, "full", 250),
            R"({"t":"error","id":7,"error":"busy","message":"full","retryable":true,"retry_after_ms":250})");
  EXPECT_EQ(error(std::nullopt, registry::ErrorName::bad_json, "x"),
            R"({"t":"error","error":"bad_json","message":"x","retryable":false})");
}

TEST(Events, AVisitorsSummaryHidesTheAgentsFields) {
  SummaryView view;
  view.conv = ConversationId{1};
  view.site = "demo";
  view.visitor = VisitorId{2};
  std::string visitor;
  append_summary(visitor, view, Audience::visitor);
  const boost::json::object seen = boost::json::parse(visitor).as_object();
  EXPECT_FALSE(seen.contains("unread") || seen.contains("waiting_since") || seen.contains("version"));
  std::string agent;
  append_summary(agent, view, Audience::agent);
  EXPECT_TRUE(boost::json::parse(agent).as_object().contains("waiting_since"));
}

TEST(Events, EveryMessageIsOneJsonObject) {
  const SummaryView summary{};
  const std::vector<SummaryView> summaries(2);
  const std::vector<SiteView> sites = {{"demo", "Demo \"shop\""}};
  WelcomeView agent_welcome;
  agent_welcome.agent = AgentView{AgentId{1}, "ada", "Ada", "admin"};
  agent_welcome.sites = sites;
  for (const std::string& text :
       {welcome({}), welcome(agent_welcome), ack(1, ConversationId{1}, {}, 2, WallTime{3}, Epoch{4}, true),
        page(1, ConversationId{1}, {}, false),
        watching(1, ConversationId{1}, Epoch{2}, 0, 1, false, summary, Audience::visitor),
        reset(ConversationId{1}, "epoch"), typing(ConversationId{1}, {}, true),
        receipt(ConversationId{1}, SenderRole::visitor, 2, 1, 0), visitor_presence(ConversationId{1}, true),
        agents_presence("demo", false), inbox(1, "demo", InboxStatus::closed, summaries, "x"),
        conversations("demo", std::vector<std::string_view>{"{}", "{}"}), pong(1, WallTime{2}),
        bye(registry::service_restart, registry::Cause::drain, "The server restarts.", 500, 5000, true)}) {
    EXPECT_TRUE(boost::json::parse(text).is_object()) << text;
  }
}

}  // namespace
}  // namespace clearline::wire
