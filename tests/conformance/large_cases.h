// Sections 9 (limits and performance), 12 and 13 (compression) of the public suite: messages that a peer which echoes
// must send back whole. The suite's own data files (a picture, a book, pages) are not copied: data of the same kinds is
// made here.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "support/ws/wire.h"
#include "ws/deflate_negotiation.h"

namespace clearline::ws::testing {

enum class Content { stars, octets, repeated_text, repeated_octets, json, picture, prose, html, document };

struct LargeCase {
  std::string id;
  unsigned opcode = text;
  Content content = Content::stars;
  std::size_t message_bytes = 0;
  std::size_t messages = 1;     // each is sent when the echo of the one before is in
  std::size_t frame_bytes = 0;  // of a fragment, of the compressed message where there is compression; 0: one frame
  std::size_t write_bytes = 0;  // of one write; 0: as large as it goes
  // permessage-deflate: what the suite's client offers, in order, and what its server asks in its answer. Empty and
  // nothing: no compression.
  std::string offers = {};
  bool asks_client_no_takeover = false;
  unsigned asks_client_window_bits = 0;

  [[nodiscard]] bool compressed() const { return !offers.empty(); }
};

[[nodiscard]] std::vector<LargeCase> large_cases();

// The message with this number; text is valid UTF-8.
[[nodiscard]] Bytes message_of(const LargeCase& c, std::size_t number);

// One message as the suite's peer frames it; compressed by `deflate`, if it is given.
class ZlibDeflater;
[[nodiscard]] Bytes frames_of(const LargeCase& c, const Bytes& message, bool masked, ZlibDeflater* deflate);

// What the suite's server answers to a client's offer.
[[nodiscard]] std::string deflate_answer(const LargeCase& c, std::string_view offer);

}  // namespace clearline::ws::testing
