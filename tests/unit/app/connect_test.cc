// The parts of `clearline connect` that need no connection.
#include "app/cli/connect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "app/cli/connect/end_report.h"
#include "app/cli/connect/line_editor.h"
#include "app/cli/connect/line_splitter.h"
#include "app/cli/connect/printer.h"
#include "app/cli/connect/unix_url.h"

namespace clearline::app::connect {
namespace {

using registry::Cause;
using registry::Origin;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(UnixUrl, PathAndTarget) {
  const auto url = parse_unix_url("ws+unix:/run/chat.sock:/live?x=1").value();
  EXPECT_EQ(url.path, "/run/chat.sock");
  EXPECT_EQ(url.target, "/live?x=1");
  EXPECT_EQ(parse_unix_url("ws+unix:@abstract").value().path, "@abstract");
  EXPECT_EQ(parse_unix_url("ws+unix:/run/chat.sock").value().target, "/");
  EXPECT_THAT(parse_unix_url("ws+unix:chat.sock").error().message, HasSubstr("write ws+unix:/PATH/OF/SOCKET"));
  EXPECT_THAT(parse_unix_url("ws+unix:/run/chat.sock:live").error().message, HasSubstr("'live' is not a path"));
  EXPECT_THAT(parse_unix_url("ws+unix:/run/chat.sock:/a b").error().message, HasSubstr("percent-encoded"));
}

// --- Input
// ------------------------------------------------------------------------------------------------------------

TEST(LineSplitter, LinesInAnyPieces) {
  const std::string text = "one\n\ntwo\r\nlast";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    LineSplitter splitter(10);
    std::vector<std::string> lines;
    const auto take = [&](std::string_view line) { lines.emplace_back(line); };
    for (std::size_t i = 0; i < text.size(); i += piece) EXPECT_TRUE(splitter.feed(text.substr(i, piece), take));
    splitter.finish(take);
    EXPECT_THAT(lines, ElementsAre("one", "", "two\r", "last"));
    EXPECT_EQ(splitter.line_number(), 5U);
  }
}

TEST(LineSplitter, StopsAtALineThatIsTooLong) {
  LineSplitter splitter(4);
  std::vector<std::string> lines;
  const auto take = [&](std::string_view line) { lines.emplace_back(line); };
  EXPECT_TRUE(splitter.feed("four\nfo", take));
  EXPECT_FALSE(splitter.feed("ur+\nx\n", take));
  EXPECT_FALSE(splitter.feed("y\n", take));
  splitter.finish(take);
  EXPECT_THAT(lines, ElementsAre("four"));
  EXPECT_EQ(splitter.line_number(), 2U);
}

TEST(LineEditor, TypesDeletesAndSends) {
  LineEditor editor(80);
  EXPECT_THAT(editor.feed("helo\x7Flo\rsecond\r").lines, ElementsAre("hello", "second"));
  EXPECT_THAT(editor.feed("\xE4\xBD\xA0\xE5\xA5\xBD\b!\r").lines, ElementsAre("\xE4\xBD\xA0!"));
  EXPECT_THAT(editor.feed("one two  \x17three\r").lines, ElementsAre("one three"));
  EXPECT_THAT(editor.feed("all of it\x15gone\r").lines, ElementsAre("gone"));
  // Arrow keys and Alt are no text.
  EXPECT_THAT(editor
                  .feed("a\x1B[Db\x1BOAc\x1B[1;5Cd\x1B"
                        "xe\r")
                  .lines,
              ElementsAre("abcde"));
  EXPECT_THAT(editor.feed("\x7F\x7F\r").lines, ElementsAre(""));
}

TEST(LineEditor, EndsOnAnEmptyLineOnly) {
  LineEditor editor(80);
  EXPECT_FALSE(editor.feed("text\x04").ended);
  EXPECT_EQ(editor.text(), "text");
  const auto typed = editor.feed("\r\x04more\r");
  EXPECT_TRUE(typed.ended);
  EXPECT_THAT(typed.lines, ElementsAre("text"));
}

TEST(LineEditor, DrawsTheEndOfALongLine) {
  LineEditor editor(10);
  static_cast<void>(editor.feed("0123456789"));
  EXPECT_EQ(editor.draw(), "> 3456789");
  static_cast<void>(editor.feed("\x15\xE4\xBD\xA0\xE4\xBD\xA0\xE4\xBD\xA0\xE4\xBD\xA0"));
  EXPECT_EQ(editor.draw(), "> \xE4\xBD\xA0\xE4\xBD\xA0\xE4\xBD\xA0");
}

// --- Output
// -----------------------------------------------------------------------------------------------------------

ws::End end_of(const ws::Closing& closing, const ws::TransportEnd& transport = {}) {
  return ws::classify_end(closing, transport);
}

ws::Closing closed_by_us(std::uint16_t code, Cause cause, bool answered = true) {
  ws::Closing closing;
  closing.sent = ws::CloseFrame{code, ""};
  closing.sent_first = true;
  closing.cause = cause;
  if (answered) closing.received = ws::CloseFrame{code, ""};
  return closing;
}

ws::Closing closed_by_peer(std::optional<std::uint16_t> code, std::string reason = {}) {
  ws::Closing closing;
  closing.received = ws::CloseFrame{code, std::move(reason)};
  closing.sent = ws::CloseFrame{code, ""};
  return closing;
}

TEST(EndReport, OneLineSaysItAll) {
  EXPECT_EQ(
      end_line(end_of(closed_by_us(registry::normal_closure, Cause::purpose_fulfilled))),
      "connection ended: 1000 Normal Closure; cause purpose_fulfilled, origin us, clean; sent 1000, received 1000");
  EXPECT_EQ(
      end_line(end_of(closed_by_peer(std::nullopt))),
      "connection ended: 1005 No Status Rcvd; cause peer_closed, origin peer, clean; sent a Close without a code, "
      "received a Close without a code");
  EXPECT_EQ(end_line(end_of({}, {Cause::eof_without_close})),
            "connection ended: 1006 Abnormal Closure; cause eof_without_close, origin network, not clean; reason: the "
            "stream ended without a Close frame; sent no Close, received no Close");
  EXPECT_EQ(
      end_line(end_of(closed_by_us(registry::going_away, Cause::application_closed, false), {Cause::close_timeout})),
      "connection ended: 1001 Going Away; cause application_closed, origin us, not clean (close_timeout); sent "
      "1001, received no Close");
  EXPECT_THAT(end_line(end_of(closed_by_peer(registry::policy_violation, "\x1B[2Jno"))),
              HasSubstr("reason: \\x1b[2Jno;"));
}

TEST(EndReport, ExitStatusFollowsFromTheEnd) {
  const auto status = [](const ws::Closing& closing, const ws::TransportEnd& transport = {}) {
    return exit_status_of(ws::classify_end(closing, transport));
  };
  EXPECT_EQ(status(closed_by_us(registry::normal_closure, Cause::purpose_fulfilled)), ExitStatus::ok);
  EXPECT_EQ(status(closed_by_us(4000, Cause::application_closed)), ExitStatus::ok);
  EXPECT_EQ(status(closed_by_us(4000, Cause::application_closed, false), {Cause::close_timeout}), ExitStatus::lost);
  EXPECT_EQ(status(closed_by_peer(registry::normal_closure)), ExitStatus::ok);
  EXPECT_EQ(status(closed_by_peer(registry::going_away)), ExitStatus::ok);
  EXPECT_EQ(status(closed_by_peer(std::nullopt)), ExitStatus::ok);
  EXPECT_EQ(status(closed_by_peer(registry::internal_error)), ExitStatus::closed_with_error);
  EXPECT_EQ(status(closed_by_peer(4000)), ExitStatus::closed_with_error);
  EXPECT_EQ(status({}, {Cause::handshake_refused}), ExitStatus::handshake_refused);
  EXPECT_EQ(status({}, {Cause::handshake_invalid}), ExitStatus::server_at_fault);
  EXPECT_EQ(status({}, {Cause::name_not_resolved}), ExitStatus::not_reached);
  EXPECT_EQ(status({}, {Cause::connect_failed}), ExitStatus::not_reached);
  EXPECT_EQ(status({}, {Cause::handshake_timeout}), ExitStatus::not_reached);
  EXPECT_EQ(status({}, {Cause::certificate_expired}), ExitStatus::tls_failed);
  EXPECT_EQ(status({}, {Cause::tls_failed}), ExitStatus::tls_failed);
  EXPECT_EQ(status({}, {Cause::connection_reset}), ExitStatus::lost);
  EXPECT_EQ(status(closed_by_us(registry::protocol_error, Cause::masked_frame)), ExitStatus::server_at_fault);
  EXPECT_EQ(status(closed_by_us(registry::message_too_big, Cause::message_too_big, false)),
            ExitStatus::server_at_fault);
  EXPECT_EQ(status(closed_by_us(registry::mandatory_extension, Cause::missing_extension)),
            ExitStatus::missing_extension);
  EXPECT_EQ(status(closed_by_us(4902, Cause::heartbeat_lost, false), {Cause::close_timeout}), ExitStatus::lost);
}

TEST(Printer, TerminalSeesNoControlCharacters) {
  std::ostringstream out;
  std::ostringstream err;
  Printer on_terminal(out, err, {.out_is_terminal = true});
  on_terminal.message(ws::MessageKind::text, "\x1B]0;title\x07");
  on_terminal.message(ws::MessageKind::binary, std::string_view("\0\xFF", 2));
  EXPECT_EQ(out.str(), "< \\x1b]0;title\\x07\n< binary: 00ff\n");
}

TEST(Printer, PipeGetsTheBytes) {
  std::ostringstream out;
  std::ostringstream err;
  Printer piped(out, err, {});
  piped.message(ws::MessageKind::text, "\x1B[1mbold");
  piped.ping("x");
  piped.pong("1", 1234);
  piped.pong("unasked", std::nullopt);
  EXPECT_EQ(out.str(), "\x1B[1mbold\n");
  EXPECT_EQ(err.str(), "pong: 1.234 ms\n");
}

TEST(Printer, JsonIsOneObjectALine) {
  std::ostringstream out;
  std::ostringstream err;
  Printer json(out, err, {.json = true});
  const std::vector<ws::Extension> extensions =
      ws::parse_extensions("permessage-deflate; server_max_window_bits=9").value();
  json.opened("ws://a/", {.subprotocol = "chat", .extensions = extensions});
  json.opened("ws://a/", {});
  json.message(ws::MessageKind::text, "a \"b\"\n");
  json.message(ws::MessageKind::binary, std::string_view("\0\xFF", 2));
  json.ping("hi");
  json.pong("1", 1234);
  json.pong("", std::nullopt);
  json.ended(end_of(closed_by_peer(registry::internal_error, "oops")));
  EXPECT_EQ(
      out.str(),
      R"({"event":"open","url":"ws://a/","subprotocol":"chat","extensions":["permessage-deflate; server_max_window_bits=9"]}
{"event":"open","url":"ws://a/","subprotocol":null,"extensions":[]}
{"event":"message","type":"text","text":"a \"b\"\n"}
{"event":"message","type":"binary","hex":"00ff"}
{"event":"ping","hex":"6869"}
{"event":"pong","hex":"31","round_trip_ms":1.234}
{"event":"pong","hex":"","round_trip_ms":null}
{"event":"end","status":1011,"name":"Internal Error","cause":"peer_closed","cause_text":"the peer sent a Close frame","origin":"peer","clean":true,"unclean_cause":null,"reason":"oops","sent_close":true,"sent_code":1011,"received_close":true,"received_code":1011,"exit_status":8}
)");
  EXPECT_THAT(err.str(), HasSubstr("connection ended: 1011 Internal Error; cause peer_closed, origin peer, clean"));
}

TEST(Printer, KeepsTheTypedLineOutOfTheWay) {
  std::ostringstream screen;
  LineEditor editor(80);
  Printer printer(screen, screen, {.out_is_terminal = true}, &editor);
  static_cast<void>(editor.feed("half a li"));
  printer.draw();
  printer.message(ws::MessageKind::text, "news");
  printer.message(ws::MessageKind::text, "more");
  printer.draw();
  printer.draw();
  EXPECT_EQ(screen.str(), "\r\x1B[K> half a li\r\x1B[K< news\n< more\n\r\x1B[K> half a li");
}

// --- The command line
// -------------------------------------------------------------------------------------------------

std::string refusal(const std::vector<std::string>& arguments) {
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(run_connect(arguments, out, err), 2);
  return err.str();
}

TEST(ConnectCommand, RefusesWhatMakesNoSense) {
  EXPECT_THAT(refusal({}), HasSubstr("URL"));
  EXPECT_THAT(refusal({"ws://a/", "--close", "1006"}),
              HasSubstr("a client cannot send Abnormal Closure. Verdict: the connection ended without a Close frame."));
  EXPECT_THAT(refusal({"ws://a/", "--close", "1004"}), HasSubstr("Reserved"));
  EXPECT_THAT(refusal({"ws://a/", "--close", "5000"}), HasSubstr("cannot send"));
  EXPECT_THAT(refusal({"ws://a/", "--close", "70000"}), HasSubstr("CODE:REASON"));
  EXPECT_THAT(refusal({"ws://a/", "--close", "x"}), HasSubstr("CODE:REASON"));
  EXPECT_THAT(refusal({"ws://a/", "--close", "1000:" + std::string(124, 'x')}), HasSubstr("has 124 bytes"));
  EXPECT_THAT(refusal({"ws://a/", "--close", "1000:\xFF"}), HasSubstr("not UTF-8"));
  EXPECT_THAT(refusal({"ws://a/", "--header", "no colon"}), HasSubstr("'NAME: VALUE'"));
  EXPECT_THAT(refusal({"ws://a/", "--header", "two words: x"}), HasSubstr("not the name of a header field"));
  EXPECT_THAT(refusal({"ws://a/", "--header", "sec-websocket-key: x"}), HasSubstr("made by the handshake itself"));
  EXPECT_THAT(refusal({"ws://a/", "--header", "X: a\nb"}), HasSubstr("control characters"));
  EXPECT_THAT(refusal({"ws://a/", "--subprotocol", "a b"}), HasSubstr("not a token"));
  EXPECT_THAT(refusal({"ws://a/", "--subprotocol", "a", "--subprotocol", "a"}), HasSubstr("twice"));
  EXPECT_THAT(refusal({"ws://a/", "--deflate-parameters", "server_max_window_bits=16"}),
              HasSubstr("--deflate-parameters: 'server_max_window_bits=16'"));
  EXPECT_THAT(refusal({"ws://a/", "--require", "a b"}), HasSubstr("not the name of an extension"));
  EXPECT_THAT(refusal({"ws://a/", "--insecure"}), HasSubstr("wss:// only"));
  EXPECT_THAT(refusal({"wss://a/", "--ca-file", "/nonexistent.pem"}), HasSubstr("/nonexistent.pem"));
  EXPECT_THAT(refusal({"http://a/"}), HasSubstr("write ws://"));
}

}  // namespace
}  // namespace clearline::app::connect
