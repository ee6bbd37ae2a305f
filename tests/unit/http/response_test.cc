#include "http/response.h"

#include <gtest/gtest.h>

#include <string>

#include "http/parser.h"

namespace clearline::http {
namespace {

std::string head_of(const Response& response, bool keep_alive = true, bool http_1_0 = false) {
  std::string out;
  write_response_head(response, {keep_alive, http_1_0, WallTime{784'111'777'000}}, out);
  return out;
}

TEST(Response, WritesAHead) {
  EXPECT_EQ(head_of(Response::text(404, "no\n")),
            "HTTP/1.1 404 Not Found\r\n"
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Length: 3\r\n"
            "\r\n");
}

TEST(Response, SaysWhetherTheConnectionStays) {
  const Response response = Response::json(200, "{}");
  EXPECT_EQ(head_of(response).find("Connection:"), std::string::npos);
  EXPECT_NE(head_of(response, false).find("\r\nConnection: close\r\n"), std::string::npos);
  EXPECT_NE(head_of(response, true, true).find("\r\nConnection: keep-alive\r\n"), std::string::npos);
}

TEST(Response, HasNoLengthWhereNoBodyMayBe) {
  Response response;
  response.status = 204;
  EXPECT_EQ(head_of(response).find("Content-Length"), std::string::npos);
  response.status = 304;
  EXPECT_EQ(head_of(response).find("Content-Length"), std::string::npos);
  response.status = 200;
  EXPECT_NE(head_of(response).find("Content-Length: 0\r\n"), std::string::npos);
}

TEST(Response, ValueCannotAddAHeader) {
  Response response;
  response.add_header("Location", "/a\r\nSet-Cookie: stolen=1\r\n\r\n<html>\n");
  const std::string head = head_of(response);
  EXPECT_NE(head.find("Location: /a  Set-Cookie: stolen=1    <html> \r\n"), std::string::npos);
  EXPECT_EQ(head.find("\r\n\r\n"), head.size() - 4);
}

TEST(ResponseDeathTest, FieldsOfTheWriterAreABug) {
  Response response;
  EXPECT_DEATH(response.add_header("content-length", "5"), "belongs_to_the_writer");
  EXPECT_DEATH(response.add_header("bad name", "5"), "is_token");
}

TEST(Response, AssetIsAView) {
  static constexpr std::string_view bytes = "body{}";
  const Response response = Response::asset("text/css", std::as_bytes(std::span(bytes.data(), bytes.size())));
  EXPECT_EQ(static_cast<const void*>(response.body_view().data()), static_cast<const void*>(bytes.data()));
  EXPECT_NE(head_of(response).find("Content-Length: 6\r\n"), std::string::npos);
}

TEST(Response, IsReadByOurParser) {
  const Response response = Response::json(201, R"({"id":1})");
  const std::string text = head_of(response) + std::string(response.body_view());
  for (std::size_t i = 0; i <= text.size(); ++i) {
    ResponseParser parser{ParserLimits{}};
    std::size_t taken = parser.feed(std::string_view(text).substr(0, i));
    if (parser.state() == ParserState::need_more) taken += parser.feed(std::string_view(text).substr(i));
    ASSERT_EQ(parser.state(), ParserState::complete) << i;
    ASSERT_EQ(taken, text.size()) << i;
    EXPECT_EQ(parser.response().status, 201);
    EXPECT_EQ(parser.response().reason, "Created");
    EXPECT_EQ(parser.response().header("content-type"), "application/json");
    EXPECT_EQ(parser.response().body, R"({"id":1})");
  }
}

TEST(ResponseParser, SkipsInterimAnswersButStopsAtAnUpgrade) {
  ResponseParser skipping{ParserLimits{}};
  const std::string_view text = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.1 204 \r\n\r\n";
  EXPECT_EQ(skipping.feed(text), text.size());
  ASSERT_EQ(skipping.state(), ParserState::complete);
  EXPECT_EQ(skipping.response().status, 204);
  EXPECT_TRUE(skipping.response().headers.empty());

  ResponseParser upgrading{ParserLimits{}};
  const std::string_view upgrade = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";
  EXPECT_EQ(upgrading.feed(std::string(upgrade) + "\x81\x02hi"), upgrade.size());
  ASSERT_EQ(upgrading.state(), ParserState::complete);
  EXPECT_EQ(upgrading.response().status, 101);
}

TEST(ResponseParser, ReadsABodyThatEndsWithTheStream) {
  ResponseParser parser{ParserLimits{}};
  parser.feed("HTTP/1.1 200 OK\r\n\r\nall of ");
  parser.feed("it");
  EXPECT_EQ(parser.state(), ParserState::need_more);
  parser.finish();
  ASSERT_EQ(parser.state(), ParserState::complete);
  EXPECT_EQ(parser.response().body, "all of it");
}

TEST(ResponseParser, FailsWhatIsCutShort) {
  for (const std::string_view text :
       {"", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nA: b\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"}) {
    ResponseParser parser{ParserLimits{}};
    parser.feed(text);
    ASSERT_EQ(parser.state(), ParserState::need_more) << text;
    parser.finish();
    EXPECT_EQ(parser.state(), ParserState::failed) << text;
  }
}

}  // namespace
}  // namespace clearline::http
