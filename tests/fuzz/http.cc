// A stream of HTTP requests, and the same bytes as a response: whole and cut into pieces they must give the same, no
// limit is passed, and a stream that was refused stays refused. Two bytes choose the cuts.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/fuzz.h"
#include "http/parser.h"

using namespace clearline;

namespace {

// Small, so that the fuzzer reaches them.
constexpr http::ParserLimits limits{.request_line_bytes_max = 60, .header_bytes_max = 200, .body_bytes_max = 40};
constexpr std::size_t messages_max = 20;

std::vector<std::string_view> cut(std::string_view text, std::size_t first, std::size_t second) {
  first = std::min(first, text.size());
  second = std::min(first + second, text.size());
  return {text.substr(0, first), text.substr(first, second - first), text.substr(second)};
}

std::string describe(const http::Request& request) {
  std::string text = std::string(request.method) + "|" + std::string(request.target) + "|" + std::string(request.path) +
                     "|" + std::string(request.query) + (request.keep_alive ? "|k|" : "|c|");
  for (const HeaderView& header : request.headers) {
    text.append(header.name).append("=").append(header.value).append("|");
  }
  return text.append(request.body);
}

// What a server would have seen, one line a request; the last one is a refusal or what is missing.
std::string parse_requests(const std::vector<std::string_view>& pieces) {
  http::RequestParser parser(limits);
  std::string seen;
  std::size_t count = 0;
  for (const std::string_view piece : pieces) {
    const std::string copy(piece);  // of exactly this size, so that a sanitizer sees a byte read beyond it
    std::string_view rest = copy;
    while (!rest.empty()) {
      const std::size_t taken = parser.feed(rest);
      FUZZ_CHECK(taken <= rest.size());
      rest.remove_prefix(taken);
      if (parser.state() == http::ParserState::failed) {
        FUZZ_CHECK(parser.error().status >= 400 && !parser.error().text.empty());
        return seen + "refused " + std::to_string(parser.error().status);
      }
      if (parser.state() == http::ParserState::need_more) {
        FUZZ_CHECK(rest.empty());
        break;
      }
      const http::Request& request = parser.request();
      FUZZ_CHECK(request.body.size() <= limits.body_bytes_max);
      FUZZ_CHECK(request.target.size() <= limits.request_line_bytes_max);
      FUZZ_CHECK(!request.path.empty());
      for (const HeaderView& header : request.headers) {
        FUZZ_CHECK(header.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
      }
      seen += describe(request) + "\n";
      parser.reset();
      if (++count == messages_max) return seen;
    }
  }
  return seen + (parser.started() ? "unfinished" : "idle");
}

std::string parse_response(const std::vector<std::string_view>& pieces) {
  http::ResponseParser parser(limits);
  for (const std::string_view piece : pieces) {
    const std::string copy(piece);
    FUZZ_CHECK(parser.feed(copy) <= copy.size());
    if (parser.state() != http::ParserState::need_more) break;
  }
  parser.finish();
  if (parser.state() != http::ParserState::complete) return "failed";
  const http::ReceivedResponse& response = parser.response();
  FUZZ_CHECK(response.body.size() <= limits.body_bytes_max);
  return std::to_string(response.status) + std::string(response.reason) + std::string(response.body);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::size_t first = input.take_byte();
  const std::size_t second = input.take_byte();
  const auto bytes = input.rest();
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  FUZZ_CHECK(parse_requests({text}) == parse_requests(cut(text, first, second)));
  FUZZ_CHECK(parse_response({text}) == parse_response(cut(text, first, second)));
  return 0;
}
