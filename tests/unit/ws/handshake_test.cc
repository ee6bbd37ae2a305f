#include "ws/handshake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace clearline::ws {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using Headers = std::vector<HeaderView>;

// The example of RFC 6455 section 1.3.
constexpr std::string_view example_key = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view example_accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

Headers good_headers() {
  return {{"Host", "server.example.com"},
          {"Upgrade", "websocket"},
          {"Connection", "Upgrade"},
          {"Sec-WebSocket-Key", example_key},
          {"Sec-WebSocket-Version", "13"}};
}

Headers with(Headers headers, std::string_view name, std::string_view value) {
  headers.push_back({name, value});
  return headers;
}

Headers without(const Headers& headers, std::string_view name) {
  Headers left;
  for (const HeaderView& header : headers) {
    if (header.name != name) left.push_back(header);
  }
  return left;
}

Headers replaced(const Headers& headers, std::string_view name, std::string_view value) {
  return with(without(headers, name), name, value);
}

auto check(const Headers& headers) {
  return check_upgrade({.method = "GET", .target = "/chat", .headers = headers});
}

TEST(Handshake, AcceptsTheExampleOfTheStandard) {
  EXPECT_EQ(accept_value(example_key), example_accept);
  const auto upgrade = check(with(good_headers(), "Origin", "http://example.com"));
  ASSERT_TRUE(upgrade);
  EXPECT_EQ(upgrade->target, "/chat");
  EXPECT_EQ(upgrade->host, "server.example.com");
  EXPECT_EQ(upgrade->origin, "http://example.com");
  EXPECT_THAT(upgrade->subprotocols, IsEmpty());
  EXPECT_EQ(make_upgrade_response(*upgrade),
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
}

TEST(Handshake, ComparesNamesAndTokensWithoutCase) {
  const Headers headers = {{"HOST", "h"},
                           {"uPGRADE", "h2c, WebSocket"},
                           {"connection", "keep-alive , UPGRADE"},
                           {"sec-websocket-key", example_key},
                           {"SEC-WEBSOCKET-VERSION", "13"}};
  EXPECT_TRUE(check(headers));
  EXPECT_TRUE(is_upgrade_request(headers));
  EXPECT_FALSE(is_upgrade_request(without(headers, "uPGRADE")));
}

TEST(Handshake, TakesListsThatAreSpreadOverSeveralFields) {
  Headers headers = with(replaced(good_headers(), "Connection", "keep-alive"), "Connection", "Upgrade");
  headers = with(with(headers, "Sec-WebSocket-Protocol", "a, b"), "Sec-WebSocket-Protocol", "c");
  headers = with(with(headers, "Sec-WebSocket-Extensions", "x; p=1"), "Sec-WebSocket-Extensions", "y");
  const auto upgrade = check(headers);
  ASSERT_TRUE(upgrade);
  EXPECT_THAT(upgrade->subprotocols, ElementsAre("a", "b", "c"));
  EXPECT_EQ(upgrade->extensions.size(), 2U);
}

TEST(Handshake, RefusesEveryFaultWithItsStatus) {
  const Headers good = good_headers();
  struct Row {
    const char* name;
    Headers headers;
    int http_status;
  };
  const Row rows[] = {
      {"no Host", without(good, "Host"), 400},
      {"empty Host", replaced(good, "Host", ""), 400},
      {"two Hosts", with(good, "host", "other"), 400},
      {"no Upgrade", without(good, "Upgrade"), 426},
      {"other Upgrade", replaced(good, "Upgrade", "h2c"), 426},
      {"Upgrade that only contains the word", replaced(good, "Upgrade", "websockets"), 426},
      {"no Connection", without(good, "Connection"), 400},
      {"other Connection", replaced(good, "Connection", "keep-alive"), 400},
      {"no key", without(good, "Sec-WebSocket-Key"), 400},
      {"two keys", with(good, "Sec-WebSocket-Key", example_key), 400},
      {"empty key", replaced(good, "Sec-WebSocket-Key", ""), 400},
      {"key of 15 bytes", replaced(good, "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAA"), 400},
      {"key of 17 bytes", replaced(good, "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAAA="), 400},
      {"key of 18 bytes", replaced(good, "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAAAA"), 400},
      {"key with a foreign character", replaced(good, "Sec-WebSocket-Key", "AAAAAAAAAA-AAAAAAAAAAA=="), 400},
      {"key with early padding", replaced(good, "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAA==="), 400},
      {"no version", without(good, "Sec-WebSocket-Version"), 426},
      {"old version", replaced(good, "Sec-WebSocket-Version", "8"), 426},
      {"new version", replaced(good, "Sec-WebSocket-Version", "14"), 426},
      {"version with a zero", replaced(good, "Sec-WebSocket-Version", "013"), 426},
      {"version that is no number", replaced(good, "Sec-WebSocket-Version", "13a"), 426},
      {"list of versions", replaced(good, "Sec-WebSocket-Version", "13, 8"), 426},
      {"two versions", with(good, "Sec-WebSocket-Version", "13"), 400},
      {"two Origins", with(with(good, "Origin", "a"), "Origin", "b"), 400},
      {"a body", with(good, "Content-Length", "5"), 400},
      {"a chunked body", with(good, "Transfer-Encoding", "chunked"), 400},
      {"empty subprotocols", with(good, "Sec-WebSocket-Protocol", ""), 400},
      {"subprotocol that is no token", with(good, "Sec-WebSocket-Protocol", "a b"), 400},
      {"subprotocol twice", with(good, "Sec-WebSocket-Protocol", "a, b, a"), 400},
      {"extension that is no token", with(good, "Sec-WebSocket-Extensions", "x y"), 400},
      {"extension without a name", with(good, "Sec-WebSocket-Extensions", "; p"), 400},
  };
  ASSERT_TRUE(check(good));
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const auto verdict = check(row.headers);
    ASSERT_FALSE(verdict);
    EXPECT_EQ(verdict.error().http_status, row.http_status);
    EXPECT_FALSE(verdict.error().reason.empty());
  }
}

