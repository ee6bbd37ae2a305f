#include "ws/protocol.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <utility>

#include "base/result.h"
#include "ws/assembly.h"
#include "ws/compression.h"
#include "ws/frame_parser.h"
#include "ws/shared_compression.h"
#include "ws/shared_frame.h"
#include "ws/utf8.h"

namespace clearline::ws {
namespace {

using registry::Cause;
using Verdict = ParsedHeader::Verdict;

constexpr std::size_t close_code_bytes = 2;

// Section 5.2: the first byte of a message in one frame, and lengths of up to 16 bits behind the mask bit.
constexpr unsigned fin_text = 0x81;
constexpr unsigned fin_binary = 0x82;
constexpr unsigned mask_bit = 0x80;
constexpr unsigned length_is_16_bits = 126;
constexpr std::size_t mask_key_bytes = 4;

std::uint16_t load_big_endian_16(std::span<const std::byte> payload) {
  return static_cast<std::uint16_t>(static_cast<unsigned>(payload[0]) << 8 | static_cast<unsigned>(payload[1]));
}

// memcpy must not be given the null pointer of an empty span.
void copy(std::span<const std::byte> from, std::byte* to) {
  if (!from.empty()) std::memcpy(to, from.data(), from.size());
}

// For the developer of the other side: the cause by name, and what it means.
std::string failure_reason(Cause cause) {
  std::string reason(registry::cause_name(cause));
  reason += ": ";
  reason += registry::cause_text(cause);
  return reason;
}

}  // namespace

Protocol::Protocol(Role role, const Settings& settings, const DeflateParameters* deflate)
    : settings_(&settings),
      compression_(deflate != nullptr ? std::make_unique<Compression>(role, *deflate) : nullptr),
      role_(role) {}
Protocol::~Protocol() = default;

// --- Input ----------------------------------------------------------------------------------------------------------

void Protocol::receive(std::span<std::byte> input, Handler& handler) {
  if (assembly_ && state_ != State::closed) input = resume(input, handler);
  while (!input.empty() && state_ != State::closed) {
    if (!take_plain_message(input, handler)) input = take_frame(input, handler);
  }
  if (assembly_ && (state_ == State::closed || assembly_->idle())) assembly_.reset();
}

// Goes on with the header or payload that the input before left unfinished. Returns what is left of the input.
std::span<std::byte> Protocol::resume(std::span<std::byte> input, Handler& handler) {
  if (assembly_->inside_frame) return continue_frame(input, handler);
  if (assembly_->header_bytes == 0) return input;

  Assembly& assembly = *assembly_;
  const std::size_t old_bytes = assembly.header_bytes;
  const std::size_t new_bytes = std::min(assembly.header.size() - old_bytes, input.size());
  copy(input.first(new_bytes), assembly.header.data() + old_bytes);
  const ParsedHeader parsed = parse_header(std::span(assembly.header).first(old_bytes + new_bytes), header_rules());
  if (parsed.verdict == Verdict::incomplete) {
    assembly.header_bytes = static_cast<std::uint8_t>(old_bytes + new_bytes);
    return {};
  }
  assembly.header_bytes = 0;
  // A violation ends the input; a complete header is longer than what was kept of it.
  const std::size_t taken = parsed.verdict == Verdict::complete ? parsed.header_bytes - old_bytes : input.size();
  return take_payload(parsed, input.subspan(taken), handler);
}

// What nearly all of a server's input is: an uncompressed message in one frame, whole in the input, of at most 64 KiB.
// It costs half of what the general path takes. That one gets everything else, and judges it: then nothing was taken,
// and the result is false.
bool Protocol::take_plain_message(std::span<std::byte>& input, Handler& handler) {
  constexpr std::size_t header_bytes_max = 2 + 2 + mask_key_bytes;
  if (role_ != Role::server || assembly_ || state_ != State::open || input.size() < header_bytes_max) return false;
  const auto first = std::to_integer<unsigned>(input[0]);
  if (first != fin_text && first != fin_binary) return false;
  std::size_t header_bytes = 2 + mask_key_bytes;
  // Without the mask bit this is a very large number.
  std::size_t payload_bytes = std::to_integer<std::size_t>(input[1]) - mask_bit;
  if (payload_bytes == length_is_16_bits) {
    header_bytes = header_bytes_max;
    payload_bytes = load_big_endian_16(input.subspan(2));
    if (payload_bytes < length_is_16_bits) return false;
  } else if (payload_bytes > length_is_16_bits) {
    return false;
  }
  if (payload_bytes > input.size() - header_bytes || payload_bytes > settings_->message_bytes_max) return false;
  std::uint32_t mask_key = 0;
  std::memcpy(&mask_key, input.data() + header_bytes - mask_key_bytes, mask_key_bytes);
  const auto payload = input.subspan(header_bytes, payload_bytes);
  input = input.subspan(header_bytes + payload_bytes);
  const bool ascii = mask_in_place(payload, mask_key);
  deliver(first == fin_text ? MessageKind::text : MessageKind::binary, payload, ascii, handler);
  return true;
}

std::span<std::byte> Protocol::take_frame(std::span<std::byte> input, Handler& handler) {
  const ParsedHeader parsed = parse_header(input, header_rules());
  if (parsed.verdict == Verdict::incomplete) {
    Assembly& assembly = this->assembly();
    copy(input, assembly.header.data());
    assembly.header_bytes = static_cast<std::uint8_t>(input.size());
    return {};
  }
  return take_payload(parsed, input.subspan(parsed.header_bytes), handler);
}

// After a header, good or bad.
std::span<std::byte> Protocol::take_payload(const ParsedHeader& frame, std::span<std::byte> input, Handler& handler) {
  if (frame.verdict == Verdict::violation) {
    fail(frame.violation, handler);
    return {};
  }
  const bool is_data = !is_control(frame.opcode);
  if (is_data && exceeds_limit(frame)) {
    fail(Cause::message_too_big, handler);
    return {};
  }
  if (frame.payload_bytes > input.size()) {
    Assembly& assembly = this->assembly();
    assembly.inside_frame = true;
    assembly.frame = frame;
    assembly.frame_bytes = 0;
    return continue_frame(input, handler);
  }
  const auto payload = input.first(static_cast<std::size_t>(frame.payload_bytes));
  const bool ascii = role_ == Role::server && mask_in_place(payload, frame.mask_key);
  if (!is_data) {
    take_control(frame.opcode, payload, handler);
  } else if (frame.fin && frame.opcode != Opcode::continuation) {
    take_whole_message(frame, payload, ascii, handler);
  } else {
    take_piece(frame, payload, 0, handler);
  }
  return input.subspan(payload.size());
}

std::span<std::byte> Protocol::continue_frame(std::span<std::byte> input, Handler& handler) {
  Assembly& assembly = *assembly_;
  const ParsedHeader& frame = assembly.frame;
  const std::uint64_t offset = assembly.frame_bytes;
  const auto piece =
      input.first(static_cast<std::size_t>(std::min<std::uint64_t>(frame.payload_bytes - offset, input.size())));
  if (role_ == Role::server) mask_in_place(piece, frame.mask_key, offset);
  assembly.frame_bytes += piece.size();
  const bool complete = assembly.frame_bytes == frame.payload_bytes;
  assembly.inside_frame = !complete;

  if (!is_control(frame.opcode)) {
    take_piece(frame, piece, offset, handler);
    return input.subspan(piece.size());
  }
  copy(piece, assembly.control.data() + offset);
  if (complete) {
    take_control(frame.opcode, std::span(assembly.control).first(static_cast<std::size_t>(frame.payload_bytes)),
                 handler);
  }
  return input.subspan(piece.size());
}

// --- Data -----------------------------------------------------------------------------------------------------------

// The ordinary case: one frame, whole in the input. Nothing is copied, unless it is compressed.
void Protocol::take_whole_message(const ParsedHeader& frame, std::span<const std::byte> payload, bool ascii,
                                  Handler& handler) {
  // Messages that cross our Close are dropped: their sender will learn that they were not taken.
  if (state_ != State::open) return;
  const auto kind = static_cast<MessageKind>(frame.opcode);
  MessageBuffer inflated;
  if (frame.rsv1) {
    if (const auto cause = inflate(payload, true, inflated)) {
      // What came out before is judged first, as it would be had the frame arrived in pieces.
      const bool bad_text = kind == MessageKind::text && Utf8Validator().feed(inflated.bytes());
      fail(bad_text ? Cause::invalid_utf8 : *cause, handler);
      return;
    }
    payload = inflated.bytes();
    ascii = false;
  }
  deliver(kind, payload, ascii, handler);
}

// `ascii`: the payload is known to be; otherwise text is validated.
void Protocol::deliver(MessageKind kind, std::span<const std::byte> payload, bool ascii, Handler& handler) {
  if (kind == MessageKind::text && !ascii && !is_valid_utf8(payload)) return fail(Cause::invalid_utf8, handler);
  handler.on_message(kind, payload);
}

// A part of a message: a fragment, or what has arrived of one. `offset` is its place within the frame.
void Protocol::take_piece(const ParsedHeader& frame, std::span<const std::byte> piece, std::uint64_t offset,
                          Handler& handler) {
  Assembly& assembly = this->assembly();
  if (offset == 0 && frame.opcode != Opcode::continuation) {
    assembly.inside_message = true;
    assembly.kind = static_cast<MessageKind>(frame.opcode);
    assembly.compressed = frame.rsv1;
    assembly.utf8.reset();
  }
  const bool last = frame.fin && offset + piece.size() == frame.payload_bytes;
  if (last) assembly.inside_message = false;
  if (state_ != State::open) return;

  const std::size_t size_before = assembly.message.size();
  std::optional<Cause> inflate_failure;
  if (assembly.compressed) {
    inflate_failure = inflate(piece, last, assembly.message);
    piece = assembly.message.bytes().subspan(size_before);
  }
  // Section 8.1, and fail fast: bad bytes are answered before the rest of the frame or message arrives.
  if (assembly.kind == MessageKind::text) {
    const bool bad = assembly.utf8.feed(piece).has_value();
    if (bad || (last && !inflate_failure && !assembly.utf8.complete())) return fail(Cause::invalid_utf8, handler);
  }
  if (inflate_failure) return fail(*inflate_failure, handler);
  if (!assembly.compressed) {
    const std::uint64_t frame_end = size_before + (frame.payload_bytes - offset);
    assembly.message.append(piece, frame.fin ? frame_end : settings_->message_bytes_max);
  }
  if (!last) return;
  // The handler may close the connection, which frees what is pending.
  MessageBuffer message = std::exchange(assembly.message, {});
  handler.on_message(assembly.kind, message.bytes());
}

std::optional<Cause> Protocol::inflate(std::span<const std::byte> piece, bool last, MessageBuffer& message) {
  const std::uint64_t bytes_max = settings_->message_bytes_max;
  InflateResult result = compression_->feed(piece, message, bytes_max);
  if (result == InflateResult::ok && last) result = compression_->finish_message(message, bytes_max);
  if (result == InflateResult::ok) return std::nullopt;
  return result == InflateResult::too_big ? Cause::message_too_big : Cause::bad_compressed_data;
}

// By the header, before the payload arrives. Of a compressed frame only this much is known of its size: what does not
// compress grows by less than a hundredth.
bool Protocol::exceeds_limit(const ParsedHeader& frame) const {
  if (state_ != State::open) return false;  // nothing is kept
  const std::uint64_t bytes_max = settings_->message_bytes_max;
  const bool continues = frame.opcode == Opcode::continuation;
  if (frame.rsv1 || (continues && assembly_->compressed)) {
    constexpr std::uint64_t overhead_bytes_min = 64;
    return frame.payload_bytes > bytes_max && frame.payload_bytes - bytes_max > bytes_max / 100 + overhead_bytes_min;
  }
  const std::uint64_t held = continues ? assembly_->message.size() : 0;
  return frame.payload_bytes > bytes_max - held;
}

// --- Control --------------------------------------------------------------------------------------------------------

void Protocol::take_control(Opcode opcode, std::span<const std::byte> payload, Handler& handler) {
  switch (opcode) {
    case Opcode::ping:
      // Section 5.5.2: answered unless a Close was received; one of ours that went out before does not matter.
      write_control(Opcode::pong, payload, handler);
      handler.on_ping(payload);
      return;
    case Opcode::pong:
      handler.on_pong(payload);
      return;
    default:
      take_close(payload, handler);
  }
}

// Sections 5.5.1 and 7.4.
void Protocol::take_close(std::span<const std::byte> payload, Handler& handler) {
  CloseFrame received;
  if (payload.size() == 1) return fail(Cause::close_payload_one_byte, handler);
  if (!payload.empty()) {
    received.code = load_big_endian_16(payload);
    if (!registry::valid_on_wire_when_received(*received.code)) return fail(Cause::invalid_close_code, handler);
    const auto reason = payload.subspan(close_code_bytes);
    if (!is_valid_utf8(reason)) return fail(Cause::invalid_utf8_reason, handler);
    received.reason = as_text(reason);
  }
  const bool ours_was_first = closing_ != nullptr;
  if (!ours_was_first) {
    closing_ = std::make_unique<Closing>();
    closing_->sent = CloseFrame{received.code, {}};
    // The answer is the code alone, and empty for an empty one.
    write_control(Opcode::close, payload.first(received.code ? close_code_bytes : 0), handler);
  }
  closing_->received = std::move(received);
  state_ = State::closed;
  if (!ours_was_first) handler.on_closing();
}

// Section 7.1.7. All later input is ignored, an answer to our Close included.
void Protocol::fail(Cause cause, Handler& handler) {
  if (state_ == State::closing) {
    closing_->violation = cause;
    state_ = State::closed;
    return;
  }
  start_closing(registry::status_for(cause), failure_reason(cause), cause, handler);
  state_ = State::closed;
  handler.on_closing();
}

// --- Output ---------------------------------------------------------------------------------------------------------

bool Protocol::send_message(MessageKind kind, std::span<const std::byte> payload, Handler& handler) {
  if (!may_send()) return false;
  FrameHeader header{.opcode = static_cast<Opcode>(kind)};
  if (compression_ && payload.size() >= settings_->compressed_bytes_min) {
    if (const auto compressed = compression_->compress(payload)) {
      header.rsv1 = true;
      payload = *compressed;
    }
  }
  header.payload_bytes = payload.size();
  if (role_ == Role::client) {
    write_masked(header, payload, handler);
    return true;
  }
  std::array<std::byte, frame_header_bytes_max> head;
  const std::size_t head_bytes = encode_header(header, head);
  handler.write(std::span(head).first(head_bytes), payload);
  return true;
}

const SharedFrame* Protocol::shareable(const SharedFrame& frame, SharedCompression& compression) const {
  if (role_ == Role::client) return nullptr;
  if (!compression_ || frame.payload().size() < settings_->compressed_bytes_min) return &frame;
  if (compression_->takes_over()) return nullptr;
  return &compression.compressed(frame, compression_->window_bits());
}

// The payload is the caller's and must not change, so it is masked piece by piece in a buffer.
void Protocol::write_masked(FrameHeader header, std::span<const std::byte> payload, Handler& handler) {
  header.mask_key = handler.next_mask_key();
  std::array<std::byte, frame_header_bytes_max> head;
  std::size_t head_bytes = encode_header(header, head);
  std::array<std::byte, 4096> masked;
  std::size_t offset = 0;
  do {
    const std::size_t piece_bytes = std::min(masked.size(), payload.size() - offset);
    mask_copy(payload.subspan(offset, piece_bytes), masked, *header.mask_key, offset);
    handler.write(std::span(head).first(head_bytes), std::span(masked).first(piece_bytes));
    head_bytes = 0;
    offset += piece_bytes;
  } while (offset < payload.size());
}

bool Protocol::send_ping(std::span<const std::byte> payload, Handler& handler) {
  if (!may_send()) return false;
  write_control(Opcode::ping, payload, handler);
  return true;
}

bool Protocol::send_pong(std::span<const std::byte> payload, Handler& handler) {
  if (!may_send()) return false;
  write_control(Opcode::pong, payload, handler);
  return true;
}

void Protocol::write_control(Opcode opcode, std::span<const std::byte> payload, Handler& handler) {
  CLEARLINE_ASSERT(payload.size() <= control_payload_bytes_max);
  FrameHeader header{.opcode = opcode, .payload_bytes = payload.size()};
  if (role_ == Role::client) return write_masked(header, payload, handler);
  std::array<std::byte, frame_header_bytes_max + control_payload_bytes_max> frame;
  const std::size_t head_bytes = encode_header(header, std::span(frame).first<frame_header_bytes_max>());
  copy(payload, frame.data() + head_bytes);
  handler.write(std::span(frame).first(head_bytes + payload.size()), {});
}

// --- Closing --------------------------------------------------------------------------------------------------------

void Protocol::close(std::uint16_t code, std::string_view reason, Cause cause, Handler& handler) {
  if (!may_send()) return;
  CLEARLINE_ASSERT(registry::may_be_sent(code, role_));
  start_closing(code, reason, cause, handler);
}

void Protocol::close(Cause cause, Handler& handler) {
  close(registry::status_for(cause), registry::cause_name(cause), cause, handler);
}

void Protocol::close_without_code(Cause cause, Handler& handler) {
  if (may_send()) start_closing(std::nullopt, {}, cause, handler);
}

void Protocol::start_closing(std::optional<std::uint16_t> code, std::string_view reason, Cause cause,
                             Handler& handler) {
  // A reason that is not text would make the peer fail the connection in turn (section 5.5.1).
  if (!is_valid_utf8(as_payload(reason))) reason = {};
  reason = cut_at_code_point(reason, close_reason_bytes_max);
  closing_ = std::make_unique<Closing>();
  closing_->sent = CloseFrame{code, std::string(reason)};
  closing_->sent_first = true;
  closing_->cause = cause;
  state_ = State::closing;
  if (assembly_) assembly_->message.clear();
  if (compression_) compression_->release();

  std::array<std::byte, control_payload_bytes_max> payload;
  std::size_t payload_bytes = 0;
  if (code) {
    payload[0] = static_cast<std::byte>(*code >> 8);
    payload[1] = static_cast<std::byte>(*code & 0xFF);
    copy(as_payload(reason), payload.data() + close_code_bytes);
    payload_bytes = close_code_bytes + reason.size();
  }
  write_control(Opcode::close, std::span(payload).first(payload_bytes), handler);
}

End Protocol::end(const TransportEnd& transport) const {
  return classify_end(closing_ ? *closing_ : Closing{}, transport);
}

// --- State ----------------------------------------------------------------------------------------------------------

HeaderRules Protocol::header_rules() const {
  return {
      .role = role_, .inside_message = assembly_ && assembly_->inside_message, .rsv1_allowed = compression_ != nullptr};
}

Protocol::Assembly& Protocol::assembly() {
  if (!assembly_) assembly_ = std::make_unique<Assembly>();
  return *assembly_;
}

}  // namespace clearline::ws
