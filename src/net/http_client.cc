#include "net/http_client.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "http/parser.h"
#include "http/request.h"
#include "net/blocking_stream.h"
#include "net/tls/session.h"

namespace clearline::net {

namespace {

using Status = BlockingStream::Status;

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

Result<std::string> make_request(const HttpFetch& fetch) {
  bool bad = has_control_character(fetch.method) || has_control_character(fetch.target) ||
             has_control_character(fetch.host) || fetch.target.find(' ') != std::string::npos;
  const std::string host = fetch.host.find(':') == std::string::npos ? fetch.host : "[" + fetch.host + "]";
  std::string text = fetch.method + " " + fetch.target + " HTTP/1.1\r\nHost: " + host + ":" +
                     std::to_string(fetch.port) + "\r\nConnection: close\r\n";
  for (const http::Header& header : fetch.headers) {
    bad = bad || has_control_character(header.name) || has_control_character(header.value);
    text += header.name + ": " + header.value + "\r\n";
  }
  if (bad) return fail(ErrorCode::invalid_argument, "a control character or space in the parts of an HTTP request");
  if (!fetch.body.empty() || fetch.method == "POST" || fetch.method == "PUT") {
    text += "Content-Length: " + std::to_string(fetch.body.size()) + "\r\n";
  }
  return text + "\r\n" + fetch.body;
}

Result<void> wait_for(BlockingStream& stream, BlockingStream::Interest interest, MonotonicTime deadline,
                      const char* what) {
  CLEARLINE_TRY(const bool in_time, stream.wait(interest, deadline));
  if (!in_time) return fail(ErrorCode::unavailable, std::string("timeout while ") + what);
  return {};
}

tl::unexpected<Error> system_error(const std::string& what, const BlockingStream::Transfer& transfer) {
  return fail(ErrorCode::io, what + ": " + std::strerror(transfer.errno_value));
}

Result<void> send_all(BlockingStream& stream, std::string_view text, MonotonicTime deadline) {
  while (!text.empty()) {
    const BlockingStream::Transfer sent = stream.send_some(std::as_bytes(std::span(text.data(), text.size())));
    if (sent.status == Status::reset) return {};  // the server may have answered before it read all of it
    if (sent.status == Status::failed) return system_error("send", sent);
    if (sent.status == Status::would_block) {
      CLEARLINE_CHECK(wait_for(stream, {.write = true}, deadline, "sending the request"));
    }
    text.remove_prefix(sent.bytes);
  }
  return {};
}

// Nothing at the end of the stream.
Result<std::size_t> receive_some(BlockingStream& stream, std::span<char> buffer, MonotonicTime deadline) {
  while (true) {
    const BlockingStream::Transfer received = stream.receive_some(std::as_writable_bytes(buffer));
    switch (received.status) {
      case Status::moved:
      case Status::end_of_stream:
        return received.bytes;
      case Status::would_block:
        CLEARLINE_CHECK(wait_for(stream, {.read = true}, deadline, "waiting for the answer"));
        break;
      case Status::reset:
      case Status::failed:
        return system_error("the answer did not arrive", received);
    }
  }
}

constexpr std::size_t buffer_bytes = std::size_t{64} << 10;

Result<void> exchange_plain(BlockingStream& stream, std::string_view request, http::ResponseParser& parser,
                            MonotonicTime deadline) {
  CLEARLINE_CHECK(send_all(stream, request, deadline));
  std::vector<char> buffer(buffer_bytes);
  while (parser.state() == http::ParserState::need_more) {
    CLEARLINE_TRY(const std::size_t count, receive_some(stream, buffer, deadline));
    if (count > 0) {
      parser.feed({buffer.data(), count});
    } else {
      parser.finish();
    }
  }
  return {};
}

Error tls_error(const TlsFailure& failure) {
  return {ErrorCode::io, failure.detail + " (" + std::string(registry::cause_name(failure.cause)) + ")"};
}

// The request leaves when the handshake is done and the certificate was found good.
Result<void> exchange_over_tls(BlockingStream& stream, const HttpFetch& fetch, std::string_view request,
                               http::ResponseParser& parser, MonotonicTime deadline) {
  TlsTransport transport;
  const auto session = TlsSession::connect(fetch.tls, fetch.host, transport);
  if (!session) return fail(ErrorCode::internal, "TLS cannot be set up for '" + fetch.host + "'");
  std::vector<char> ciphertext(buffer_bytes);
  std::vector<char> plaintext(buffer_bytes + TlsSession::record_bytes_max);
  bool sent = false;
  while (parser.state() == http::ParserState::need_more) {
    CLEARLINE_CHECK(send_all(stream, std::exchange(session->unsent(), {}), deadline));
    CLEARLINE_TRY(const std::size_t count, receive_some(stream, ciphertext, deadline));
    if (count == 0) {
      return fail(ErrorCode::io, session->established() ? "the answer was cut off (tls_truncated)"
                                                        : "the connection ended in the TLS handshake (tls_failed)");
    }
    const auto received = session->receive(std::as_bytes(std::span(ciphertext).first(count)),
                                           std::as_writable_bytes(std::span(plaintext)));
    if (received.plaintext_bytes > 0) parser.feed({plaintext.data(), received.plaintext_bytes});
    const bool whole = parser.state() != http::ParserState::need_more;
    if (received.status == TlsSession::Status::closed && !whole) parser.finish();
    if (session->established() && !std::exchange(sent, true)) {
      if (!session->seal(std::as_bytes(std::span(request)), session->unsent())) {
        return tl::unexpected(tls_error(session->failure()));
      }
    }
    if (received.status != TlsSession::Status::failed) continue;
    CLEARLINE_CHECK(send_all(stream, session->unsent(), deadline));  // our alert
    return tl::unexpected(tls_error(session->failure()));
  }
  return {};
}

}  // namespace

std::string_view HttpReply::header(std::string_view name) const {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [&](const auto& header) { return http::equal_without_case(header.name, name); });
  return found == headers.end() ? std::string_view{} : found->value;
}