TEST(Handshake, LetsHarmlessThingsPass) {
  EXPECT_TRUE(check(with(good_headers(), "Content-Length", "0")));
  EXPECT_TRUE(check(with(good_headers(), "Sec-WebSocket-Protocol", "a,,b,")));
  EXPECT_TRUE(check(with(good_headers(), "Sec-WebSocket-Extensions", "")));
}

TEST(Handshake, RefusesOtherMethodsAndVersionsOfHttp) {
  const Headers headers = good_headers();
  const auto post = check_upgrade({.method = "POST", .target = "/", .headers = headers});
  ASSERT_FALSE(post);
  EXPECT_EQ(post.error().http_status, 405);
  EXPECT_FALSE(check_upgrade({.method = "get", .target = "/", .headers = headers}));
  EXPECT_FALSE(check_upgrade({.method = "GET", .target = "/", .http_minor = 0, .headers = headers}));
  EXPECT_FALSE(check_upgrade({.method = "GET", .target = "/", .http_major = 2, .http_minor = 0, .headers = headers}));
  EXPECT_FALSE(check_upgrade({.method = "GET", .target = "", .headers = headers}));
}

TEST(Handshake, TellsTheVersionThatIsSpoken) {
  const auto verdict = check(replaced(good_headers(), "Sec-WebSocket-Version", "8"));
  ASSERT_FALSE(verdict);
  const std::string response = make_refusal_response(verdict.error());
  EXPECT_THAT(response, HasSubstr("HTTP/1.1 426 Upgrade Required\r\n"));
  EXPECT_THAT(response, HasSubstr("\r\nSec-WebSocket-Version: 13\r\n"));
  EXPECT_THAT(response, HasSubstr("\r\nUpgrade: websocket\r\n"));
  EXPECT_THAT(response, HasSubstr("\r\n\r\n" + verdict.error().reason));
}

TEST(Handshake, WritesARefusalWithItsLength) {
  EXPECT_EQ(
      make_refusal_response({.http_status = 503, .reason = "full", .header_name = "Retry-After", .header_value = "7"}),
      "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 7\r\n"
      "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n\r\nfull\n");
}

