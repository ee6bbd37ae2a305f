#include "app/cli/connect.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "app/cli/arguments.h"
#include "app/cli/connect/raw_terminal.h"
#include "app/cli/connect/session.h"
#include "app/cli/connect/unix_url.h"
#include "app/cli/interrupt.h"
#include "app/cli/websocket_url.h"
#include "http/request.h"
#include "http/token.h"
#include "net/tls/client_context.h"
#include "ws/protocol.h"
#include "ws/utf8.h"

namespace clearline::app {

namespace {

using namespace connect;

struct ConnectLine {
  std::string url;
  std::vector<std::string> subprotocols;
  std::vector<std::string> headers;
  std::string origin;
  bool deflate = false;
  std::optional<std::string> deflate_parameters;
  std::vector<std::string> required;
  std::optional<std::string> close;
  bool no_input = false;
  bool binary = false;
  bool json = false;
  double wait_s = 1;
  std::size_t receive = 0;
  double ping_s = 0;
  double timeout_s = 10;
  std::uint64_t message_bytes_max = std::uint64_t{16} << 20;
  bool insecure = false;
  std::string ca_file;
};

constexpr double seconds_max = 86'400;

void add_handshake_options(CLI::App& app, ConnectLine& line) {
  app.add_option("--subprotocol", line.subprotocols, "Offer this subprotocol; repeat it in order of preference")
      ->type_name("NAME")
      ->allow_extra_args(false);
  app.add_option("--header", line.headers, "Send this header field with the handshake; may be repeated")
      ->type_name("'NAME: VALUE'")
      ->allow_extra_args(false);
  app.add_option("--origin", line.origin, "Send this Origin, as a page of that origin would");
  app.add_flag("--deflate", line.deflate, "Offer permessage-deflate without context takeover");
  app.add_option("--deflate-parameters", line.deflate_parameters,
                 "Offer it with these parameters instead, in the words of RFC 7692:\n"
                 "'server_no_context_takeover; client_max_window_bits=12'")
      ->type_name("LIST");
  app.add_option("--require", line.required,
                 "Offer this extension and end with 1010 if the server does not grant it;\nmay be repeated")
      ->type_name("EXTENSION")
      ->allow_extra_args(false);
  app.add_option("--timeout", line.timeout_s, "Seconds for the opening, and again for the closing handshake")
      ->check(CLI::Range(0.001, seconds_max))
      ->capture_default_str();
  auto* insecure = app.add_flag("--insecure", line.insecure, "wss: do not verify the server's certificate");
  app.add_option("--ca-file", line.ca_file, "wss: trust the authorities in this PEM file, not the system's")
      ->excludes(insecure);
}

void add_message_options(CLI::App& app, ConnectLine& line) {
  app.add_flag("--binary", line.binary, "Send lines as binary messages");
  auto* no_input = app.add_flag("--no-input", line.no_input, "Do not read standard input");
  app.add_option("--wait", line.wait_s,
                 "When a piped standard input has ended: close once no message has come\nfor so many seconds")
      ->check(CLI::Range(0.0, seconds_max))
      ->excludes(no_input)
      ->capture_default_str();
  app.add_option("--receive", line.receive, "Close when so many messages have come, however the input stands")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 40));
  app.add_option("--close", line.close,
                 "The code to close with, and why (default: 1000). With --no-input and\n"
                 "without --receive: close as soon as it is open")
      ->type_name("CODE[:REASON]");
  app.add_option("--ping", line.ping_s,
                 "Send a ping every so many seconds and print its round-trip time; when one\n"
                 "is not answered before the next, the connection is given up (4902)")
      ->check(CLI::Range(0.001, seconds_max));
  app.add_option("--max-message", line.message_bytes_max, "Bytes of the longest message that is taken (1009)")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 40))
      ->capture_default_str();
  app.add_flag("--json", line.json, "Print every event as one JSON object a line");
  app.footer(
      "Each line of standard input becomes a text message, each message received a line of\n"
      "standard output; a binary one is printed in hexadecimal behind \"binary: \". Everything else\n"
      "goes to standard error, and the last line there says why the connection ended. Ctrl-C\n"
      "closes with 1001; a second one does not wait for the answer.\n\n"
      "Exit status: 0 closed as asked, or by the server with 1000, 1001 or no code; 1 standard\n"
      "output is gone; 2 the command line or the input is wrong; 3 the server refused the handshake;\n"
      "4 it was not reached; 5 TLS failed (1015); 6 the server broke a protocol or sent too much;\n"
      "7 the connection was lost (1006), or no Close came in answer to ours; 8 the server closed with\n"
      "an error; 9 an extension is missing (1010); 130 interrupted.");
}

