// What the replay's clients write is read back by the server's own parser, and what the server writes by the clients'.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "app/cli/replay/client_message.h"
#include "app/cli/replay/server_message.h"
#include "wire/commands.h"
#include "wire/events.h"

namespace clearline::app::replay {
namespace {

using ::testing::HasSubstr;

constexpr ConversationId conv{77};
constexpr Epoch epoch{0xABCDEF};

ClientId client_id() {
  return client_id_from_text("0b6f2c1e-8f5a-4f0e-9a51-3d1f5e0c7a11").value();
}

template <typename Command>
Command parsed(const std::string& text) {
  auto message = wire::parse(text);
  EXPECT_TRUE(message) << text << ": " << (message ? "" : message.error().message);
  return std::get<Command>(*message);
}

template <typename Message>
Message read(MessageReader& reader, const std::string& text) {
  auto message = reader.read(text);
  EXPECT_TRUE(message) << text << ": " << (message ? "" : message.error().message);
  return std::get<Message>(*message);
}

TEST(ReplayClientMessages, AreWhatTheServerReads) {
  std::string out;
  write_visitor_hello(out, "demo", "", std::nullopt);
  EXPECT_EQ(parsed<wire::Hello>(out).site, "demo");
  EXPECT_TRUE(parsed<wire::Hello>(out).resume.empty());
  write_visitor_hello(out, "demo", "token", ResumeFrom{conv, epoch, 12});
  EXPECT_EQ(parsed<wire::Hello>(out).token, "token");
  EXPECT_EQ(parsed<wire::Hello>(out).resume.at(0).seq, 12);
  write_agent_hello(out, "ticket", std::vector{ResumeFrom{conv, epoch, 1}, ResumeFrom{ConversationId{78}, epoch, 2}});
  EXPECT_EQ(parsed<wire::Hello>(out).role, wire::HelloRole::agent);
  EXPECT_EQ(parsed<wire::Hello>(out).resume.at(1).conv, ConversationId{78});
  const std::string text("\0\"\\\n\xF0\x9F\x98\x80", 8);
  write_send(out, 5, conv, client_id(), text);
  EXPECT_EQ(parsed<wire::Send>(out).text, text);
  EXPECT_EQ(parsed<wire::Send>(out).client_id, client_id());
  write_watch(out, 6, ResumeFrom{conv, epoch, 3});
  EXPECT_EQ(parsed<wire::Watch>(out).after.value().seq, 3);
  write_unwatch(out, conv);
  EXPECT_EQ(parsed<wire::Unwatch>(out).conv, conv);
  write_history(out, 7, conv, 51, 100);
  EXPECT_EQ(parsed<wire::History>(out).limit, 100u);
  write_receipt(out, conv, 4, 3);
  EXPECT_EQ(parsed<wire::Receipt>(out).seen, 3);
  write_ping(out, 9);
  EXPECT_EQ(parsed<wire::Ping>(out).n, 9);
}

TEST(ReplayServerMessages, AreReadAsTheProtocolHasThem) {
  MessageReader reader;
  const auto welcome =
      read<Welcome>(reader, R"({"t":"welcome","epoch":"0000000000abcdef","heartbeat_ms":20000,"limits":{},)"
                            R"("visitor":{"id":"v0000000000001","conv":")" +
                                to_text(conv) + R"(","token":"secret"},"agents_online":true})");
  EXPECT_EQ(welcome.epoch, epoch);
  EXPECT_EQ(welcome.conv, conv);
  EXPECT_EQ(welcome.token, "secret");
  const auto ack =
      read<Ack>(reader, R"({"t":"ack","id":7,"conv":")" + to_text(conv) + R"(","client_id":")" + to_text(client_id()) +
                            R"(","seq":13,"at":1,"epoch":"0000000000abcdef","duplicate":true})");
  EXPECT_EQ(ack.seq, 13);
  EXPECT_TRUE(ack.duplicate);
  const std::string message = R"({"seq":14,"at":1,"kind":"message","from":{"role":"agent","id":"a","name":"Ada"},)"
                              R"("client_id":")" +
                              to_text(client_id()) + R"(","text":"\u0000\ud83d\ude00"})";
  const auto one = read<Events>(reader, R"({"t":"event","conv":")" + to_text(conv) + R"(","event":)" + message + "}");
  ASSERT_EQ(one.events.size(), 1u);
  EXPECT_EQ(one.events[0].from, Speaker::agent);
  EXPECT_EQ(one.events[0].text, std::string("\0\xF0\x9F\x98\x80", 5));
  const auto several =
      read<Events>(reader, R"({"t":"events","conv":")" + to_text(conv) +
                               R"(","events":[{"seq":1,"at":1,"kind":"closed","from":{}},)" + message + "]}");
  ASSERT_EQ(several.events.size(), 2u);
  EXPECT_FALSE(several.events[0].is_message);
  const auto watching = read<Watching>(reader, R"({"t":"watching","conv":")" + to_text(conv) +
                                                   R"(","epoch":"0000000000abcdef","last_seq":14,"first_seq":13,)"
                                                   R"("more":true,"state":{}})");
  EXPECT_EQ(watching.first_seq, 13);
  EXPECT_TRUE(watching.more);
  const auto page =
      read<Page>(reader, R"({"t":"page","id":9,"conv":")" + to_text(conv) + R"(","events":[],"more":false})");
  EXPECT_EQ(page.id, 9);
  const auto error = read<ErrorReply>(
      reader, R"({"t":"error","id":7,"error":"busy","message":"m","retryable":true,"retry_after_ms":250})");
  EXPECT_EQ(error.retry_after_ms, 250);
  EXPECT_EQ(read<Reset>(reader, R"({"t":"reset","conv":")" + to_text(conv) + R"(","reason":"epoch"})").reason, "epoch");
  const auto bye = read<Bye>(
      reader,
      R"({"t":"bye","code":1012,"cause":"drain","message":"m","retry_after_ms":5,"spread_ms":6,"resume":true})");
  EXPECT_EQ(bye.code, 1012);
  EXPECT_EQ(bye.spread_ms, 6);
  for (const char* other : {R"({"t":"pong","n":1})", R"({"t":"presence"})", R"({"x":1,"t":"presence"})",
                            R"({"t":"conversations"})", R"({"t":"from the future"})"})
    read<Other>(reader, other);
}

TEST(ReplayServerMessages, ThatAreWrongSayWhatIsWrong) {
  MessageReader reader;
  for (const char* bad : {"", "[]", "{", "7", "{}", R"({"t":7})"}) EXPECT_FALSE(reader.read(bad)) << bad;
  EXPECT_THAT(reader.read(R"({"t":"ack","id":7,"conv":"nonsense"})").error().message,
              HasSubstr("\"ack\" whose \"conv\""));
  EXPECT_FALSE(reader.read(R"({"t":"event","conv":")" + to_text(conv) + R"(","event":{"seq":1}})"));
  EXPECT_FALSE(reader.read(R"({"t":"event","conv":")" + to_text(conv) +
                           R"(","event":{"seq":1,"kind":"message","from":{"role":"bot"},"text":"x","client_id":")" +
                           to_text(client_id()) + "\"}}"));
}

}  // namespace
}  // namespace clearline::app::replay
