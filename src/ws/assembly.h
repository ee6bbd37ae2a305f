// What a connection holds while something is unfinished: a header, a frame, or a fragmented message. Internal to
// protocol.cc; it is allocated when input ends in the middle of one and freed when nothing is pending.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "ws/frame.h"
#include "ws/frame_parser.h"
#include "ws/message_buffer.h"
#include "ws/protocol.h"
#include "ws/utf8.h"

namespace clearline::ws {

struct Protocol::Assembly {
  // The first bytes of a header that is not complete.
  std::array<std::byte, frame_header_bytes_max> header;
  std::uint8_t header_bytes = 0;

  // A frame whose payload has not all arrived, and how much of it has.
  bool inside_frame = false;
  ParsedHeader frame;
  std::uint64_t frame_bytes = 0;
  std::array<std::byte, control_payload_bytes_max> control;  // its payload, if it is a control frame

  // A message of which the last frame is not complete. Control frames may come between its frames.
  bool inside_message = false;
  bool compressed = false;
  MessageKind kind = MessageKind::text;
  Utf8Validator utf8;
  MessageBuffer message;

  [[nodiscard]] bool idle() const { return header_bytes == 0 && !inside_frame && !inside_message; }
};

}  // namespace clearline::ws