tl::unexpected<Error> refuse(std::string message) {
  return fail(ErrorCode::invalid_argument, std::move(message));
}

std::int64_t milliseconds(double seconds) {
  return static_cast<std::int64_t>(seconds * 1000 + 0.5);
}

// In the registry's words.
std::string why_not(std::uint16_t code) {
  const registry::Entry& entry = registry::lookup(code);
  return fmt::format("--close {}: a client cannot send {}. {} Who may send it: {}", code, entry.name, entry.meaning,
                     entry.sender);
}

Result<CloseWish> parse_close(std::string_view text) {
  CloseWish wish;
  const std::size_t colon = std::min(text.find(':'), text.size());
  const std::string_view digits = text.substr(0, colon);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), wish.code);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) {
    return refuse(fmt::format("--close {}: write CODE or CODE:REASON with a number from 0 to 65535", text));
  }
  if (!registry::may_be_sent(wish.code, registry::Role::client)) return refuse(why_not(wish.code));
  if (colon < text.size()) wish.reason = text.substr(colon + 1);
  if (!ws::is_valid_utf8(ws::as_payload(wish.reason))) return refuse("--close: the reason is not UTF-8");
  if (wish.reason.size() > ws::close_reason_bytes_max) {
    return refuse(fmt::format("--close: the reason has {} bytes; a Close frame has room for {}", wish.reason.size(),
                              ws::close_reason_bytes_max));
  }
  return wish;
}

