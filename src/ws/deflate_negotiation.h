// permessage-deflate (RFC 7692 section 7.1): which of its four parameters hold on a connection.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <tl/expected.hpp>

#include "base/result.h"
#include "ws/extensions.h"
#include "ws/handshake.h"

namespace clearline::ws {

inline constexpr std::string_view deflate_extension_name = "permessage-deflate";

// What was agreed. The window of a direction is 2 to the power of its bits.
struct DeflateParameters {
  bool server_no_context_takeover = false;
  bool client_no_context_takeover = false;
  std::uint8_t server_window_bits = 15;
  std::uint8_t client_window_bits = 15;
  friend bool operator==(const DeflateParameters&, const DeflateParameters&) = default;
};

// What this endpoint wants. The defaults hold no memory for an idle connection: no context is taken over from one
// message to the next in either direction, so all connections of a thread share its compressor and decompressor. Chat
// messages are short; with a context they would shrink further, at 20 to 210 KB a connection (windows of 9 to 15 bits).
struct DeflateOptions {
  bool server_no_context_takeover = true;
  bool client_no_context_takeover = true;
  std::uint8_t server_window_bits_max = 15;  // 8 to 15
  std::uint8_t client_window_bits_max = 15;
};

// The same in the words of the header, for command lines: "server_no_context_takeover; client_max_window_bits=12".
// What it does not name is left to the peer: contexts may be taken over, windows may have 15 bits.
[[nodiscard]] Result<DeflateOptions> parse_deflate_options(std::string_view parameters);

struct DeflateGrant {
  Extension answer;
  DeflateParameters parameters;
};

// Server: the first of the client's offers that is valid; nothing if none is, and then messages go uncompressed.
[[nodiscard]] std::optional<DeflateGrant> grant_deflate(std::span<const Extension> offers,
                                                        const DeflateOptions& options);

// Client: what to offer, and the parameters out of an answer to it. Nothing if the server did not take the extension;
// an error if its answer is none that this offer allows.
[[nodiscard]] Extension deflate_offer(const DeflateOptions& options);
[[nodiscard]] tl::expected<std::optional<DeflateParameters>, HandshakeFailure> agree_deflate(
    const Agreed& agreed, const DeflateOptions& options);

}  // namespace clearline::ws
