#include "http/parser.h"

#include <algorithm>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/none.hpp>
#include <charconv>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/body_decoder.h"

namespace clearline::http {

namespace {

namespace beast = boost::beast;

std::string_view to_view(beast::string_view text) {
  return {text.data(), text.size()};
}

std::size_t count_headers(std::span<const HeaderView> headers, std::string_view name) {
  return static_cast<std::size_t>(
      std::count_if(headers.begin(), headers.end(), [&](const auto& h) { return equal_without_case(h.name, name); }));
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// RFC 9112 section 9.3.
bool wants_keep_alive(std::span<const HeaderView> headers, int minor_version) {
  bool keep_alive = minor_version >= 1;
  for (const HeaderView& header : headers) {
    if (!equal_without_case(header.name, "Connection")) continue;
    if (list_contains_token(header.value, "close")) return false;
    if (list_contains_token(header.value, "keep-alive")) keep_alive = true;
  }
  return keep_alive;
}

// What Beast takes in the interest of old peers and we do not. A message whose length two parsers can read in two ways
// is how requests are smuggled past a proxy (RFC 9112 section 11.2).
ParserError check_framing(std::span<const HeaderView> headers, int minor_version) {
  const auto lengths = count_headers(headers, "Content-Length");
  const auto codings = count_headers(headers, "Transfer-Encoding");
  if (lengths > 1) return {400, "more than one Content-Length"};
  if (lengths == 1 && !all_digits(find_header(headers, "Content-Length"))) return {400, "bad Content-Length"};
  if (codings == 0) return {};
  if (lengths > 0) return {400, "both Content-Length and Transfer-Encoding"};
  if (minor_version == 0) return {400, "Transfer-Encoding in an HTTP/1.0 message"};
  if (codings > 1) return {400, "more than one Transfer-Encoding"};
  if (!equal_without_case(find_header(headers, "Transfer-Encoding"), "chunked")) {
    return {501, "a transfer coding other than chunked"};
  }
  return {};
}

ParserError to_parser_error(const beast::error_code& code) {
  using beast::http::error;
  if (code == error::bad_method) return {400, "bad method"};
  if (code == error::bad_target) return {400, "bad request target"};
  if (code == error::bad_version) return {400, "bad HTTP version"};
  if (code == error::bad_field) return {400, "bad header field name"};
  if (code == error::bad_value) return {400, "bad header field value"};
  if (code == error::bad_content_length || code == error::multiple_content_length) return {400, "bad Content-Length"};
  if (code == error::bad_transfer_encoding) return {400, "bad Transfer-Encoding"};
  return {400, "malformed message"};
}

// A header by Beast's grammar, in our storage: fields are views into `head_`, which holds the whole header before Beast
// sees it. The body is BodyDecoder's, since Beast's answer to a bad chunk depends on how the input was cut.
template <bool is_request>
class Machine final : private beast::http::basic_parser<is_request> {
  using Base = beast::http::basic_parser<is_request>;

 public:
  explicit Machine(const ParserLimits& limits) : limits_(limits), body_(limits) {
    // Our own limits decide.
    Base::header_limit(std::numeric_limits<std::uint32_t>::max());
    Base::body_limit(boost::none);
  }

  // One after the other, so that the header can be judged before the body is looked at.
  std::size_t feed_header(std::string_view bytes) {
    return state == ParserState::need_more && !header_done_ ? take_head(bytes) : 0;
  }
  std::size_t feed_body(std::string_view bytes) {
    if (state != ParserState::need_more || !header_done_) return 0;
    const std::size_t taken = body_.feed(bytes);
    follow_body();
    return taken;
  }

  void finish() {
    if (state != ParserState::need_more) return;
    if (!header_done_) return fail({400, "the message is incomplete"});
    body_.finish();
    follow_body();
  }

  void fail(const ParserError& found) {
    error = found;
    state = ParserState::failed;
  }

  [[nodiscard]] bool started() const { return !head_.empty(); }
  [[nodiscard]] bool header_done() const { return header_done_; }
  [[nodiscard]] const std::string& body() const { return body_.body(); }

  ParserState state = ParserState::need_more;
  ParserError error;
  int status = 0;
  int minor_version = 1;
  std::string_view method;
  std::string_view target;
  std::string_view reason;
  std::vector<HeaderView> headers;

 private:
  std::size_t take_head(std::string_view bytes) {
    std::size_t taken = 0;
    // RFC 9112 section 2.2: empty lines in front of a request line are ignored.
    if (head_.empty()) {
      while (taken < bytes.size() && (bytes[taken] == '\r' || bytes[taken] == '\n')) ++taken;
      skipped_ += taken;
      if (skipped_ > limits_.header_bytes_max) {
        fail({400, "empty lines in place of a request"});
        return taken;
      }
      bytes.remove_prefix(taken);
      if (bytes.empty()) return taken;
    }
    const std::size_t before = head_.size();
    const std::size_t room = limits_.header_bytes_max - std::min(limits_.header_bytes_max, before);
    head_.append(bytes.substr(0, room + 1));  // one more than the limit shows that it was passed
    const auto end = head_.find("\r\n\r\n", before < 3 ? 0 : before - 3);
    if (is_request && request_line_bytes() > limits_.request_line_bytes_max) {
      fail({414, "the request line is too long"});
    } else if (end == std::string::npos || end + 4 > limits_.header_bytes_max) {
      if (head_.size() > limits_.header_bytes_max) fail({431, "the header is too large"});
    } else {
      head_.resize(end + 4);
      parse_head();
    }
    return taken + (head_.size() - before);
  }

  // As far as it is here; a CR at the very end may be the first half of the line's end.
  [[nodiscard]] std::size_t request_line_bytes() const {
    const std::size_t end = head_.find("\r\n");
    return end != std::string::npos ? end : head_.size() - (head_.ends_with('\r') ? 1 : 0);
  }

  void parse_head() {
    // RFC 9112 section 5.2: a folded line is to be refused, not repaired.
    if (head_.find("\r\n ") != std::string::npos || head_.find("\r\n\t") != std::string::npos) {
      return fail({400, "a folded header line"});
    }
    if (is_request && asks_for_another_version()) return fail({505, "HTTP version not supported"});
    beast::error_code code;
    const auto taken = Base::put({head_.data(), head_.size()}, code);
    if (code) return fail(to_parser_error(code));
    if (taken != head_.size()) return fail({400, "malformed message"});
    if (const ParserError wrong = check_framing(headers, minor_version); wrong.status != 0) return fail(wrong);
    header_done_ = true;
    expect_body();
    follow_body();
  }

  // RFC 9112 section 6.3, in its order.
  void expect_body() {
    const bool never_has_one = !is_request && (status / 100 == 1 || status == 204 || status == 304);
    const std::string_view length = find_header(headers, "Content-Length");
    if (never_has_one) {
      body_.expect_nothing();
    } else if (!find_header(headers, "Transfer-Encoding").empty()) {
      body_.expect_chunks();
    } else if (!length.empty()) {
      std::uint64_t bytes = 0;
      const auto [end, wrong] = std::from_chars(length.data(), length.data() + length.size(), bytes);
      if (wrong != std::errc{}) return fail({400, "bad Content-Length"});
      body_.expect_length(bytes);
    } else if (is_request) {
      body_.expect_nothing();
    } else {
      body_.expect_until_eof();
    }
  }

  void follow_body() {
    if (state == ParserState::failed) return;
    if (body_.failed()) return fail(body_.error());
    if (body_.complete()) state = ParserState::complete;
  }

  // "HTTP/2.0" at the end of the request line is a version, if not one of ours; "HTTQ/1.1" is not.
  [[nodiscard]] bool asks_for_another_version() const {
    const std::string_view line = std::string_view(head_).substr(0, head_.find("\r\n"));
    const std::string_view version = line.substr(line.rfind(' ') + 1);
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    return version.size() == 8 && version.substr(0, 5) == "HTTP/" && is_digit(version[5]) && version[6] == '.' &&
           is_digit(version[7]) && version != "HTTP/1.1" && version != "HTTP/1.0";
  }

  void on_request_impl(beast::http::verb /*known*/, beast::string_view name, beast::string_view request_target,
                       int version, beast::error_code& /*code*/) override {
    method = to_view(name);
    target = to_view(request_target);
    minor_version = version % 10;
  }

  void on_response_impl(int code, beast::string_view text, int version, beast::error_code& /*error*/) override {
    status = code;
    reason = to_view(text);
    minor_version = version % 10;
  }

  void on_field_impl(beast::http::field /*known*/, beast::string_view name, beast::string_view value,
                     beast::error_code& /*code*/) override {
    headers.push_back({to_view(name), to_view(value)});
  }

  void on_header_impl(beast::error_code& /*code*/) override {}
  void on_finish_impl(beast::error_code& /*code*/) override {}

  // Beast is given the header alone, so none of these is ever called.
  void on_body_init_impl(const boost::optional<std::uint64_t>& /*length*/, beast::error_code& /*code*/) override {}
  std::size_t on_body_impl(beast::string_view piece, beast::error_code& /*code*/) override { return piece.size(); }
  void on_chunk_header_impl(std::uint64_t /*size*/, beast::string_view /*extensions*/,
                            beast::error_code& /*code*/) override {}
  std::size_t on_chunk_body_impl(std::uint64_t /*remaining*/, beast::string_view piece,
                                 beast::error_code& /*code*/) override {
    return piece.size();
  }

  ParserLimits limits_;
  std::size_t skipped_ = 0;
  std::string head_;
  bool header_done_ = false;
  BodyDecoder body_;
};

// RFC 9112 section 3.2: the four forms of a request target.
bool split_target(Request& request) {
  std::string_view rest = request.target;
  if (rest == "*" && request.method == "OPTIONS") {
    request.path = rest;
    return true;
  }
  if (request.method == "CONNECT") {
    request.path = rest;
    return true;
  }
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (rest.size() < scheme.size() || !equal_without_case(rest.substr(0, scheme.size()), scheme)) continue;
    rest.remove_prefix(scheme.size());
    const auto authority_bytes = std::min(rest.find_first_of("/?"), rest.size());
    if (authority_bytes == 0) return false;
    rest.remove_prefix(authority_bytes);
    if (rest.empty() || rest.front() == '?') {
      request.path = "/";
      request.query = rest.substr(rest.empty() ? 0 : 1);
      return true;
    }
    break;
  }
  if (rest.empty() || rest.front() != '/') return false;
  if (rest.find('#') != std::string_view::npos) return false;  // a fragment is never sent
  const auto question_mark = rest.find('?');
  request.path = rest.substr(0, question_mark);
  if (question_mark != std::string_view::npos) request.query = rest.substr(question_mark + 1);
  return true;
}

}  // namespace

class RequestParser::Impl {
 public:
  explicit Impl(const ParserLimits& parser_limits) : limits(parser_limits), machine(std::in_place, limits) {}

