// An HTTP/1.1 response to send. The length is always known, so every response carries Content-Length (RFC 9110 section
// 8.6) and no chunked coding is ever produced.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"

namespace clearline::http {

struct Header {
  std::string name;
  std::string value;
};

struct Response {
  int status = 200;
  std::vector<Header> headers;
  // Text of its own, or bytes that outlive the server (embedded assets): those are sent from where they are.
  std::variant<std::string, std::span<const std::byte>> body;
  // Ends the connection behind this response even if the client asked to keep it.
  bool close = false;

  // Adds a field. A control character in the value becomes a space, so no value can add a header of its own.
  // Connection, Content-Length, Date and Transfer-Encoding are the writer's; naming one of them here is a bug and
  // asserts.
  Response& add_header(std::string_view name, std::string_view value);

  [[nodiscard]] std::string_view body_view() const;

  [[nodiscard]] static Response text(int status, std::string body);
  [[nodiscard]] static Response json(int status, std::string body);
  // The bytes must live as long as the server: they are not copied.
  [[nodiscard]] static Response asset(std::string_view content_type, std::span<const std::byte> bytes);
};

struct ResponseContext {
  bool keep_alive = true;
  bool http_1_0 = false;  // the client must then be told that the connection stays open
  WallTime now;           // for the Date field (RFC 9110 section 6.6.1)
};

// Appends the status line and all fields with the empty line behind them. The body is the caller's to send, except in
// the answer to a HEAD request, where the fields are those of the GET and no body follows.
void write_response_head(const Response& response, const ResponseContext& context, std::string& out);

// "Not Found" for 404; "Unknown" for what RFC 9110 and its extensions do not name.
[[nodiscard]] std::string_view status_text(int status);
// Responses of these statuses have no body: 1xx, 204 and 304 (RFC 9110 section 6.4.1).
[[nodiscard]] bool status_forbids_body(int status);

}  // namespace clearline::http
