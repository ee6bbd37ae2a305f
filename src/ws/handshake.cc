#include "ws/handshake.h"

#include <algorithm>
#include <utility>

#include "base/result.h"
#include "ws/http_lists.h"
#include "ws/sha1.h"

namespace clearline::ws {
namespace {

using registry::Cause;

constexpr std::string_view protocol_version = "13";
constexpr std::string_view accept_guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // section 1.3
constexpr std::size_t nonce_bytes = 16;
constexpr std::size_t key_chars = 24;

// 16 bytes in base64: 22 digits and two signs of padding.
bool is_base64_of_16_bytes(std::string_view key) {
  if (key.size() != key_chars || !key.ends_with("==")) return false;
  return std::all_of(key.begin(), key.end() - 2, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  });
}

tl::unexpected<Refusal> refuse(int http_status, std::string reason, std::optional<std::string_view> header_name = {},
                               std::string_view header_value = {}) {
  return tl::unexpected(Refusal{http_status, std::move(reason), header_name, header_value});
}

// What ends a header line, or could be taken for its end on the way.
bool has_line_break(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != text.npos;
}

void append_field(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

std::string join(std::span<const std::string_view> elements) {
  std::string text;
  for (const std::string_view element : elements) {
    if (!text.empty()) text += ", ";
    text += element;
  }
  return text;
}

// All fields of this name as one list (RFC 9110 section 5.3).
std::optional<std::vector<Extension>> extensions_of(std::span<const HeaderView> headers) {
  std::vector<Extension> all;
  for (const HeaderView& header : headers) {
    if (!equals_ignoring_case(header.name, "Sec-WebSocket-Extensions")) continue;
    auto extensions = parse_extensions(header.value);
    if (!extensions) return std::nullopt;
    std::move(extensions->begin(), extensions->end(), std::back_inserter(all));
  }
  return all;
}

// --- Server ---------------------------------------------------------------------------------------------------------

using Check = tl::expected<void, Refusal>;

Check check_request_line(const UpgradeRequest& request) {
  if (request.method != "GET") return refuse(405, "a WebSocket is opened with GET", "Allow", "GET");
  if (request.http_major != 1 || request.http_minor < 1) return refuse(400, "a WebSocket is opened with HTTP/1.1");
  if (request.target.empty()) return refuse(400, "the request has no target");
  return {};
}

Check check_tokens(std::span<const HeaderView> headers) {
  if (!list_contains(headers, "Upgrade", "websocket")) {
    return refuse(426, "the Upgrade field does not name websocket", "Sec-WebSocket-Version", protocol_version);
  }
  if (!list_contains(headers, "Connection", "upgrade"))
    return refuse(400, "the Connection field does not name upgrade");
  return {};
}

Check check_version(std::span<const HeaderView> headers) {
  const FieldCount version = count_field(headers, "Sec-WebSocket-Version");
  if (version.count > 1) return refuse(400, "Sec-WebSocket-Version is there more than once");
  if (version.count == 1 && version.first_value == protocol_version) return {};
  std::string reason = version.count == 0 ? "Sec-WebSocket-Version is missing" : "this WebSocket version is not spoken";
  return refuse(426, std::move(reason) + "; 13 is", "Sec-WebSocket-Version", protocol_version);
}

// Anything after the request's head would be taken for frames.
Check check_no_body(std::span<const HeaderView> headers) {
  if (count_field(headers, "Transfer-Encoding").count != 0) return refuse(400, "an upgrade request has no body");
  const FieldCount length = count_field(headers, "Content-Length");
  if (length.count > 1 || (length.count == 1 && length.first_value != "0")) {
    return refuse(400, "an upgrade request has no body");
  }
  return {};
}

Check take_single_fields(std::span<const HeaderView> headers, Upgrade& upgrade) {
  const FieldCount host = count_field(headers, "Host");
  if (host.count != 1 || host.first_value.empty()) return refuse(400, "exactly one Host field is required");
  upgrade.host = host.first_value;

  const FieldCount key = count_field(headers, "Sec-WebSocket-Key");
  if (key.count != 1) return refuse(400, "exactly one Sec-WebSocket-Key field is required");
  if (!is_base64_of_16_bytes(key.first_value)) return refuse(400, "Sec-WebSocket-Key is not 16 bytes in base64");
  upgrade.key = key.first_value;

  const FieldCount origin = count_field(headers, "Origin");
  if (origin.count > 1) return refuse(400, "Origin is there more than once");
  if (origin.count == 1) upgrade.origin = origin.first_value;
  return {};
}

// Section 4.1, item 10 of the request: tokens, all different.
Check take_subprotocols(std::span<const HeaderView> headers, Upgrade& upgrade) {
  upgrade.subprotocols = list_elements(headers, "Sec-WebSocket-Protocol");
  for (auto name = upgrade.subprotocols.begin(); name != upgrade.subprotocols.end(); ++name) {
    if (!is_token(*name)) return refuse(400, "Sec-WebSocket-Protocol has an element that is not a token");
    if (std::find(upgrade.subprotocols.begin(), name, *name) != name) {
      return refuse(400, "Sec-WebSocket-Protocol names a subprotocol twice");
    }
  }
  if (upgrade.subprotocols.empty() && count_field(headers, "Sec-WebSocket-Protocol").count != 0) {
    return refuse(400, "Sec-WebSocket-Protocol is empty");
  }
  return {};
}

Check take_extensions(std::span<const HeaderView> headers, Upgrade& upgrade) {
  auto extensions = extensions_of(headers);
  if (!extensions) return refuse(400, "Sec-WebSocket-Extensions breaks its grammar");
  upgrade.extensions = std::move(*extensions);
  return {};
}

std::string_view reason_phrase(int http_status) {
  switch (http_status) {
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
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Refused";
  }
}

// --- Client ---------------------------------------------------------------------------------------------------------

tl::unexpected<HandshakeFailure> invalid(const UpgradeResponse& response, std::string reason) {
  return tl::unexpected(HandshakeFailure{Cause::handshake_invalid, response.http_status, std::move(reason)});
}

bool offered(const ClientRequest& request, std::string_view extension_name) {
  return std::any_of(request.extensions.begin(), request.extensions.end(),
                     [&](const Extension& offer) { return equals_ignoring_case(offer.name, extension_name); });
}

}  // namespace

std::string accept_value(std::string_view key) {
  std::string text(key);
  text += accept_guid;
  return base64(sha1(std::as_bytes(std::span(text))));
}

bool is_upgrade_request(std::span<const HeaderView> headers) {
  return list_contains(headers, "Upgrade", "websocket");
}

tl::expected<Upgrade, Refusal> check_upgrade(const UpgradeRequest& request) {
  Upgrade upgrade;
  upgrade.target = request.target;
  const auto headers = request.headers;
  const Check verdict = check_request_line(request)
                            .and_then([&] { return check_tokens(headers); })
                            .and_then([&] { return check_version(headers); })
                            .and_then([&] { return check_no_body(headers); })
                            .and_then([&] { return take_single_fields(headers, upgrade); })
                            .and_then([&] { return take_subprotocols(headers, upgrade); })
                            .and_then([&] { return take_extensions(headers, upgrade); });
  if (!verdict) return tl::unexpected(verdict.error());
  return upgrade;
}

std::optional<std::string_view> choose_subprotocol(const Upgrade& upgrade,
                                                   std::span<const std::string_view> supported) {
  for (const std::string_view name : upgrade.subprotocols) {
    if (std::find(supported.begin(), supported.end(), name) != supported.end()) return name;
  }
  return std::nullopt;
}

std::string make_upgrade_response(const Upgrade& upgrade, const Grant& grant) {
  std::string head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
  append_field(head, "Sec-WebSocket-Accept", accept_value(upgrade.key));
  if (grant.subprotocol) append_field(head, "Sec-WebSocket-Protocol", *grant.subprotocol);
  if (!grant.extensions.empty()) append_field(head, "Sec-WebSocket-Extensions", format_extensions(grant.extensions));
  for (const HeaderView& header : grant.headers) {
    CLEARLINE_ASSERT(is_token(header.name) && !has_line_break(header.value));
    append_field(head, header.name, header.value);
  }
  head += "\r\n";
  return head;
}

std::string make_refusal_response(const Refusal& refusal) {
  const std::string body = refusal.reason + "\n";
  std::string response = "HTTP/1.1 " + std::to_string(refusal.http_status) + " ";
  response.append(reason_phrase(refusal.http_status)).append("\r\n");
  // RFC 9110 section 15.5.22: a 426 names the protocol that is required.
  const bool upgrade_required = refusal.http_status == 426;
  if (upgrade_required) append_field(response, "Upgrade", "websocket");
  append_field(response, "Connection", upgrade_required ? "close, Upgrade" : "close");
  if (refusal.header_name) append_field(response, *refusal.header_name, refusal.header_value);
  append_field(response, "Content-Type", "text/plain; charset=utf-8");
  append_field(response, "Content-Length", std::to_string(body.size()));
  response.append("\r\n").append(body);
  return response;
}

std::string make_key(std::span<const std::byte, 16> nonce) {
  static_assert(decltype(nonce)::extent == nonce_bytes);
  return base64(nonce);
}

Result<std::string> make_request(const ClientRequest& request) {
  const auto bad = [](std::string what) { return fail(ErrorCode::invalid_argument, std::move(what)); };
  if (request.host.empty() || has_line_break(request.host)) return bad("the host is empty or has a line break");
  if (request.target.empty() ||
      request.target.find_first_of(std::string_view(" \t\r\n\0", 5)) != std::string_view::npos) {
    return bad("the target is empty or has white space");
  }
  if (!is_base64_of_16_bytes(request.key)) return bad("the key is not 16 bytes in base64");
  if (request.origin && has_line_break(*request.origin)) return bad("the origin has a line break");
  for (const std::string_view name : request.subprotocols) {
    if (!is_token(name)) return bad("the subprotocol \"" + std::string(name) + "\" is not a token");
  }

  std::string head = "GET ";
  head.append(request.target).append(" HTTP/1.1\r\n");
  append_field(head, "Host", request.host);
  append_field(head, "Upgrade", "websocket");
  append_field(head, "Connection", "Upgrade");
  append_field(head, "Sec-WebSocket-Key", request.key);
  append_field(head, "Sec-WebSocket-Version", protocol_version);
  if (request.origin) append_field(head, "Origin", *request.origin);
  if (!request.subprotocols.empty()) append_field(head, "Sec-WebSocket-Protocol", join(request.subprotocols));
  if (!request.extensions.empty()) {
    append_field(head, "Sec-WebSocket-Extensions", format_extensions(request.extensions));
  }
  for (const HeaderView& header : request.headers) {
    if (!is_token(header.name)) return bad("the header name \"" + std::string(header.name) + "\" is not a token");
    if (has_line_break(header.value)) return bad("the header " + std::string(header.name) + " has a line break");
    append_field(head, header.name, header.value);
  }
  head += "\r\n";
  return head;
}

tl::expected<Agreed, HandshakeFailure> check_response(const UpgradeResponse& response, const ClientRequest& request) {
  const auto headers = response.headers;
  if (response.http_status != 101) {
    return tl::unexpected(
        HandshakeFailure{Cause::handshake_refused, response.http_status,
                         "the server answered with HTTP status " + std::to_string(response.http_status)});
  }
  if (!list_contains(headers, "Upgrade", "websocket")) return invalid(response, "Upgrade does not name websocket");
  if (!list_contains(headers, "Connection", "upgrade")) return invalid(response, "Connection does not name upgrade");
  const FieldCount accept = count_field(headers, "Sec-WebSocket-Accept");
  if (accept.count != 1) return invalid(response, "there is not exactly one Sec-WebSocket-Accept");
  if (accept.first_value != accept_value(request.key)) {
    return invalid(response, "Sec-WebSocket-Accept does not belong to the key that was sent");
  }

  Agreed agreed;
  auto extensions = extensions_of(headers);
  if (!extensions) return invalid(response, "Sec-WebSocket-Extensions breaks its grammar");
  for (const Extension& extension : *extensions) {
    if (!offered(request, extension.name)) {
      return invalid(response, "the server uses the extension " + extension.name + ", which was not offered");
    }
  }
  agreed.extensions = std::move(*extensions);

  const FieldCount subprotocol = count_field(headers, "Sec-WebSocket-Protocol");
  if (subprotocol.count > 1) return invalid(response, "Sec-WebSocket-Protocol is there more than once");
  if (subprotocol.count == 1) {
    const auto& asked = request.subprotocols;
    if (std::find(asked.begin(), asked.end(), subprotocol.first_value) == asked.end()) {
      return invalid(response, "the server chose a subprotocol that was not asked for");
    }
    agreed.subprotocol = std::string(subprotocol.first_value);
  }
  return agreed;
}

}  // namespace clearline::ws
