// The opening handshake (RFC 6455 section 4), both sides, without I/O. HTTP parsing is the caller's: these functions
// see the request's or response's fields and give the verdict and the bytes to write.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "base/header.h"
#include "base/result.h"
#include "registry/registry.h"
#include "ws/extensions.h"

namespace clearline::ws {

// Section 4.2.2, step 5.4: base64 of the SHA-1 of key and GUID.
[[nodiscard]] std::string accept_value(std::string_view key);

// --- Server ---------------------------------------------------------------------------------------------------------

struct UpgradeRequest {
  std::string_view method = {};
  std::string_view target = {};
  int http_major = 1;
  int http_minor = 1;
  std::span<const HeaderView> headers = {};
};

// Whether the request asks for a WebSocket at all ("Upgrade: websocket" among its fields); if not, it is ordinary HTTP.
[[nodiscard]] bool is_upgrade_request(std::span<const HeaderView> headers);

// A good request, for the caller to decide upon (Origin, subprotocol). Views into the request.
struct Upgrade {
  std::string_view target = {};
  std::string_view host = {};
  std::string_view key = {};
  std::optional<std::string_view> origin = {};
  std::vector<std::string_view> subprotocols = {};  // in the client's order of preference
  std::vector<Extension> extensions = {};
};

// The HTTP answer to a request that is not granted. There is no WebSocket status before the handshake is done.
struct Refusal {
  int http_status = 400;
  std::string reason = {};                           // one plain sentence, the body
  std::optional<std::string_view> header_name = {};  // one more header field, such as Sec-WebSocket-Version
  std::string_view header_value = {};
};

// Every check of section 4.2.1.
[[nodiscard]] tl::expected<Upgrade, Refusal> check_upgrade(const UpgradeRequest& request);

// The first of the client's subprotocols that the server supports; nothing if there is none.
[[nodiscard]] std::optional<std::string_view> choose_subprotocol(const Upgrade& upgrade,
                                                                 std::span<const std::string_view> supported);

struct Grant {
  std::optional<std::string_view> subprotocol = {};
  std::span<const Extension> extensions = {};
  std::span<const HeaderView> headers = {};  // more fields, such as Set-Cookie
};

// The whole 101 response; WebSocket frames may follow it at once.
[[nodiscard]] std::string make_upgrade_response(const Upgrade& upgrade, const Grant& grant = {});
// A whole response with "Connection: close" and the reason as text/plain body.
[[nodiscard]] std::string make_refusal_response(const Refusal& refusal);

// --- Client ---------------------------------------------------------------------------------------------------------

struct ClientRequest {
  std::string_view host = {};    // as in the Host field: name, and port unless it is the scheme's own
  std::string_view target = {};  // path and query
  std::string_view key = {};     // of make_key()
  std::optional<std::string_view> origin = {};
  std::span<const std::string_view> subprotocols = {};
  std::span<const Extension> extensions = {};  // offers
  std::span<const HeaderView> headers = {};    // more fields, such as User-Agent
};

// Sec-WebSocket-Key of 16 random bytes.
[[nodiscard]] std::string make_key(std::span<const std::byte, 16> nonce);
// Fails with invalid_argument if a part of it cannot stand in a request, such as a line break in a header.
[[nodiscard]] Result<std::string> make_request(const ClientRequest& request);

struct UpgradeResponse {
  int http_status = 0;
  std::span<const HeaderView> headers = {};
};

struct Agreed {
  std::optional<std::string> subprotocol = {};
  std::vector<Extension> extensions = {};
};

struct HandshakeFailure {
  registry::Cause cause = registry::Cause::handshake_invalid;  // or handshake_refused: an HTTP status other than 101
  int http_status = 0;
  std::string reason = {};
};

// Every check of section 4.1, steps 1 to 6 on the response. That an extension's parameters are right is its own matter.
[[nodiscard]] tl::expected<Agreed, HandshakeFailure> check_response(const UpgradeResponse& response,
                                                                    const ClientRequest& request);

}  // namespace clearline::ws
