// The server's bytes behind the opening handshake to a Reply. Our own codec in the client's role reads them; beside it
// every frame is looked at raw, so that a Close that is wrong is still known by its number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "app/cli/inspect/observation.h"
#include "ws/deflate_negotiation.h"
#include "ws/frame.h"
#include "ws/frame_parser.h"
#include "ws/protocol.h"

namespace clearline::app::inspect {

class ReplyReader final : private ws::Handler {
 public:
  // Takes at most `bytes_max`, which bounds what a server can make us keep.
  ReplyReader(std::size_t bytes_max, const std::optional<ws::DeflateParameters>& deflate);

  // The bytes are unmasked in place, should a server mask.
  void feed(std::span<std::byte> bytes);

  [[nodiscard]] const Reply& reply() const { return reply_; }
  // How many events came that are not pings of the server's own.
  [[nodiscard]] std::size_t answer_count() const { return answer_count_; }
  [[nodiscard]] bool has_pong(std::string_view payload) const;

 private:
  void on_message(ws::MessageKind kind, std::span<const std::byte> payload) override;
  void on_ping(std::span<const std::byte> payload) override;
  void on_pong(std::span<const std::byte> payload) override;
  void on_closing() override;
  void write(std::span<const std::byte> head, std::span<const std::byte> body) override;
  std::uint32_t next_mask_key() override;

  void look_at_frames(std::span<const std::byte> bytes);
  [[nodiscard]] std::span<const std::byte> look_at_header(std::span<const std::byte> bytes);
  void frame_complete();
  void note_close();

  ws::Settings settings_;
  ws::Protocol protocol_;
  Reply reply_;
  std::size_t bytes_left_;
  std::size_t answer_count_ = 0;

  // The raw look: a header so far, then the payload of a control frame.
  std::string header_;
  std::string control_payload_;
  ws::ParsedHeader frame_;
  std::uint64_t payload_left_ = 0;
  bool inside_frame_ = false;
  bool inside_message_ = false;
  bool compressed_allowed_;
  bool lost_ = false;  // a header was wrong: nobody knows where the next frame begins
};

}  // namespace clearline::app::inspect