Result<HttpReply> http_fetch(const HttpFetch& fetch) {
  const std::string scheme = fetch.tls ? " https://" : " http://";
  const std::string place = fetch.method + scheme + fetch.host + ":" + std::to_string(fetch.port);
  const MonotonicTime deadline{monotonic_now().ms + fetch.timeout_ms};
  CLEARLINE_TRY(const auto request, make_request(fetch));
  CLEARLINE_TRY(BlockingStream stream, BlockingStream::connect(fetch.host, fetch.port, deadline));
  http::ParserLimits limits;
  limits.header_bytes_max = std::size_t{64} << 10;
  limits.body_bytes_max = fetch.response_bytes_max;
  http::ResponseParser parser(limits);
  const auto exchanged = fetch.tls ? exchange_over_tls(stream, fetch, request, parser, deadline)
                                   : exchange_plain(stream, request, parser, deadline);
  CLEARLINE_CHECK(exchanged);
  if (parser.state() == http::ParserState::failed) {
    return fail(ErrorCode::corrupt, place + ": the answer is not valid: " + std::string(parser.error().text));
  }
  const http::ReceivedResponse& response = parser.response();
  HttpReply reply;
  reply.status = response.status;
  reply.body = response.body;
  for (const HeaderView& header : response.headers) {
    reply.headers.push_back({std::string(header.name), std::string(header.value)});
  }
  return reply;
}

Result<HttpReply> http_post_json(const std::string& host, std::uint16_t port, const std::string& target,
                                 std::string json) {
  HttpFetch fetch;
  fetch.host = host;
  fetch.port = port;
  fetch.method = "POST";
  fetch.target = target;
  fetch.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
  fetch.body = std::move(json);
  return http_fetch(fetch);
}

}  // namespace clearline::net