Result<http::Header> parse_header(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return refuse(fmt::format("--header '{}': write 'NAME: VALUE'", text));
  http::Header header{std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
  if (!http::is_token(header.name)) {
    return refuse(fmt::format("--header '{}': '{}' is not the name of a header field", text, header.name));
  }
  for (const std::string_view own :
       {"Host", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Protocol",
        "Sec-WebSocket-Extensions", "Origin", "Content-Length", "Transfer-Encoding"}) {
    if (http::equal_without_case(header.name, own)) {
      return refuse(fmt::format("--header '{}': {} is made by the handshake itself", text, own));
    }
  }
  header.value.erase(0, header.value.find_first_not_of(" \t"));
  return header;
}

// True for wss.
Result<bool> fill_place(const std::string& text, net::ConnectOptions& options) {
  if (text.starts_with(unix_scheme)) {
    CLEARLINE_TRY(UnixUrl url, parse_unix_url(text));
    options.host = "localhost";
    options.unix_path = std::move(url.path);
    options.target = std::move(url.target);
    return false;
  }
  CLEARLINE_TRY(WebSocketUrl url, parse_websocket_url(text));
  options.host = std::move(url.host);
  options.port = url.port;
  options.target = std::move(url.target);
  return url.secure;
}

Result<void> fill_handshake(const ConnectLine& line, net::ConnectOptions& options) {
  CLEARLINE_TRY(const bool secure, fill_place(line.url, options));
  if (!line.origin.empty()) options.origin = line.origin;
  for (const std::string& name : line.subprotocols) {
    if (!http::is_token(name)) return refuse(fmt::format("--subprotocol '{}': not a token", name));
    if (std::count(line.subprotocols.begin(), line.subprotocols.end(), name) > 1) {
      return refuse(fmt::format("--subprotocol {} is there twice", name));
    }
  }
  options.subprotocols = line.subprotocols;
  for (const std::string& text : line.headers) {
    CLEARLINE_TRY(http::Header header, parse_header(text));
    options.headers.push_back(std::move(header));
  }
  if (line.deflate) options.deflate.emplace();
  if (line.deflate_parameters) {
    auto deflate = ws::parse_deflate_options(*line.deflate_parameters);
    if (!deflate) return tl::unexpected(deflate.error().at("--deflate-parameters"));
    options.deflate = *deflate;
  }
  options.required_extensions = line.required;
  if (!secure) {
    if (line.insecure || !line.ca_file.empty()) return refuse("--insecure and --ca-file are for wss:// only");
    return {};
  }
  CLEARLINE_TRY(options.tls, net::TlsClientContext::create({.ca_file = line.ca_file, .insecure = line.insecure}));
  return {};
}

Result<Plan> make_plan(const ConnectLine& line) {
  Plan plan;
  plan.url = line.url;
  CLEARLINE_CHECK(fill_handshake(line, plan.connect));
  net::Limits& limits = plan.client.limits;
  limits.message_bytes_max = line.message_bytes_max;
  limits.outgoing_bytes_max = std::size_t{64} << 20;  // one line of the input, and what was read with it
  limits.handshake_timeout_ms = limits.close_timeout_ms = milliseconds(line.timeout_s);
  plan.read_input = !line.no_input;
  plan.binary = line.binary;
  if (line.close) {
    CLEARLINE_TRY(plan.close, parse_close(*line.close));
  }
  plan.ping_interval_ms = milliseconds(line.ping_s);
  plan.wait_ms = milliseconds(line.wait_s);
  plan.receive_max = line.receive;
  return plan;
}

Result<int> connect_and_talk(const Plan& plan, bool json, std::ostream& out, std::ostream& err) {
  CLEARLINE_TRY(const std::unique_ptr<net::Loop> loop, net::Loop::create());
  CLEARLINE_TRY(const std::unique_ptr<Interrupt> interrupt, Interrupt::create());
  const bool interactive = plan.read_input && ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1;
  std::unique_ptr<RawTerminal> terminal;
  std::optional<LineEditor> editor;
  if (interactive) {
    CLEARLINE_TRY(terminal, RawTerminal::create(STDIN_FILENO));
    editor.emplace(terminal_columns(STDERR_FILENO));
  }
  LineEditor* const editor_if_any = editor ? &*editor : nullptr;
  const bool out_is_terminal = &out == &std::cout && ::isatty(STDOUT_FILENO) == 1;
  Printer printer(out, err, {.json = json, .out_is_terminal = out_is_terminal}, editor_if_any);
  Session session(*loop, *interrupt, plan, printer, editor_if_any);
  return session.run();
}

}  // namespace

int run_connect(std::span<const std::string> arguments, std::ostream& out, std::ostream& err) {
  ConnectLine line;
  CLI::App app("A WebSocket client: lines of standard input to a server, its messages to standard output.",
               "clearline connect");
  app.add_option("URL", line.url, "ws://HOST[:PORT][/PATH], wss:// with TLS, or ws+unix:SOCKET[:/PATH]")->required();
  add_handshake_options(app, line);
  add_message_options(app, line);
  if (const auto status = parse_arguments(app, arguments, out, err)) return *status;
  const Result<Plan> plan = make_plan(line);
  if (!plan) {
    err << "clearline connect: " << plan.error().message << '\n';
    return exit_usage;
  }
  std::signal(SIGPIPE, SIG_IGN);  // whoever reads our output may leave; the connection is then still closed properly
  const Result<int> status = connect_and_talk(*plan, line.json, out, err);
  if (status) return *status;
  err << "clearline connect: " << status.error().message << '\n';
  return exit_usage;
}

}  // namespace clearline::app
