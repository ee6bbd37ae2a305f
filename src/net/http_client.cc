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

Result<void> receive_all(BlockingStream& stream, http::ResponseParser& parser, MonotonicTime deadline) {
  std::vector<char> buffer(std::size_t{64} << 10);
  while (parser.state() == http::ParserState::need_more) {
    const BlockingStream::Transfer received = stream.receive_some(std::as_writable_bytes(std::span(buffer)));
    if (received.status == Status::moved) {
      parser.feed({buffer.data(), received.bytes});
    } else if (received.status == Status::end_of_stream) {
      parser.finish();
    } else if (received.status == Status::would_block) {
      CLEARLINE_CHECK(wait_for(stream, {.read = true}, deadline, "waiting for the answer"));
    } else {
      return system_error("the answer did not arrive", received);
    }
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
  const std::string place = fetch.method + " http://" + fetch.host + ":" + std::to_string(fetch.port);
  const MonotonicTime deadline{monotonic_now().ms + fetch.timeout_ms};
  CLEARLINE_TRY(const auto request, make_request(fetch));
  CLEARLINE_TRY(BlockingStream stream, BlockingStream::connect(fetch.host, fetch.port, deadline));
  http::ParserLimits limits;
  limits.header_bytes_max = std::size_t{64} << 10;
  limits.body_bytes_max = fetch.response_bytes_max;
  http::ResponseParser parser(limits);
  CLEARLINE_CHECK(send_all(stream, request, deadline));
  CLEARLINE_CHECK(receive_all(stream, parser, deadline));
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
