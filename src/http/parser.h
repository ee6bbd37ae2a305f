// Bytes to requests (server) and bytes to responses (client), without I/O. Strict where leniency lets a second parser
// on the way disagree about where a message ends (RFC 9112 section 11.2): one length, no folded lines, no bare LF, no
// white space in front of a colon.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/header.h"
#include "http/request.h"

namespace clearline::http {

struct ParserLimits {
  std::size_t request_line_bytes_max = 4096;
  std::size_t header_bytes_max = 8192;  // the request line included
  std::size_t body_bytes_max = std::size_t{1} << 20;
};

enum class ParserState : std::uint8_t { need_more, complete, failed };

// What is wrong and the status that says so: 400, 413, 414, 431, 501 or 505. After a failure the connection must close,
// for nobody knows where the next request would begin.
struct ParserError {
  int status = 0;
  std::string_view text;
};

class RequestParser {
 public:
  explicit RequestParser(const ParserLimits& limits);
  ~RequestParser();
  RequestParser(RequestParser&&) noexcept;
  RequestParser& operator=(RequestParser&&) noexcept;

  // Takes bytes up to the end of one request and returns how many it took. What is left belongs to the next request or,
  // behind an accepted upgrade, to the next protocol.
  std::size_t feed(std::string_view bytes);
  [[nodiscard]] ParserState state() const;
  [[nodiscard]] const ParserError& error() const;

  // The header is complete and the client waits for "100 Continue" before it sends the body (RFC 9110 section 10.1.1).
  // Says so once.
  [[nodiscard]] bool take_expect_continue();
  // A request has begun to arrive: the difference between an idle connection and a late request.
  [[nodiscard]] bool started() const;

  // Valid in state complete, until reset().
  [[nodiscard]] const Request& request() const;
  void reset();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// The client's view of an answer; views into the parser's buffers.
struct ReceivedResponse {
  int status = 0;
  std::string_view reason;
  bool keep_alive = true;
  std::span<const HeaderView> headers;
  std::string_view body;

  [[nodiscard]] std::string_view header(std::string_view name) const;
};

class ResponseParser {
 public:
  explicit ResponseParser(const ParserLimits& limits);
  ~ResponseParser();
  ResponseParser(ResponseParser&&) noexcept;
  ResponseParser& operator=(ResponseParser&&) noexcept;

  // As RequestParser::feed. Stops behind the header of a 101, since other bytes than HTTP follow it; other 1xx are
  // skipped.
  std::size_t feed(std::string_view bytes);
  // The peer closed: completes a body that is delimited by the end of the stream, fails a truncated one.
  void finish();
  [[nodiscard]] ParserState state() const;
  [[nodiscard]] const ParserError& error() const;
  [[nodiscard]] const ReceivedResponse& response() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace clearline::http
