// One case of the public suite on an open connection, as the suite's fuzzer runs it, and its verdict.
#pragma once

#include <string>

#include "conformance/large_cases.h"
#include "conformance/public_cases.h"
#include "conformance/suite/socket_peer.h"
#include "ws/frame.h"

namespace clearline::ws::testing {

enum class Behavior { ok, non_strict, unimplemented, failed };

[[nodiscard]] std::string_view behavior_name(Behavior behavior);

struct Verdict {
  Behavior behavior = Behavior::ok;
  std::string detail = {};  // what was expected and what came, unless it is ok
};

// `tested`: the role of the other side. It echoes.
[[nodiscard]] Verdict run_case(SocketPeer& peer, const PublicCase& c, Role tested);

// `agreed`: what the handshake agreed on; nothing without compression.
[[nodiscard]] Verdict run_case(SocketPeer& peer, const LargeCase& c, Role tested,
                               const std::optional<DeflateParameters>& agreed);

}  // namespace clearline::ws::testing
