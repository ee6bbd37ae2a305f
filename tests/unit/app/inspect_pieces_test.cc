// The parts of `clearline inspect` that need no server: frames, the catalogue, requests, reading replies, texts.
#include <gtest/gtest.h>

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/inspect/catalogue.h"
#include "app/cli/inspect/raw_frame.h"
#include "app/cli/inspect/reply_reader.h"
#include "app/cli/inspect/safe_text.h"
#include "app/cli/inspect/target.h"
#include "app/cli/inspect/wrapped_table.h"
#include "app/cli/websocket_url.h"
#include "registry/registry.h"

namespace clearline::app::inspect {
namespace {

using namespace std::string_view_literals;

// --- Frames ---------------------------------------------------------------------------------------------------------

TEST(InspectRawFrame, WritesTheExampleOfTheRfc) {
  EXPECT_EQ(text_frame("Hello"), "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"sv);  // section 5.7
}

TEST(InspectRawFrame, WritesWhatNoClientMay) {
  EXPECT_EQ(encode({.payload = "a", .reserved_bits = rsv1 | rsv3, .masked = false}),
            "\xD1\x01"
            "a"sv);
  EXPECT_EQ(encode({.payload = "a", .masked = false, .length_form = LengthForm::bits_16}),
            "\x81\x7E\x00\x01"
            "a"sv);
  EXPECT_EQ(encode({.fin = false, .masked = false, .announced_bytes = std::uint64_t{1} << 63}),
            "\x01\x7F\x80\x00\x00\x00\x00\x00\x00\x00"sv);
  EXPECT_EQ(encode({.payload = std::string(126, 'x'), .masked = false}).substr(0, 4), "\x81\x7E\x00\x7E"sv);
  EXPECT_EQ(close_payload(0x0102, "r"), "\x01\x02r"sv);
}

// --- The catalogue --------------------------------------------------------------------------------------------------

TEST(InspectCatalogue, IsComplete) {
  const std::vector<Probe> probes = all_probes(std::nullopt);
  std::set<std::string> names;
  std::set<Group> groups;
  for (const Probe& probe : probes) {
    EXPECT_TRUE(names.insert(probe.name).second) << probe.name << " is there twice";
    groups.insert(probe.group);
    EXPECT_FALSE(probe.sent.empty() || probe.expect.words.empty()) << probe.name;
    EXPECT_EQ(probe.section.substr(0, 4), "RFC ") << probe.name;
    EXPECT_NE(probe.name, group_name(probe.group)) << "--only could mean either";
    if (probe.expect.demand == Demand::fail_connection) {
      EXPECT_FALSE(probe.expect.codes.empty()) << probe.name;
    }
  }
  EXPECT_EQ(groups.size(), group_count);
}

// What --help promises.
TEST(InspectCatalogue, IsBounded) {
  std::uint64_t bytes = 0;
  const std::vector<Probe> probes = all_probes(std::nullopt);
  for (const Probe& probe : probes) bytes += sent_bytes(probe);
  EXPECT_LE(probes.size(), 220U);
  EXPECT_LE(bytes, std::uint64_t{3} << 20);
  constexpr std::uint64_t limit = 1000;
  for (const Probe& probe : all_probes(limit)) {
    if (probe.group == Group::limits) {
      EXPECT_LE(sent_bytes(probe), 2 * limit + 1024) << probe.name;
    }
  }
}

TEST(InspectCatalogue, DemandsOfCloseCodesWhatTheRegistrySays) {
  std::set<std::string> names;
  for (const Probe& probe : all_probes(std::nullopt)) {
    if (probe.group != Group::close_codes) continue;
    names.insert(probe.name);
    const bool valid = registry::valid_on_wire_when_received(probe.expect.close_code.value());
    EXPECT_EQ(probe.expect.demand, valid ? Demand::answer : Demand::fail_connection) << probe.name;
  }
  for (const char* name : {"close-0", "close-999", "close-1000", "close-1004", "close-1005", "close-1006", "close-1014",
                           "close-1015", "close-1016", "close-1999", "close-2000", "close-2999", "close-3000",
                           "close-3999", "close-4000", "close-4999", "close-5000", "close-65535"})
    EXPECT_TRUE(names.contains(name)) << name;
}

// --- Requests -------------------------------------------------------------------------------------------------------

Target example_target() {
  return {.host = "127.0.0.1", .port = 8080, .host_field = "example.com:8080", .path = "/chat?a=1"};
}

constexpr std::string_view sample_key = "dGhlIHNhbXBsZSBub25jZQ==";

TEST(InspectRequest, EditsTheOrdinaryHandshake) {
  Probe probe;
  probe.request.without = {"host", "Sec-WebSocket-Key"};
  probe.request.with = {{"Sec-WebSocket-Key", "short"}};
  probe.request.version = "HTTP/1.0";
  probe.offers_compression = true;
  const auto request = make_probe_request(example_target(), probe, sample_key);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->text,
            "GET /chat?a=1 HTTP/1.0\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: short\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n");
}

TEST(InspectRequest, MakesTargetsLongOrAbsolute) {
  Probe probe;
  probe.request.absolute_target = true;
  probe.request.target_padding_bytes = 3;
  const auto request = make_probe_request(example_target(), probe, sample_key);
  ASSERT_TRUE(request);
  EXPECT_TRUE(request->text.starts_with("GET http://example.com:8080/chat?a=1&xxx HTTP/1.1\r\n")) << request->text;
}

TEST(InspectRequest, RefusesWhatCannotStandInARequest) {
  Target target = example_target();
  target.headers = {{"X-Two", "a\r\nb"}};
  EXPECT_FALSE(make_probe_request(target, Probe{}, sample_key));
}

OpeningAnswer answer_to(const Probe& probe, std::vector<HeaderView> headers) {
  const auto request = make_probe_request(example_target(), probe, sample_key);
  headers.insert(
      headers.end(),
      {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="}});
  http::ReceivedResponse response;
  response.status = 101;
  response.headers = headers;
  return read_answer(response, *request);
}

TEST(InspectRequest, ReadsTheAnswerByItsOwnRequest) {
  Probe probe;
  EXPECT_EQ(answer_to(probe, {}).http.invalid, "");
  EXPECT_NE(answer_to(probe, {{"Sec-WebSocket-Extensions", "permessage-deflate"}}).http.invalid, "");
  EXPECT_NE(answer_to(probe, {{"Sec-WebSocket-Protocol", "chat"}}).http.invalid, "");

  probe.offers_compression = true;
  const OpeningAnswer agreed =
      answer_to(probe, {{"Sec-WebSocket-Extensions", "permessage-deflate; server_max_window_bits=10"}});
  EXPECT_EQ(agreed.http.invalid, "");
  ASSERT_TRUE(agreed.deflate);
  EXPECT_EQ(agreed.deflate->server_window_bits, 10);
  // RFC 7692 section 7.1.2.2: only in answer to an offer that has it.
  EXPECT_NE(
      answer_to(probe, {{"Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits=10"}}).http.invalid,
      "");
}

// --- Replies --------------------------------------------------------------------------------------------------------

std::string from_server(RawFrame frame) {
  frame.masked = false;
  return encode(frame);
}

Reply read_in_pieces(std::string_view bytes, std::size_t piece_bytes) {
  ReplyReader reader(1 << 20, std::nullopt);
  for (std::size_t at = 0; at < bytes.size(); at += piece_bytes) {
    std::string piece(bytes.substr(at, piece_bytes));
    reader.feed(std::as_writable_bytes(std::span(piece)));
  }
  return reader.reply();
}

TEST(InspectReply, IsTheSameHoweverItArrives) {
  const std::string bytes = from_server({.payload = "Hel", .fin = false}) +
                            from_server({.opcode = ws::Opcode::ping, .payload = "p"}) +
                            from_server({.opcode = ws::Opcode::continuation, .payload = "lo"}) +
                            from_server({.opcode = ws::Opcode::pong, .payload = "q"}) +
                            from_server({.opcode = ws::Opcode::close, .payload = close_payload(1001, "bye")}) +
                            from_server({.payload = "late"});
  for (std::size_t piece_bytes = 1; piece_bytes <= bytes.size(); ++piece_bytes) {
    const Reply reply = read_in_pieces(bytes, piece_bytes);
    const std::vector<Event> events = {{EventKind::ping, "p"}, {EventKind::text, "Hello"}, {EventKind::pong, "q"}};
    EXPECT_EQ(reply.events, events);
    ASSERT_TRUE(reply.close);
    EXPECT_EQ(reply.close->code, 1001);
    EXPECT_EQ(reply.close->reason, "bye");
    EXPECT_TRUE(reply.data_after_close);
    EXPECT_FALSE(reply.control_after_close);
    EXPECT_FALSE(reply.violation);
  }
}

TEST(InspectReply, KnowsAClosesNumberEvenWhenItIsWrong) {
  Reply reply = read_in_pieces(from_server({.opcode = ws::Opcode::close, .payload = close_payload(5000)}), 100);
  EXPECT_EQ(reply.close->code, 5000);
  EXPECT_EQ(reply.violation, registry::Cause::invalid_close_code);
  reply = read_in_pieces(from_server({.opcode = ws::Opcode::close, .payload = "\x03"}), 100);
  EXPECT_EQ(reply.close->code, std::nullopt);
  EXPECT_EQ(reply.close->payload_bytes, 1U);
  EXPECT_EQ(reply.violation, registry::Cause::close_payload_one_byte);
  reply = read_in_pieces(from_server({.opcode = ws::Opcode::close}), 100);
  EXPECT_EQ(reply.close->payload_bytes, 0U);
  EXPECT_FALSE(reply.violation);
}

TEST(InspectReply, NamesWhatTheServerDoesWrong) {
  EXPECT_EQ(read_in_pieces(text_frame("masked"), 100).violation, registry::Cause::masked_frame);
  EXPECT_EQ(read_in_pieces(from_server({.payload = "\xFF"}), 100).violation, registry::Cause::invalid_utf8);
}

TEST(InspectReply, KeepsNoMoreThanItHasRoomFor) {
  ReplyReader reader(10, std::nullopt);
  std::string bytes = from_server({.payload = "12345"}) + from_server({.payload = "12345"});
  reader.feed(std::as_writable_bytes(std::span(bytes)));
  EXPECT_TRUE(reader.reply().too_much);
  EXPECT_EQ(reader.reply().events.size(), 1U);
}

// --- Texts ----------------------------------------------------------------------------------------------------------

TEST(InspectSafeText, ShowsNothingThatMovesTheCursor) {
  EXPECT_EQ(safe_text("plain, \xC3\xA9, \xE6\xBC\xA2, \xF0\x9F\x98\x80", 100), "plain, é, 漢, 😀");
  EXPECT_EQ(safe_text("\x1b[31m\n\x7f\x00"sv, 100), "\\x1b[31m\\x0a\\x7f\\x00");
  EXPECT_EQ(safe_text("\xC2\x9B", 100), "\\xc2\\x9b");           // C1: CSI
  EXPECT_EQ(safe_text("\xE2\x80\xAE", 100), "\\xe2\\x80\\xae");  // right-to-left override
  EXPECT_EQ(safe_text("a\xFF\xE2\x82", 100), "a\\xff\\xe2\\x82");
  EXPECT_EQ(safe_text("12345", 4), "1234…");
}

TEST(InspectWrap, BreaksAtSpaces) {
  EXPECT_EQ(wrap("one two three", 7), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(wrap("one two three", 8), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(wrap("abcdefgh ij", 4), (std::vector<std::string>{"abcd", "efgh", "ij"}));
  EXPECT_EQ(wrap("漢字漢字", 5), (std::vector<std::string>{"漢字", "漢字"}));
  EXPECT_EQ(wrap("", 5), std::vector<std::string>{""});
}

TEST(InspectWrap, FitsTheTable) {
  WrappedTable table({"NAME", "LONG", "SHORT"}, 1, 40);
  table.add_title("Chapter");
  table.add({"a-rigid-name", "some words that go on for a while", "few"});
  EXPECT_EQ(table.text(),
            "NAME          LONG                 SHORT\n"
            "\nChapter\n"
            "a-rigid-name  some words that go   few\n"
            "              on for a while\n");
}

// --- URLs -----------------------------------------------------------------------------------------------------------

TEST(WebSocketUrl, IsTakenApart) {
  const auto plain = parse_websocket_url("ws://example.com");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->host, "example.com");
  EXPECT_EQ(plain->port, 80);
  EXPECT_EQ(plain->target, "/");
  EXPECT_EQ(plain->host_field(), "example.com");
  const auto secure = parse_websocket_url("WSS://[::1]:9443/a/b?c=d");
  ASSERT_TRUE(secure);
  EXPECT_TRUE(secure->secure);
  EXPECT_EQ(secure->host, "::1");
  EXPECT_EQ(secure->port, 9443);
  EXPECT_EQ(secure->target, "/a/b?c=d");
  EXPECT_EQ(secure->text(), "wss://[::1]:9443/a/b?c=d");
  EXPECT_EQ(parse_websocket_url("wss://example.com:443?x")->text(), "wss://example.com/?x");
}

TEST(WebSocketUrl, IsRefusedWithAReason) {
  for (const char* url :
       {"", "example.com", "http://example.com", "ws://", "ws://:80", "ws://a:b", "ws://a:0", "ws://a:65536",
        "ws://user:word@a", "ws://a/#part", "ws://[::1", "ws://[::1]x", "ws://a b", "ws://a/\xC3\xA9"}) {
    const auto parsed = parse_websocket_url(url);
    ASSERT_FALSE(parsed) << url;
    EXPECT_GT(parsed.error().message.size(), std::string_view(url).size() + 2);
  }
}

}  // namespace
}  // namespace clearline::app::inspect
