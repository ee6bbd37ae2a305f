#include "app/cli/inspect/reply_reader.h"

#include <algorithm>

namespace clearline::app::inspect {

namespace {

using Verdict = ws::ParsedHeader::Verdict;

std::string as_string(std::span<const std::byte> bytes) {
  return std::string(ws::as_text(bytes));
}

}  // namespace

ReplyReader::ReplyReader(std::size_t bytes_max, const std::optional<ws::DeflateParameters>& deflate)
    : settings_{.message_bytes_max = bytes_max},
      protocol_(ws::Role::client, settings_, deflate ? &*deflate : nullptr),
      bytes_left_(bytes_max),
      compressed_allowed_(deflate.has_value()) {}

void ReplyReader::feed(std::span<std::byte> bytes) {
  if (bytes.size() > bytes_left_) {
    reply_.too_much = true;
    bytes = bytes.first(bytes_left_);
  }
  bytes_left_ -= bytes.size();
  look_at_frames(bytes);
  protocol_.receive(bytes, *this);
}

bool ReplyReader::has_pong(std::string_view payload) const {
  return std::any_of(reply_.events.begin(), reply_.events.end(), [payload](const Event& event) {
    return event.kind == EventKind::pong && event.payload == payload;
  });
}

// --- What the codec tells -------------------------------------------------------------------------------------------

void ReplyReader::on_message(ws::MessageKind kind, std::span<const std::byte> payload) {
  reply_.events.push_back({kind == ws::MessageKind::text ? EventKind::text : EventKind::binary, as_string(payload)});
  ++answer_count_;
}

void ReplyReader::on_ping(std::span<const std::byte> payload) {
  reply_.events.push_back({EventKind::ping, as_string(payload)});
}

void ReplyReader::on_pong(std::span<const std::byte> payload) {
  reply_.events.push_back({EventKind::pong, as_string(payload)});
  ++answer_count_;
}

void ReplyReader::on_closing() {
  const ws::End end = protocol_.end();
  if (end.origin == registry::Origin::us) reply_.violation = end.cause;
}

// What goes out is the probe's to say, so the codec's own answers are dropped.
void ReplyReader::write(std::span<const std::byte> /*head*/, std::span<const std::byte> /*body*/) {}

std::uint32_t ReplyReader::next_mask_key() {
  return 0;
}

// --- The raw look ---------------------------------------------------------------------------------------------------

void ReplyReader::look_at_frames(std::span<const std::byte> bytes) {
  while (!bytes.empty() && !lost_) {
    if (!inside_frame_) {
      bytes = look_at_header(bytes);
    } else {
      const auto piece = bytes.first(static_cast<std::size_t>(std::min<std::uint64_t>(payload_left_, bytes.size())));
      if (ws::is_control(frame_.opcode)) control_payload_ += ws::as_text(piece);
      payload_left_ -= piece.size();
      bytes = bytes.subspan(piece.size());
    }
    if (inside_frame_ && payload_left_ == 0) frame_complete();
  }
}

std::span<const std::byte> ReplyReader::look_at_header(std::span<const std::byte> bytes) {
  const std::size_t old_bytes = header_.size();
  header_ += ws::as_text(bytes.first(std::min(bytes.size(), ws::frame_header_bytes_max - old_bytes)));
  frame_ = ws::parse_header(
      ws::as_payload(header_),
      {.role = ws::Role::client, .inside_message = inside_message_, .rsv1_allowed = compressed_allowed_});
  if (frame_.verdict == Verdict::incomplete) return {};
  if (frame_.verdict == Verdict::violation) {
    lost_ = true;
    return {};
  }
  header_.clear();
  control_payload_.clear();
  inside_frame_ = true;
  payload_left_ = frame_.payload_bytes;
  if (!ws::is_control(frame_.opcode)) inside_message_ = !frame_.fin;
  return bytes.subspan(frame_.header_bytes - old_bytes);
}

void ReplyReader::frame_complete() {
  inside_frame_ = false;
  if (reply_.close) {
    (ws::is_control(frame_.opcode) ? reply_.control_after_close : reply_.data_after_close) = true;
  } else if (frame_.opcode == ws::Opcode::close) {
    note_close();
  }
}

// RFC 6455 section 5.5.1: a code of two bytes in network order, then the reason.
void ReplyReader::note_close() {
  ReceivedClose close{.payload_bytes = control_payload_.size()};
  if (control_payload_.size() >= 2) {
    const auto byte = [this](std::size_t at) { return static_cast<unsigned char>(control_payload_[at]); };
    close.code = static_cast<std::uint16_t>(byte(0) << 8 | byte(1));
    close.reason = control_payload_.substr(2);
  }
  reply_.close = std::move(close);
}

}  // namespace clearline::app::inspect
