// The bytes of an HTTP answer as a client reads them: parsed, checked against the request, and permessage-deflate
// agreed or not. And both sides' negotiation together: whatever two sets of options, what a server grants is what its
// client agrees to. Layout: one byte for what was asked, two for each side's options, then the answer.
#include <algorithm>
#include <string>

#include "fuzz/fuzz.h"
#include "http/parser.h"
#include "ws/deflate_negotiation.h"
#include "ws/handshake.h"
#include "ws/http_lists.h"

using namespace clearline;

namespace {

constexpr std::string_view key = "dGhlIHNhbXBsZSBub25jZQ==";

ws::DeflateOptions take_options(fuzz::Input& input) {
  const std::uint8_t flags = input.take_byte();
  const std::uint8_t windows = input.take_byte();
  ws::DeflateOptions options;
  options.server_no_context_takeover = (flags & 1) != 0;
  options.client_no_context_takeover = (flags & 2) != 0;
  options.server_window_bits_max = static_cast<std::uint8_t>(8 + (windows & 7));
  options.client_window_bits_max = static_cast<std::uint8_t>(8 + (windows >> 3 & 7));
  return options;
}

// RFC 7692 section 7.1: what was asked of the server holds, and what is asked of us can be done.
void check_parameters(const ws::DeflateParameters& parameters, const ws::DeflateOptions& options) {
  FUZZ_CHECK(parameters.server_no_context_takeover || !options.server_no_context_takeover);
  FUZZ_CHECK(parameters.client_no_context_takeover || !options.client_no_context_takeover);
  FUZZ_CHECK(parameters.server_window_bits >= 8 && parameters.server_window_bits <= options.server_window_bits_max);
  FUZZ_CHECK(parameters.client_window_bits >= 8 && parameters.client_window_bits <= options.client_window_bits_max);
}

void check_negotiation(const ws::DeflateOptions& client, const ws::DeflateOptions& server) {
  const ws::Extension offer = ws::deflate_offer(client);
  const auto grant = ws::grant_deflate({&offer, 1}, server);
  FUZZ_CHECK(grant.has_value());
  const auto agreed = ws::agree_deflate({{}, {grant->answer}}, client);
  FUZZ_CHECK(agreed && *agreed == grant->parameters);
  check_parameters(**agreed, client);
}

void check_answer(std::string_view bytes, std::uint8_t asked, const ws::DeflateOptions& options) {
  http::ResponseParser parser({.header_bytes_max = 2000, .body_bytes_max = 500});
  const std::string copy(bytes);  // of exactly this size, so that a sanitizer sees a byte read beyond it
  FUZZ_CHECK(parser.feed(copy) <= copy.size());
  parser.finish();
  if (parser.state() != http::ParserState::complete) return;
  const std::string_view subprotocols[] = {"v1", "v2"};
  const ws::Extension extensions[] = {ws::deflate_offer(options)};
  ws::ClientRequest request{.host = "h", .target = "/", .key = key};
  if ((asked & 1) != 0) request.subprotocols = subprotocols;
  if ((asked & 2) != 0) request.extensions = extensions;
  const http::ReceivedResponse& response = parser.response();
  const auto agreed = ws::check_response({response.status, response.headers}, request);
  if (!agreed) {
    FUZZ_CHECK(!agreed.error().reason.empty() && agreed.error().http_status == response.status);
    FUZZ_CHECK((agreed.error().cause == registry::Cause::handshake_refused) == (response.status != 101));
    return;
  }
  FUZZ_CHECK(response.status == 101 && response.header("Sec-WebSocket-Accept") == ws::accept_value(key));
  if (agreed->subprotocol) {
    FUZZ_CHECK(std::find(request.subprotocols.begin(), request.subprotocols.end(), *agreed->subprotocol) !=
               request.subprotocols.end());
  }
  FUZZ_CHECK(agreed->extensions.empty() || !request.extensions.empty());
  const auto deflate = ws::agree_deflate(*agreed, options);
  FUZZ_CHECK(deflate || deflate.error().cause == registry::Cause::handshake_invalid);
  if (deflate && *deflate) check_parameters(**deflate, options);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::uint8_t asked = input.take_byte();
  const ws::DeflateOptions client = take_options(input);
  const ws::DeflateOptions server = take_options(input);
  check_negotiation(client, server);
  const auto rest = input.rest();
  check_answer({reinterpret_cast<const char*>(rest.data()), rest.size()}, asked, client);
  return 0;
}