  // Once, when the header is complete.
  void take_header() {
    header_taken = true;
    request.method = machine->method;
    request.target = machine->target;
    request.minor_version = static_cast<std::uint8_t>(machine->minor_version);
    request.headers = machine->headers;
    request.keep_alive = wants_keep_alive(request.headers, machine->minor_version);
    const auto hosts = count_headers(request.headers, "Host");
    // RFC 9112 section 3.2: a request without exactly one Host is answered with 400.
    if (hosts > 1 || (hosts == 0 && request.minor_version >= 1)) machine->fail({400, "not exactly one Host field"});
    if (machine->state != ParserState::failed && !split_target(request)) machine->fail({400, "bad request target"});
    expects_continue = request.minor_version >= 1 && equal_without_case(request.header("Expect"), "100-continue");
  }

  ParserLimits limits;
  std::optional<Machine<true>> machine;
  Request request;
  bool header_taken = false;
  bool expects_continue = false;
};

RequestParser::RequestParser(const ParserLimits& limits) : impl_(std::make_unique<Impl>(limits)) {}
RequestParser::~RequestParser() = default;
RequestParser::RequestParser(RequestParser&&) noexcept = default;
RequestParser& RequestParser::operator=(RequestParser&&) noexcept = default;

std::size_t RequestParser::feed(std::string_view bytes) {
  std::size_t taken = impl_->machine->feed_header(bytes);
  if (impl_->machine->state == ParserState::failed) return taken;
  if (!impl_->header_taken && impl_->machine->header_done()) impl_->take_header();
  taken += impl_->machine->feed_body(bytes.substr(taken));
  if (impl_->machine->state == ParserState::complete) impl_->request.body = impl_->machine->body();
  return taken;
}

ParserState RequestParser::state() const {
  return impl_->machine->state;
}
const ParserError& RequestParser::error() const {
  return impl_->machine->error;
}
bool RequestParser::take_expect_continue() {
  return std::exchange(impl_->expects_continue, false) && impl_->machine->state == ParserState::need_more;
}
bool RequestParser::started() const {
  return impl_->machine->started();
}
const Request& RequestParser::request() const {
  return impl_->request;
}

void RequestParser::reset() {
  impl_->machine.emplace(impl_->limits);
  impl_->request = {};
  impl_->header_taken = false;
  impl_->expects_continue = false;
}

std::string_view ReceivedResponse::header(std::string_view name) const {
  return find_header(headers, name);
}

class ResponseParser::Impl {
 public:
  explicit Impl(const ParserLimits& parser_limits) : limits(parser_limits), machine(std::in_place, limits) {}

