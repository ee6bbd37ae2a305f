#include "wire/commands.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <charconv>
#include <fstream>

#include "wire/json.h"

namespace clearline::wire {
namespace {

using registry::ErrorName;

constexpr std::string_view uuid = "0b6f2c1e-8f5a-4f0e-9a51-3d1f5e0c7a11";
constexpr std::string_view conv = "c0000000000001";

std::string send_with(std::string_view text_json) {
  return std::string(R"({"t":"send","id":7,"conv":")") + std::string(conv) + R"(","client_id":")" + std::string(uuid) +
         R"(","text":)" + std::string(text_json) + "}";
}

TEST(Parse, Send) {
  const auto message = parse(send_with(R"("Hello")"));
  ASSERT_TRUE(message) << message.error().message;
  const Send& send = std::get<Send>(*message);
  EXPECT_EQ(send.id, 7);
  EXPECT_EQ(send.conv, ConversationId{1});
  EXPECT_EQ(to_text(send.client_id), uuid);
  EXPECT_EQ(send.text, "Hello");
}

TEST(Parse, HelloOfAVisitorWithResumePoints) {
  const auto message =
      parse(R"({"t":"hello","role":"visitor","site":"demo","client":{"name":"w","version":"1"},)"
            R"("resume":[{"conv":"c0000000000001","epoch":"5f3a9c0d11e2b744","seq":12}],"visible":false})");
  ASSERT_TRUE(message) << message.error().message;
  const Hello& hello = std::get<Hello>(*message);
  EXPECT_EQ(hello.role, HelloRole::visitor);
  EXPECT_EQ(hello.site, "demo");
  EXPECT_EQ(hello.token, "");
  EXPECT_EQ(hello.client_name, "w");
  ASSERT_EQ(hello.resume.size(), 1U);
  EXPECT_EQ(hello.resume[0].seq, 12);
  EXPECT_FALSE(hello.visible);
}

struct BadMessage {
  std::string text;
  ErrorName name;
  std::string says;
  std::optional<RequestId> id;
};

TEST(Parse, BadInputIsNamed) {
  const std::vector<BadMessage> table = {
      {"", ErrorName::bad_json, "not JSON", {}},
      {"{", ErrorName::bad_json, "not JSON", {}},
      {"[]", ErrorName::bad_message, "not a JSON object", {}},
      {"{} {}", ErrorName::bad_json, "near byte", {}},
      {R"({"id":3})", ErrorName::bad_message, "\"t\" is missing", 3},
      {R"({"t":4,"id":3})", ErrorName::bad_message, "\"t\" is missing", 3},
      {R"({"t":"sned","id":3})", ErrorName::unknown_type, "\"sned\"", 3},
      {R"({"t":"send","id":3})", ErrorName::bad_message, "send.conv is missing", 3},
      {R"({"t":"send","id":-1,"conv":"c0000000000001"})", ErrorName::bad_message, "send.id is not an integer", {}},
      {R"({"t":"send","id":1.5,"conv":"c0000000000001"})", ErrorName::bad_message, "send.id is not an integer", {}},
      {R"({"t":"send","id":3,"conv":"v0000000000001"})", ErrorName::bad_message, "send.conv is not", 3},
      {R"({"t":"send","id":3,"conv":"c0000000000001","client_id":"x","text":"a"})", ErrorName::bad_client_id,
       "send.client_id is not a UUID", 3},
      {R"({"t":"send","id":3,"conv":"c0000000000001","client_id":"0b6f2c1e-8f5a-4f0e-9a51-3d1f5e0c7a11","text":5})",
       ErrorName::bad_message, "send.text is not a string", 3},
      {R"({"t":"hello","role":"root"})", ErrorName::bad_message, "hello.role", {}},
      {R"({"t":"hello","role":"visitor"})", ErrorName::bad_message, "hello.site is missing", {}},
      {R"({"t":"hello","role":"visitor","site":"d","resume":[{"conv":"c0000000000001","epoch":"z","seq":1}]})",
       ErrorName::bad_message,
       "hello.resume[].epoch",
       {}},
      {R"({"t":"history","id":1,"conv":"c0000000000001","before":0})", ErrorName::bad_message, "history.before", 1},
      {R"({"t":"history","id":1,"conv":"c0000000000001","before":5,"limit":101})", ErrorName::bad_message,
       "history.limit is not an integer from 1 to 100", 1},
      {R"({"t":"typing","conv":"c0000000000001"})", ErrorName::bad_message, "typing.on is missing", {}},
      {std::string(100, '['), ErrorName::bad_json, "not JSON", {}},
  };
  for (const BadMessage& bad : table) {
    const auto message = parse(bad.text);
    ASSERT_FALSE(message) << bad.text;
    EXPECT_EQ(message.error().name, bad.name) << bad.text << ": " << message.error().message;
    EXPECT_NE(message.error().message.find(bad.says), std::string::npos) << bad.text << ": " << message.error().message;
    EXPECT_EQ(message.error().id, bad.id) << bad.text;
  }
}

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    unsigned value = 0;
    std::from_chars(hex.data() + i, hex.data() + i + 2, value, 16);
    bytes += static_cast<char>(value);
  }
  return bytes;
}

// Each row is a JSON string literal: accepted to the byte, rejected as JSON, or refused as a lone surrogate.
TEST(Parse, JsonEscapes) {
  std::ifstream file(CLEARLINE_SOURCE_DIR "/tests/data/json-escapes.jsonl");
  int rows = 0;
  for (std::string line; std::getline(file, line); ++rows) {
    const boost::json::object row = boost::json::parse(line).as_object();
    const std::string literal = from_hex(row.at("json_hex").as_string());
    const std::string expect(row.at("expect").as_string());
    const auto message = parse(send_with(literal));
    const std::string name(row.at("id").as_string());
    if (expect == "accept") {
      ASSERT_TRUE(message) << name << message.error().message;
      EXPECT_EQ(std::get<Send>(*message).text, from_hex(row.at("utf8_hex").as_string())) << name;
    } else {
      ASSERT_FALSE(message) << name;
      EXPECT_EQ(message.error().name, expect == "reject" ? ErrorName::bad_json : ErrorName::lone_surrogate) << name;
    }
  }
  EXPECT_EQ(rows, 36);
}

TEST(Json, EveryUnicodeRowSurvivesWritingAndParsing) {
  std::ifstream file(CLEARLINE_SOURCE_DIR "/tests/data/unicode.jsonl");
  int rows = 0;
  for (std::string line; std::getline(file, line); ++rows) {
    const boost::json::object row = boost::json::parse(line).as_object();
    const std::string text(row.at("text").as_string());
    std::string literal;
    append_json_string(literal, text);
    const auto message = parse(send_with(literal));
    ASSERT_TRUE(message) << line << message.error().message;
    EXPECT_EQ(std::get<Send>(*message).text, text);
  }
  EXPECT_EQ(rows, 253);
}

}  // namespace
}  // namespace clearline::wire
