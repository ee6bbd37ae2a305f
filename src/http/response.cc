#include "http/response.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <iterator>
#include <utility>

#include "base/result.h"
#include "http/request.h"
#include "http/token.h"

namespace clearline::http {

namespace {

bool belongs_to_the_writer(std::string_view name) {
  constexpr std::array<std::string_view, 4> names = {"Connection", "Content-Length", "Date", "Transfer-Encoding"};
  return std::any_of(names.begin(), names.end(), [&](auto own) { return equal_without_case(name, own); });
}

// RFC 9110 section 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT", in English whatever the locale.
void write_date(WallTime now, std::string& out) {
  constexpr std::array<const char*, 7> days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = now.ms / 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  fmt::format_to(std::back_inserter(out), "Date: {}, {:02} {} {} {:02}:{:02}:{:02} GMT\r\n",
                 days[static_cast<std::size_t>(utc.tm_wday)], utc.tm_mday, months[static_cast<std::size_t>(utc.tm_mon)],
                 utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

}  // namespace

Response& Response::add_header(std::string_view name, std::string_view value) {
  CLEARLINE_ASSERT(is_token(name));
  CLEARLINE_ASSERT(!belongs_to_the_writer(name));
  std::string safe(value);
  // A CR or LF from somebody's input would begin a header, or a response, of that somebody's choice.
  std::replace_if(
      safe.begin(), safe.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  headers.push_back({std::string(name), std::move(safe)});
  return *this;
}

std::string_view Response::body_view() const {
  if (const auto* text = std::get_if<std::string>(&body)) return *text;
  const auto bytes = std::get<std::span<const std::byte>>(body);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Response Response::text(int status, std::string body) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  response.add_header("Content-Type", "text/plain; charset=utf-8");
  return response;
}

Response Response::json(int status, std::string body) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  response.add_header("Content-Type", "application/json");
  return response;
}

Response Response::asset(std::string_view content_type, std::span<const std::byte> bytes) {
  Response response;
  response.body = bytes;
  response.add_header("Content-Type", content_type);
  return response;
}

void write_response_head(const Response& response, const ResponseContext& context, std::string& out) {
  CLEARLINE_ASSERT(response.status >= 100 && response.status <= 599);
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", response.status, status_text(response.status));
  write_date(context.now, out);
  for (const Header& header : response.headers) {
    out.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  if (!status_forbids_body(response.status)) {
    fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", response.body_view().size());
  }
  if (!context.keep_alive) {
    out.append("Connection: close\r\n");
  } else if (context.http_1_0) {
    out.append("Connection: keep-alive\r\n");
  }
  out.append("\r\n");
}

std::string_view status_text(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 426:
      return "Upgrade Required";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Unknown";
  }
}

bool status_forbids_body(int status) {
  return status < 200 || status == 204 || status == 304;
}

}  // namespace clearline::http