  void take_response() {
    response.status = machine->status;
    response.reason = machine->reason;
    response.headers = machine->headers;
    response.keep_alive = wants_keep_alive(response.headers, machine->minor_version);
    response.body = machine->body();
  }

  ParserLimits limits;
  std::optional<Machine<false>> machine;
  ReceivedResponse response;
};

ResponseParser::ResponseParser(const ParserLimits& limits) : impl_(std::make_unique<Impl>(limits)) {}
ResponseParser::~ResponseParser() = default;
ResponseParser::ResponseParser(ResponseParser&&) noexcept = default;
ResponseParser& ResponseParser::operator=(ResponseParser&&) noexcept = default;

std::size_t ResponseParser::feed(std::string_view bytes) {
  const auto feed_one = [this](std::string_view input) {
    const std::size_t header_bytes = impl_->machine->feed_header(input);
    return header_bytes + impl_->machine->feed_body(input.substr(header_bytes));
  };
  std::size_t taken = feed_one(bytes);
  // RFC 9110 section 15.2: any number of 1xx answers may come first; 101 alone is final, for HTTP ends behind it.
  while (impl_->machine->state == ParserState::complete && impl_->machine->status / 100 == 1 &&
         impl_->machine->status != 101) {
    impl_->machine.emplace(impl_->limits);
    taken += feed_one(bytes.substr(taken));
  }
  if (impl_->machine->state == ParserState::complete) impl_->take_response();
  return taken;
}

void ResponseParser::finish() {
  impl_->machine->finish();
  if (impl_->machine->state == ParserState::complete) impl_->take_response();
}

ParserState ResponseParser::state() const {
  return impl_->machine->state;
}
const ParserError& ResponseParser::error() const {
  return impl_->machine->error;
}
const ReceivedResponse& ResponseParser::response() const {
  return impl_->response;
}

}  // namespace clearline::http
