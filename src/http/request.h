// A parsed HTTP/1.1 request. Everything is a view into the parser's buffers: valid during the callback that hands it
// over.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/header.h"

namespace clearline::http {

struct Request {
  std::string_view method;              // as received; methods are case-sensitive (RFC 9110 section 9.1)
  std::string_view target;              // the request line's second word, untouched
  std::string_view path;                // the target without query and, in absolute form, without scheme and authority
  std::string_view query;               // behind the '?', without it; not decoded
  std::uint8_t minor_version = 1;       // HTTP/1.0 or HTTP/1.1
  bool keep_alive = true;               // what the version and the Connection header ask for
  std::span<const HeaderView> headers;  // in order of arrival
  std::string_view body;                // whole, with any chunked coding removed

  // The first field of that name, compared without case; empty when there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  [[nodiscard]] bool has_header(std::string_view name) const;
};

// The value of the first field of that name; empty when there is none.
[[nodiscard]] std::string_view find_header(std::span<const HeaderView> headers, std::string_view name);
// ASCII comparison without case, for header names and tokens.
[[nodiscard]] bool equal_without_case(std::string_view left, std::string_view right);
// Whether a comma-separated header value (Connection, Upgrade) contains the token, compared without case.
[[nodiscard]] bool list_contains_token(std::string_view list, std::string_view token);
// Whether an If-None-Match field names this entity tag, or any ("*"): the weak comparison of RFC 9110 section 13.1.2,
// so a tag that a proxy has weakened while it compressed still matches.
[[nodiscard]] bool entity_tag_matches(std::string_view if_none_match, std::string_view etag);

}  // namespace clearline::http
