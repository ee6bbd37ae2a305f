#include "net/http_client.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "http/parser.h"
#include "http/request.h"
#include "net/file_descriptor.h"
#include "net/socket_address.h"

namespace clearline::net {

namespace {

Error system_error(const std::string& what) {
  return {ErrorCode::io, what + ": " + std::strerror(errno)};
}

Result<void> wait_for(int fd, short events, MonotonicTime deadline, const char* what) {
  while (true) {
    const std::int64_t left_ms = std::max<std::int64_t>(deadline.ms - monotonic_now().ms, 0);
    pollfd poll{fd, events, 0};
    const int ready = ::poll(&poll, 1, static_cast<int>(std::min<std::int64_t>(left_ms, 1'000'000)));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return tl::unexpected(system_error("poll"));
    if (ready == 0 && left_ms == 0) return fail(ErrorCode::unavailable, std::string("timeout while ") + what);
  }
}

Result<FileDescriptor> connect_to(const SocketAddress& address, MonotonicTime deadline) {
  FileDescriptor fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return tl::unexpected(system_error("socket"));
  const std::string place = "cannot connect to " + address.text();
  if (::connect(fd.get(), address.data(), address.size()) == 0) return fd;
  if (errno != EINPROGRESS) return tl::unexpected(system_error(place));
  CLEARLINE_CHECK(wait_for(fd.get(), POLLOUT, deadline, "connecting"));
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return fail(ErrorCode::io, place + ": " + std::strerror(error));
  return fd;
}

Result<FileDescriptor> connect_to_host(const HttpFetch& fetch, MonotonicTime deadline) {
  CLEARLINE_TRY(const auto addresses, resolve(fetch.host, fetch.port));
  Result<FileDescriptor> connected = fail(ErrorCode::not_found, "'" + fetch.host + "' has no address");
  for (const SocketAddress& address : addresses) {
    connected = connect_to(address, deadline);
    if (connected) break;
  }
  return connected;
}

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

Result<void> send_all(int fd, std::string_view text, MonotonicTime deadline) {
  while (!text.empty()) {
    const ssize_t sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      text.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      CLEARLINE_CHECK(wait_for(fd, POLLOUT, deadline, "sending the request"));
    } else if (errno == EPIPE || errno == ECONNRESET) {
      return {};  // the server may have answered before it read all of it
    } else if (errno != EINTR) {
      return tl::unexpected(system_error("send"));
    }
  }
  return {};
}

Result<void> receive_all(int fd, http::ResponseParser& parser, MonotonicTime deadline) {
  std::vector<char> buffer(std::size_t{64} << 10);
  while (parser.state() == http::ParserState::need_more) {
    const ssize_t count = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (count > 0) {
      parser.feed({buffer.data(), static_cast<std::size_t>(count)});
    } else if (count == 0) {
      parser.finish();
    } else if (errno == EAGAIN) {
      CLEARLINE_CHECK(wait_for(fd, POLLIN, deadline, "waiting for the answer"));
    } else if (errno != EINTR) {
      return tl::unexpected(system_error("the answer did not arrive"));
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
  CLEARLINE_TRY(const FileDescriptor fd, connect_to_host(fetch, deadline));
  http::ParserLimits limits;
  limits.header_bytes_max = std::size_t{64} << 10;
  limits.body_bytes_max = fetch.response_bytes_max;
  http::ResponseParser parser(limits);
  CLEARLINE_CHECK(send_all(fd.get(), request, deadline));
  CLEARLINE_CHECK(receive_all(fd.get(), parser, deadline));
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