TEST(Handshake, ChoosesTheFirstSubprotocolOfTheClientThatTheServerHas) {
  const auto upgrade = check(with(good_headers(), "Sec-WebSocket-Protocol", "v3, v2, v1"));
  ASSERT_TRUE(upgrade);
  const std::array<std::string_view, 2> supported{"v1", "v2"};
  EXPECT_EQ(choose_subprotocol(*upgrade, supported), "v2");
  EXPECT_EQ(choose_subprotocol(*upgrade, {}), std::nullopt);
  const std::array<std::string_view, 1> other_case{"V2"};
  EXPECT_EQ(choose_subprotocol(*upgrade, other_case), std::nullopt) << "subprotocol names have a case";
}

TEST(Handshake, GrantsWhatTheCallerChose) {
  const auto upgrade = check(good_headers());
  const std::array<Extension, 1> extensions{
      Extension{"permessage-deflate", {{"client_max_window_bits", "12"}, {"x", {}}}}};
  const std::array<HeaderView, 1> headers{HeaderView{"Set-Cookie", "a=b"}};
  const std::string response =
      make_upgrade_response(*upgrade, {.subprotocol = "v1", .extensions = extensions, .headers = headers});
  EXPECT_THAT(response, HasSubstr("\r\nSec-WebSocket-Protocol: v1\r\n"));
  EXPECT_THAT(response,
              HasSubstr("\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=12; x\r\n"));
  EXPECT_THAT(response, HasSubstr("\r\nSet-Cookie: a=b\r\n\r\n"));
}

// --- Client ---------------------------------------------------------------------------------------------------------

ClientRequest example_request() {
  return {.host = "h:8080", .target = "/chat?a=b", .key = example_key};
}

