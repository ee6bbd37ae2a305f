// The state machine of one WebSocket connection after its opening handshake (RFC 6455 sections 5 to 7), either role.
//
// Without I/O: bytes in through receive(), events and bytes to write out through the Handler, which is called before
// the function returns. No socket, clock, random source or exception inside. An idle connection is the sizeof of this
// class; heap memory is held only while a frame or a fragmented message is unfinished, and after a Close.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "registry/registry.h"
#include "ws/end.h"
#include "ws/frame.h"

namespace clearline::ws {

class Compression;
struct DeflateParameters;
struct HeaderRules;
class MessageBuffer;
struct ParsedHeader;
class SharedCompression;
class SharedFrame;

enum class MessageKind : std::uint8_t { text = 0x1, binary = 0x2 };

[[nodiscard]] inline std::string_view as_text(std::span<const std::byte> payload) {
  return {reinterpret_cast<const char*>(payload.data()), payload.size()};
}
[[nodiscard]] inline std::span<const std::byte> as_payload(std::string_view text) {
  return std::as_bytes(std::span<const char>(text.data(), text.size()));
}

// Where a Protocol's events and output go. Spans are valid only during the call. A callback may call send_message(),
// send_ping() and close() of the same Protocol; it must not call receive() nor destroy it.
class Handler {
 public:
  // A whole message; text is valid UTF-8. Never called after a Close went either way.
  virtual void on_message(MessageKind kind, std::span<const std::byte> payload) = 0;
  // The pong has been written already.
  virtual void on_ping(std::span<const std::byte> /*payload*/) {}
  virtual void on_pong(std::span<const std::byte> /*payload*/) {}
  // Called once, when receive() decides the connection's end: the peer's Close arrived (and was answered), or the peer
  // broke the protocol (and our Close says how). Protocol::end() has the status from now on. Not called for our own
  // close(): its caller knows.
  virtual void on_closing() {}

  // Bytes for the peer, to be written in the order of the calls: `head`, then `body`. `body` may be large, so a handler
  // may write it from where it lies instead of copying.
  virtual void write(std::span<const std::byte> head, std::span<const std::byte> body) = 0;
  // A fresh, unpredictable 32-bit number (section 5.3); asked once a frame, of clients only.
  virtual std::uint32_t next_mask_key() = 0;

 protected:
  ~Handler() = default;
};

// Shared by many connections; must outlive them.
struct Settings {
  // Of a whole message, after decompression. A longer one ends the connection with message_too_big.
  std::uint64_t message_bytes_max = std::uint64_t{1} << 20;
  // Shorter messages go uncompressed: they would hardly shrink, and the peer would pay for it.
  std::size_t compressed_bytes_min = 256;
};

// What is left to do for the owner of the transport.
enum class State : std::uint8_t {
  open,
  // Our Close went out first. Go on reading until the peer's arrives, for a bounded time.
  closing,
  // Nothing more will be read or written by the protocol. Flush the output; then a server shuts down sending, drains
  // for a bounded time and closes; a client waits for the server to do so, for a bounded time (section 7.1.1).
  closed,
};

class Protocol {
 public:
  // With `deflate`, the extension was agreed in the handshake (deflate_negotiation.h).
  Protocol(Role role, const Settings& settings, const DeflateParameters* deflate = nullptr);
  ~Protocol();
  Protocol(const Protocol&) = delete;
  Protocol& operator=(const Protocol&) = delete;

  // Takes all of the input. The bytes are unmasked in place: a frame that lies in it whole is handed on without a copy.
  // After the protocol is closed the input is ignored.
  void receive(std::span<std::byte> input, Handler& handler);

  // True until a Close went either way. Sending when false writes nothing and returns false.
  [[nodiscard]] bool may_send() const { return state_ == State::open; }
  // Text must be valid UTF-8; it is not checked here.
  bool send_message(MessageKind kind, std::span<const std::byte> payload, Handler& handler);
  // A message for many as its bytes go out on this connection, with no copy of its own: the frame itself, or its
  // compressed form. Null where the bytes cannot be shared, and then send_message() sends the frame's payload: a
  // client's frames are masked, and a context that is taken over has to see every compressed message.
  [[nodiscard]] const SharedFrame* shareable(const SharedFrame& frame, SharedCompression& compression) const;
  // At most 125 bytes.
  bool send_ping(std::span<const std::byte> payload, Handler& handler);
  // An unsolicited pong: a heartbeat that asks for no answer (section 5.5.3).
  bool send_pong(std::span<const std::byte> payload, Handler& handler);

  // Starts the closing handshake. The reason is cut at a code point to the 123 bytes that fit. The code must be one
  // that this role may send; `cause` says for the record why we close. Without effect once a Close went either way.
  void close(std::uint16_t code, std::string_view reason, registry::Cause cause, Handler& handler);
  // The same with the code that the registry has for the cause, and the cause's name as the reason.
  void close(registry::Cause cause, Handler& handler);
  // A Close frame without a code.
  void close_without_code(registry::Cause cause, Handler& handler);

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] Role role() const { return role_; }
  // The connection's end as it stands, by classify_end(): final once the transport's own end is given.
  [[nodiscard]] End end(const TransportEnd& transport = {}) const;

 private:
  struct Assembly;

  // Each takes bytes off the front of the input and returns the rest.
  std::span<std::byte> resume(std::span<std::byte> input, Handler& handler);
  bool take_plain_message(std::span<std::byte>& input, Handler& handler);
  std::span<std::byte> take_frame(std::span<std::byte> input, Handler& handler);
  std::span<std::byte> take_payload(const ParsedHeader& frame, std::span<std::byte> input, Handler& handler);
  std::span<std::byte> continue_frame(std::span<std::byte> input, Handler& handler);

  void take_whole_message(const ParsedHeader& frame, std::span<const std::byte> payload, bool ascii, Handler& handler);
  void deliver(MessageKind kind, std::span<const std::byte> payload, bool ascii, Handler& handler);
  void take_piece(const ParsedHeader& frame, std::span<const std::byte> piece, std::uint64_t offset, Handler& handler);
  void take_control(Opcode opcode, std::span<const std::byte> payload, Handler& handler);
  void take_close(std::span<const std::byte> payload, Handler& handler);
  void fail(registry::Cause cause, Handler& handler);

  void write_masked(FrameHeader header, std::span<const std::byte> payload, Handler& handler);
  void write_control(Opcode opcode, std::span<const std::byte> payload, Handler& handler);
  void start_closing(std::optional<std::uint16_t> code, std::string_view reason, registry::Cause cause,
                     Handler& handler);

  // The cause with which the connection has to fail, if the bytes do not fit or are bad.
  std::optional<registry::Cause> inflate(std::span<const std::byte> piece, bool last, MessageBuffer& message);
  [[nodiscard]] bool exceeds_limit(const ParsedHeader& frame) const;
  [[nodiscard]] HeaderRules header_rules() const;
  [[nodiscard]] Assembly& assembly();

  const Settings* settings_;
  std::unique_ptr<Assembly> assembly_;  // an unfinished frame or message
  std::unique_ptr<Closing> closing_;
  std::unique_ptr<Compression> compression_;
  Role role_;
  State state_ = State::open;
};

// A whole connection, shell included, is to stay under 256 bytes in user space.
static_assert(sizeof(Protocol) <= 48);

}  // namespace clearline::ws
