// Header fields, one a line, as a server and as a client would see them.
#include "ws/handshake.h"

#include <algorithm>
#include <string>
#include <vector>

#include "fuzz/fuzz.h"
#include "ws/http_lists.h"

using namespace clearline;

namespace {

std::vector<HeaderView> read_headers(std::string_view text) {
  std::vector<HeaderView> headers;
  while (!text.empty() && headers.size() < 100) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t colon = line.find(':');
    if (colon == line.npos) continue;
    headers.push_back({line.substr(0, colon), ws::trim(line.substr(colon + 1))});
  }
  return headers;
}

std::size_t count_lines(std::string_view head) {
  std::size_t count = 0;
  for (std::size_t at = head.find("\r\n"); at != head.npos; at = head.find("\r\n", at + 2)) ++count;
  return count;
}

void check_server(std::span<const HeaderView> headers) {
  const auto upgrade = ws::check_upgrade({.method = "GET", .target = "/", .headers = headers});
  if (!upgrade) {
    const int http_status = upgrade.error().http_status;
    FUZZ_CHECK(http_status == 400 || http_status == 426);
    FUZZ_CHECK(ws::make_refusal_response(upgrade.error()).starts_with("HTTP/1.1 4"));
    return;
  }
  FUZZ_CHECK(upgrade->key.size() == 24 && !upgrade->host.empty());
  for (const std::string_view name : upgrade->subprotocols) FUZZ_CHECK(ws::is_token(name));
  ws::Grant grant;
  if (!upgrade->subprotocols.empty()) grant.subprotocol = upgrade->subprotocols.back();
  grant.extensions = upgrade->extensions;
  const std::string response = ws::make_upgrade_response(*upgrade, grant);
  // No input gets a line of its own into the response.
  FUZZ_CHECK(count_lines(response) == 5U + (grant.subprotocol ? 1U : 0U) + (grant.extensions.empty() ? 0U : 1U));
  FUZZ_CHECK(response.ends_with("\r\n\r\n"));
}

void check_client(std::span<const HeaderView> headers) {
  ws::ClientRequest request{.host = "h", .target = "/", .key = "dGhlIHNhbXBsZSBub25jZQ=="};
  const std::string_view subprotocols[] = {"v1"};
  const ws::Extension extensions[] = {{.name = "permessage-deflate"}};
  request.subprotocols = subprotocols;
  request.extensions = extensions;
  const auto agreed = ws::check_response({101, headers}, request);
  if (agreed && agreed->subprotocol) FUZZ_CHECK(*agreed->subprotocol == "v1");
  if (agreed) {
    for (const auto& extension : agreed->extensions) {
      FUZZ_CHECK(ws::equals_ignoring_case(extension.name, "permessage-deflate"));
    }
  }
  request.headers = headers;
  if (const auto head = ws::make_request(request)) FUZZ_CHECK(count_lines(*head) == 9U + headers.size());
}

void check_extensions(std::string_view value) {
  const auto extensions = ws::parse_extensions(value);
  if (extensions) FUZZ_CHECK(ws::parse_extensions(ws::format_extensions(*extensions)) == extensions);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::vector<HeaderView> headers = read_headers(text);
  check_server(headers);
  check_client(headers);
  check_extensions(text);
  for (const HeaderView& header : headers) check_extensions(header.value);
  return 0;
}
