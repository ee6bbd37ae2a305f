// The cases of the public Autobahn suite (version 25.10.1) for framing, pings, reserved bits, opcodes, fragmentation,
// UTF-8 and closing: what its fuzzer sends, and what a peer that echoes must do for the verdict OK. Sections 9 (limits
// and performance) and 12 and 13 (compression) are elsewhere.
#pragma once

#include <string>
#include <vector>

#include "support/ws/wire.h"

namespace clearline::ws::testing {

enum class Ending {
  fuzzer_closes,  // all is well: the fuzzer sends Close 1000, which must be answered
  by_input,       // the input itself contains the Close
  we_fail,        // we must end the connection with one of the codes, and tell it at once
};

struct PublicCase {
  std::string id;
  std::vector<Bytes> writes;          // unmasked frames are masked by the runner for a server
  std::vector<std::string> expected;  // messages echoed and pongs, as Recorder describes them, in order
  Ending ending = Ending::fuzzer_closes;
  std::vector<unsigned> codes = {};   // of our Close frame; empty: it carries no code
  std::size_t fails_after_write = 0;  // fail fast: the failure comes exactly with this write (counted from 1); 0: any
  bool in_chops = false;              // written byte by byte
};

// `masked`: frames as a client sends them.
[[nodiscard]] std::vector<PublicCase> public_cases(bool masked);

}  // namespace clearline::ws::testing
