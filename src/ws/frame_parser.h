// Reads one frame header, and judges it as early as its bytes allow: before the payload arrives (RFC 6455 section 5.2).
// Internal to protocol.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "registry/registry.h"
#include "ws/frame.h"

namespace clearline::ws {

// What the connection's state allows in the next frame.
struct HeaderRules {
  Role role = Role::server;
  bool inside_message = false;  // a fragmented message is unfinished
  bool rsv1_allowed = false;    // permessage-deflate was negotiated
};

struct ParsedHeader {
  enum class Verdict : std::uint8_t { incomplete, complete, violation };

  Verdict verdict = Verdict::incomplete;
  registry::Cause violation = registry::Cause::reserved_opcode;  // with Verdict::violation
  Opcode opcode = Opcode::continuation;                          // from here on with Verdict::complete
  bool fin = false;
  bool rsv1 = false;
  std::uint8_t header_bytes = 0;
  std::uint32_t mask_key = 0;  // 0, which changes nothing, when the frame has no mask
  std::uint64_t payload_bytes = 0;
};

[[nodiscard]] ParsedHeader parse_header(std::span<const std::byte> bytes, HeaderRules rules);

}  // namespace clearline::ws
