#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "http/parser.h"

namespace clearline::http {
namespace {

struct Outcome {
  ParserState state = ParserState::need_more;
  int status = 0;
  std::string rest;
  std::string method;
  std::string target;
  std::string path;
  std::string query;
  std::string body;
  bool keep_alive = false;
  std::vector<std::pair<std::string, std::string>> headers;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome outcome_of(const RequestParser& parser, std::string rest) {
  Outcome outcome;
  outcome.state = parser.state();
  outcome.rest = std::move(rest);
  if (parser.state() == ParserState::failed) outcome.status = parser.error().status;
  if (parser.state() != ParserState::complete) return outcome;
  const Request& request = parser.request();
  outcome.method = request.method;
  outcome.target = request.target;
  outcome.path = request.path;
  outcome.query = request.query;
  outcome.body = request.body;
  outcome.keep_alive = request.keep_alive;
  for (const HeaderView& header : request.headers) outcome.headers.emplace_back(header.name, header.value);
  return outcome;
}

// The pieces are given one after the other; what the parser does not take is kept as the rest, as a connection would.
Outcome parse_pieces(const std::vector<std::string_view>& pieces, const ParserLimits& limits = {}) {
  RequestParser parser(limits);
  std::string rest;
  for (const std::string_view piece : pieces) {
    // A copy on the heap of exactly this size: an address sanitizer sees every read beyond it.
    const std::vector<char> bytes(piece.begin(), piece.end());
    const std::string_view view(bytes.data(), bytes.size());
    if (parser.state() != ParserState::need_more) {
      rest.append(view);
      continue;
    }
    const std::size_t taken = parser.feed(view);
    rest.append(view.substr(taken));
  }
  return outcome_of(parser, rest);
}

Outcome parse(std::string_view text, const ParserLimits& limits = {}) {
  return parse_pieces({text}, limits);
}

int status_of(std::string_view text, const ParserLimits& limits = {}) {
  const Outcome outcome = parse(text, limits);
  return outcome.state == ParserState::failed ? outcome.status : 0;
}

std::string with_header(std::string_view line) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + std::string(line) + "\r\n\r\n";
}

const std::string_view simple =
    "GET /a/b?c=d&e HTTP/1.1\r\nHost: example.org\r\nX-Empty:\r\nX-Space: \t v w \t\r\n\r\n";
const std::string_view with_length = "POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello world";
const std::string_view chunked =
    "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    "5\r\nhello\r\nA;name=\"value\"\r\n, world, w\r\n0\r\nTrailer: dropped\r\n\r\n";

TEST(RequestParser, TakesARequestApart) {
  const Outcome outcome = parse(simple);
  ASSERT_EQ(outcome.state, ParserState::complete);
  EXPECT_EQ(outcome.method, "GET");
  EXPECT_EQ(outcome.target, "/a/b?c=d&e");
  EXPECT_EQ(outcome.path, "/a/b");
  EXPECT_EQ(outcome.query, "c=d&e");
  EXPECT_TRUE(outcome.keep_alive);
  ASSERT_EQ(outcome.headers.size(), 3U);
  EXPECT_EQ(outcome.headers[1], (std::pair<std::string, std::string>("X-Empty", "")));
  EXPECT_EQ(outcome.headers[2], (std::pair<std::string, std::string>("X-Space", "v w")));
}

TEST(RequestParser, ReadsBodies) {
  EXPECT_EQ(parse(with_length).body, "hello world");
  const Outcome outcome = parse(chunked);
  ASSERT_EQ(outcome.state, ParserState::complete);
  EXPECT_EQ(outcome.body, "hello, world, w");
  EXPECT_EQ(outcome.headers.size(), 2U) << "a trailer field must not become a header field";
}

TEST(RequestParser, GivesTheSameForEverySplit) {
  for (const std::string_view text : {simple, with_length, chunked}) {
    const std::string input = std::string(text) + "GET /next";
    const Outcome whole = parse(input);
    ASSERT_EQ(whole.state, ParserState::complete);
    EXPECT_EQ(whole.rest, "GET /next");
    for (std::size_t i = 0; i <= input.size(); ++i) {
      const std::string_view view = input;
      ASSERT_EQ(parse_pieces({view.substr(0, i), view.substr(i)}), whole) << "cut at " << i;
    }
    std::vector<std::string_view> bytes;
    for (std::size_t i = 0; i < input.size(); ++i) bytes.push_back(std::string_view(input).substr(i, 1));
    EXPECT_EQ(parse_pieces(bytes), whole) << "byte by byte";
  }
}

TEST(RequestParser, FailsTheSameForEverySplit) {
  const std::vector<std::string> bad = {
      "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
  };
  for (const std::string& input : bad) {
    for (std::size_t i = 0; i <= input.size(); ++i) {
      const std::string_view view = input;
      const Outcome outcome = parse_pieces({view.substr(0, i), view.substr(i)});
      ASSERT_EQ(outcome.state, ParserState::failed) << input << " cut at " << i;
      ASSERT_EQ(outcome.status, 400) << input << " cut at " << i;
    }
  }
}

TEST(RequestParser, CanBeUsedAgain) {
  RequestParser parser{ParserLimits{}};
  for (const std::string_view text : {with_length, simple, chunked, simple}) {
    ASSERT_EQ(parser.feed(text), text.size());
    ASSERT_EQ(parser.state(), ParserState::complete);
    EXPECT_EQ(parser.request().target, parse(text).target);
    EXPECT_EQ(parser.request().body, parse(text).body);
    parser.reset();
    EXPECT_FALSE(parser.started());
  }
}

// RFC 9112 section 11.2: whatever two parsers could read in two ways is refused.
TEST(RequestParser, RefusesWhatCouldSmuggle) {
  EXPECT_EQ(status_of(with_header("Content-Length: 1\r\nContent-Length: 2")), 400);
  EXPECT_EQ(status_of(with_header("Content-Length: 1\r\nContent-Length: 1")), 400);
  EXPECT_EQ(status_of(with_header("Content-Length: 1, 1")), 400);
  EXPECT_EQ(status_of(with_header("Content-Length: +1")), 400);
  EXPECT_EQ(status_of(with_header("Content-Length: -1")), 400);
  EXPECT_EQ(status_of(with_header("Content-Length: 0x1")), 400);
  EXPECT_EQ(status_of(with_header("Content-Length: 1 1")), 400);
  EXPECT_EQ(status_of(with_header("Content-Length:")), 400);
  EXPECT_EQ(status_of(with_header("Content-Length: 99999999999999999999")), 400);
  EXPECT_EQ(status_of(with_header("Content-Length: 1\r\nTransfer-Encoding: chunked")), 400);
  EXPECT_EQ(status_of(with_header("Transfer-Encoding: chunked\r\nContent-Length: 1")), 400);
  EXPECT_EQ(status_of(with_header("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked")), 400);
  EXPECT_EQ(status_of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400);
  EXPECT_EQ(status_of(with_header("Content-Length : 1")), 400);
  EXPECT_EQ(status_of(with_header("A: b\r\n c")), 400);
  EXPECT_EQ(status_of(with_header("A: b\r\n\tc")), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\n Host: a\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\nHost: a\n\n\r\n\r\n"), 400);
  EXPECT_EQ(status_of(with_header("A: b\nContent-Length: 5")), 400);
  EXPECT_EQ(status_of(with_header("A: b\rContent-Length: 5")), 400);
  EXPECT_EQ(status_of(with_header(std::string_view("A: b\0c", 6))), 400);
  EXPECT_EQ(status_of(with_header("A\x7f: b")), 400);
  EXPECT_EQ(status_of(with_header(": b")), 400);
  EXPECT_EQ(status_of(with_header("no colon")), 400);
}

TEST(RequestParser, RefusesBadChunks) {
  const auto status_of_chunks = [](std::string_view chunks) {
    return status_of("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(chunks));
  };
  EXPECT_EQ(status_of_chunks("5\nhello\r\n"), 400);
  EXPECT_EQ(status_of_chunks("5\r\nhello\n"), 400);
  EXPECT_EQ(status_of_chunks("5\r\nhelloo\r\n"), 400);
  EXPECT_EQ(status_of_chunks("\r\n"), 400);
  EXPECT_EQ(status_of_chunks(";a\r\n"), 400);
  EXPECT_EQ(status_of_chunks("+5\r\n"), 400);
  EXPECT_EQ(status_of_chunks("-5\r\n"), 400);
  EXPECT_EQ(status_of_chunks("0x5\r\n"), 400);
  EXPECT_EQ(status_of_chunks(" 5\r\n"), 400);
  EXPECT_EQ(status_of_chunks("5 5\r\n"), 400);
  EXPECT_EQ(status_of_chunks("5;a=\"\rb\"\r\n"), 400);
  EXPECT_EQ(status_of_chunks("10000000000000000\r\n"), 400);
  EXPECT_EQ(status_of_chunks("0\r\nno colon\r\n"), 400);
  EXPECT_EQ(status_of_chunks("0\r\n folded: a\r\n"), 400);
  EXPECT_EQ(status_of_chunks("0\r\nA: b\n\r\n"), 400);
}

TEST(RequestParser, RefusesTransferCodingsItDoesNotKnow) {
  EXPECT_EQ(status_of(with_header("Transfer-Encoding: gzip")), 501);
  EXPECT_EQ(status_of(with_header("Transfer-Encoding: gzip, chunked")), 501);
  EXPECT_EQ(status_of(with_header("Transfer-Encoding: chunked, identity")), 501);
  EXPECT_EQ(status_of(with_header("Transfer-Encoding: xchunked")), 501);
}

TEST(RequestParser, RefusesBadRequestLines) {
  EXPECT_EQ(status_of("GET  / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET /\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(status_of(" GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(status_of("G(T / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTQ/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET a HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET * HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 505);
  EXPECT_EQ(status_of("GET / HTTP/1.2\r\nHost: a\r\n\r\n"), 505);
  EXPECT_EQ(status_of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505);
}

TEST(RequestParser, WantsExactlyOneHost) {
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n"), 400);
  EXPECT_EQ(parse("GET / HTTP/1.0\r\n\r\n").state, ParserState::complete);
}

TEST(RequestParser, KnowsTheFormsOfATarget) {
  const auto path_and_query = [](std::string_view target, std::string_view method = "GET") {
    const Outcome outcome = parse(std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(outcome.state, ParserState::complete) << target;
    return outcome.path + " " + outcome.query;
  };
  EXPECT_EQ(path_and_query("/"), "/ ");
  EXPECT_EQ(path_and_query("/a?"), "/a ");
  EXPECT_EQ(path_and_query("/a?b?c"), "/a b?c");
  EXPECT_EQ(path_and_query("http://example.org/a?b"), "/a b");
  EXPECT_EQ(path_and_query("HTTPS://example.org"), "/ ");
  EXPECT_EQ(path_and_query("http://example.org?b"), "/ b");
  EXPECT_EQ(path_and_query("*", "OPTIONS"), "* ");
}

TEST(RequestParser, KnowsWhetherTheConnectionStays) {
  EXPECT_TRUE(parse("GET / HTTP/1.1\r\nHost: a\r\n\r\n").keep_alive);
  EXPECT_FALSE(parse(with_header("Connection: close")).keep_alive);
  EXPECT_FALSE(parse(with_header("Connection: foo, CLOSE")).keep_alive);
  EXPECT_FALSE(parse("GET / HTTP/1.0\r\n\r\n").keep_alive);
  EXPECT_TRUE(parse("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keep_alive);
}

TEST(RequestParser, IgnoresEmptyLinesInFrontOnly) {
  EXPECT_EQ(parse("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").state, ParserState::complete);
  EXPECT_EQ(status_of(std::string(9000, '\n')), 400) << "for ever is too long";
}

TEST(RequestParser, HasLimits) {
  ParserLimits limits;
  limits.request_line_bytes_max = 100;
  limits.header_bytes_max = 1000;
  limits.body_bytes_max = 10;
  const std::string long_target = "/" + std::string(100, 'a');
  EXPECT_EQ(status_of("GET " + long_target + " HTTP/1.1\r\nHost: a\r\n\r\n", limits), 414);
  EXPECT_EQ(status_of("GET " + long_target, limits), 414) << "known before the line ends";
  EXPECT_EQ(status_of(with_header("A: " + std::string(1000, 'b')), limits), 431);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: a\r\nA: " + std::string(1000, 'b'), limits), 431)
      << "known before the header ends";
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n", limits), 413)
      << "known before the body comes";
  EXPECT_EQ(parse("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789", limits).body, "0123456789");
  const std::string chunked_head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(parse(chunked_head + "5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n", limits).body, "helloworld");
  EXPECT_EQ(status_of(chunked_head + "5\r\nhello\r\n6\r\n", limits), 413);
  EXPECT_EQ(status_of(chunked_head + "fffffffffffffffff\r\n", limits), 400);
  EXPECT_EQ(status_of(chunked_head + "5;" + std::string(2000, 'a'), limits), 431);
}

TEST(RequestParser, HeaderOfExactlyTheLimitIsTaken) {
  ParserLimits limits;
  limits.header_bytes_max = 200;
  const std::string_view empty = "GET / HTTP/1.1\r\nHost: a\r\nA: \r\n\r\n";
  const std::string fill(200 - empty.size(), 'x');
  EXPECT_EQ(parse("GET / HTTP/1.1\r\nHost: a\r\nA: " + fill + "\r\n\r\n", limits).state, ParserState::complete);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: a\r\nA: " + fill + "x\r\n\r\n", limits), 431);
}

TEST(RequestParser, AsksOnceToContinue) {
  RequestParser parser{ParserLimits{}};
  parser.feed("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_TRUE(parser.take_expect_continue());
  EXPECT_FALSE(parser.take_expect_continue());
  parser.feed("ok");
  EXPECT_EQ(parser.state(), ParserState::complete);
  EXPECT_EQ(parser.request().body, "ok");

  RequestParser with_body{ParserLimits{}};
  with_body.feed("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_FALSE(with_body.take_expect_continue()) << "the body is here already";
}

TEST(RequestParser, FindsHeadersWithoutCase) {
  RequestParser parser{ParserLimits{}};
  parser.feed(simple);
  ASSERT_EQ(parser.state(), ParserState::complete);
  EXPECT_EQ(parser.request().header("host"), "example.org");
  EXPECT_TRUE(parser.request().has_header("x-EMPTY"));
  EXPECT_FALSE(parser.request().has_header("x"));
  EXPECT_EQ(parser.request().header("x"), "");
}

TEST(Headers, ListsContainTokens) {
  EXPECT_TRUE(list_contains_token("keep-alive, Upgrade", "upgrade"));
  EXPECT_TRUE(list_contains_token("upgrade", "upgrade"));
  EXPECT_FALSE(list_contains_token("upgrades, up grade", "upgrade"));
  EXPECT_FALSE(list_contains_token("", "upgrade"));
}

}  // namespace
}  // namespace clearline::http