Headers good_answer() {
  return {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Accept", example_accept}};
}

TEST(Handshake, MakesAKeyOf16Bytes) {
  std::array<std::byte, 16> nonce;
  const std::string_view text = "the sample nonce";
  for (std::size_t i = 0; i < nonce.size(); ++i) nonce[i] = static_cast<std::byte>(text[i]);
  EXPECT_EQ(make_key(nonce), example_key);
}

TEST(Handshake, WritesARequestThatTheServerSideAccepts) {
  ClientRequest request = example_request();
  const std::array<std::string_view, 2> subprotocols{"v2", "v1"};
  const std::array<HeaderView, 1> headers{HeaderView{"User-Agent", "test"}};
  request.subprotocols = subprotocols;
  request.origin = "https://example.com";
  request.headers = headers;
  const auto head = make_request(request);
  ASSERT_TRUE(head);
  EXPECT_EQ(*head,
            "GET /chat?a=b HTTP/1.1\r\nHost: h:8080\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            "Origin: https://example.com\r\nSec-WebSocket-Protocol: v2, v1\r\nUser-Agent: test\r\n\r\n");
}

TEST(Handshake, RefusesToWriteWhatWouldBreakTheRequest) {
  const auto broken = [](auto change) {
    ClientRequest request = example_request();
    change(request);
    return make_request(request);
  };
  EXPECT_FALSE(broken([](ClientRequest& r) { r.host = "h\r\nX: y"; }));
  EXPECT_FALSE(broken([](ClientRequest& r) { r.host = ""; }));
  EXPECT_FALSE(broken([](ClientRequest& r) { r.target = "/a b"; }));
  EXPECT_FALSE(broken([](ClientRequest& r) { r.target = ""; }));
  EXPECT_FALSE(broken([](ClientRequest& r) { r.key = "short"; }));
  EXPECT_FALSE(broken([](ClientRequest& r) { r.origin = "a\nb"; }));
  const std::array<std::string_view, 1> bad_subprotocol{"a,b"};
  EXPECT_FALSE(broken([&](ClientRequest& r) { r.subprotocols = bad_subprotocol; }));
  const std::array<HeaderView, 1> bad_name{HeaderView{"A B", "c"}};
  EXPECT_FALSE(broken([&](ClientRequest& r) { r.headers = bad_name; }));
  const std::array<HeaderView, 1> bad_value{HeaderView{"A", "b\r\nC: d"}};
  EXPECT_FALSE(broken([&](ClientRequest& r) { r.headers = bad_value; }));
}

TEST(Handshake, TakesAGoodAnswer) {
  const Headers headers = {
      {"upgrade", "WebSocket"}, {"CONNECTION", "upgrade"}, {"sec-websocket-accept", example_accept}};
  const auto agreed = check_response({101, headers}, example_request());
  ASSERT_TRUE(agreed);
  EXPECT_EQ(agreed->subprotocol, std::nullopt);
}

TEST(Handshake, TakesASubprotocolAndAnExtensionThatWereOffered) {
  ClientRequest request = example_request();
  const std::array<std::string_view, 2> subprotocols{"v2", "v1"};
  const std::array<Extension, 1> extensions{Extension{"permessage-deflate", {}}};
  request.subprotocols = subprotocols;
  request.extensions = extensions;
  const Headers headers = with(with(good_answer(), "Sec-WebSocket-Protocol", "v1"), "Sec-WebSocket-Extensions",
                               "permessage-deflate; server_no_context_takeover");
  const auto agreed = check_response({101, headers}, request);
  ASSERT_TRUE(agreed);
  EXPECT_EQ(agreed->subprotocol, "v1");
  ASSERT_EQ(agreed->extensions.size(), 1U);
  EXPECT_EQ(agreed->extensions[0].parameters[0].name, "server_no_context_takeover");
}

TEST(Handshake, RefusesEveryFaultOfAnAnswer) {
  const Headers good = good_answer();
  const Headers rows[] = {
      without(good, "Upgrade"),
      replaced(good, "Upgrade", "h2c"),
      without(good, "Connection"),
      replaced(good, "Connection", "close"),
      without(good, "Sec-WebSocket-Accept"),
      replaced(good, "Sec-WebSocket-Accept", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
      replaced(good, "Sec-WebSocket-Accept", "S3PPLMBITXAQ9KYGZZHZRBK+XOO="),
      with(good, "Sec-WebSocket-Accept", example_accept),
      with(good, "Sec-WebSocket-Protocol", "unasked"),
      with(good, "Sec-WebSocket-Extensions", "permessage-deflate"),
      with(good, "Sec-WebSocket-Extensions", "x y"),
  };
  for (const Headers& headers : rows) {
    const auto verdict = check_response({101, headers}, example_request());
    ASSERT_FALSE(verdict);
    EXPECT_EQ(verdict.error().cause, registry::Cause::handshake_invalid);
    EXPECT_THAT(verdict.error().reason, Not(IsEmpty()));
  }
}

TEST(Handshake, RefusesTwoSubprotocolFields) {
  ClientRequest request = example_request();
  const std::array<std::string_view, 1> subprotocols{"v1"};
  request.subprotocols = subprotocols;
  const Headers headers = with(with(good_answer(), "Sec-WebSocket-Protocol", "v1"), "Sec-WebSocket-Protocol", "v1");
  EXPECT_FALSE(check_response({101, headers}, request));
}

TEST(Handshake, CallsAnotherHttpStatusARefusal) {
  const auto verdict = check_response({403, {}}, example_request());
  ASSERT_FALSE(verdict);
  EXPECT_EQ(verdict.error().cause, registry::Cause::handshake_refused);
  EXPECT_EQ(verdict.error().http_status, 403);
}

TEST(Handshake, BothSidesUnderstandEachOther) {
  ClientRequest request = example_request();
  const std::array<std::string_view, 1> subprotocols{"v1"};
  request.subprotocols = subprotocols;
  const auto upgrade = check(with(good_headers(), "Sec-WebSocket-Protocol", "v1"));
  ASSERT_TRUE(upgrade);
  const Headers answer = {{"Upgrade", "websocket"},
                          {"Connection", "Upgrade"},
                          {"Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="},
                          {"Sec-WebSocket-Protocol", "v1"}};
  std::string expected = "HTTP/1.1 101 Switching Protocols\r\n";
  for (const HeaderView& header : answer) expected.append(header.name).append(": ").append(header.value).append("\r\n");
  EXPECT_EQ(make_upgrade_response(*upgrade, {.subprotocol = "v1"}), expected + "\r\n");
  EXPECT_TRUE(check_response({101, answer}, request));
}

}  // namespace
}  // namespace clearline::ws
