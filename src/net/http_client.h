// One HTTP request, waited for: what the command line tools need to sign in. Not for a loop's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/response.h"

namespace clearline::net {

class TlsClientContext;

struct HttpFetch {
  std::string host = "127.0.0.1";
  std::uint16_t port = 80;
  std::shared_ptr<const TlsClientContext> tls;  // https; the certificate must be for `host`
  std::string method = "GET";
  std::string target = "/";
  std::vector<http::Header> headers;
  std::string body;
  std::int64_t timeout_ms = 10'000;  // for all of it
  std::size_t response_bytes_max = std::size_t{16} << 20;
};

struct HttpReply {
  int status = 0;
  std::vector<http::Header> headers;
  std::string body;

  [[nodiscard]] std::string_view header(std::string_view name) const;
};

// HTTP, or HTTPS with `tls`. An HTTP error status is a reply, not an Error; a TLS failure is one that names its cause.
[[nodiscard]] Result<HttpReply> http_fetch(const HttpFetch& fetch);
// POST of a JSON text.
[[nodiscard]] Result<HttpReply> http_post_json(const std::string& host, std::uint16_t port, const std::string& target,
                                               std::string json);

}  // namespace clearline::net
