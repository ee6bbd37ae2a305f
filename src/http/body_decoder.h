// Where a message's body ends (RFC 9112 section 6), and the body without its framing. Byte by byte the same however the
// input is cut; no lenience, for a body whose end two parsers see in different places is how requests are smuggled.
// Internal to parser.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/parser.h"

namespace clearline::http {

class BodyDecoder {
 public:
  // The body may have body_bytes_max, a chunk's line or the trailer header_bytes_max.
  explicit BodyDecoder(const ParserLimits& limits) : limits_(limits) {}

  void expect_nothing() { framing_ = Framing::complete; }
  void expect_length(std::uint64_t bytes);
  void expect_chunks() { framing_ = Framing::chunk_line; }
  void expect_until_eof() { framing_ = Framing::until_eof; }

  // Takes bytes up to the end of the body.
  std::size_t feed(std::string_view bytes);
  // The stream has ended.
  void finish();

  [[nodiscard]] bool complete() const { return framing_ == Framing::complete; }
  [[nodiscard]] bool failed() const { return error_.status != 0; }
  [[nodiscard]] const ParserError& error() const { return error_; }
  [[nodiscard]] const std::string& body() const { return body_; }

 private:
  enum class Framing : std::uint8_t {
    length,  // `remaining_` bytes
    until_eof,
    chunk_line,  // size and extensions
    chunk_data,  // `remaining_` bytes
    chunk_end,   // the CRLF behind them
    trailer,     // lines up to an empty one
    complete,
  };

  std::size_t take_data(std::string_view bytes);
  std::size_t take_line(std::string_view bytes);
  void end_line();
  void begin_chunk(std::string_view line);
  void take_trailer_line(std::string_view line);
  void fail(int status, std::string_view text) { error_ = {status, text}; }

  ParserLimits limits_;
  Framing framing_ = Framing::complete;
  std::uint64_t remaining_ = 0;
  std::size_t trailer_bytes_ = 0;
  std::string line_;  // an unfinished one
  std::string body_;
  ParserError error_;
};

}  // namespace clearline::http
