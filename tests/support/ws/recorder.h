// Runs a Protocol on bytes and writes down what it did, in order, one line an event:
//
//   text "hello"   binary 00ff   ping ""   pong "x"   closing      events of the handler
//   > text "hello"   > close 1002 "..."   > close                  frames that it wrote
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "support/ws/wire.h"
#include "ws/deflate_negotiation.h"
#include "ws/protocol.h"

namespace clearline::ws::testing {

[[nodiscard]] std::string describe(unsigned opcode, std::span<const std::byte> payload);

class Recorder final : public Handler {
 public:
  explicit Recorder(Role role) : role_(role) {}

  void on_message(MessageKind kind, std::span<const std::byte> payload) override;
  void on_ping(std::span<const std::byte> payload) override;
  void on_pong(std::span<const std::byte> payload) override;
  void on_closing() override;
  void write(std::span<const std::byte> head, std::span<const std::byte> body) override;
  std::uint32_t next_mask_key() override { return mask_key_ += 0x9E3779B9; }

  // What a test wants to do inside on_message, after it was recorded.
  std::function<void(MessageKind, std::span<const std::byte>)> when_message;
  std::function<void()> when_ping;

  // Given where compression was agreed: reads the payloads that were written compressed.
  std::function<Bytes(const Bytes&)> inflate;
  [[nodiscard]] std::size_t compressed_frames() const { return compressed_frames_; }

  // Events and frames written, in order. A frame that is not well-formed is marked WRONG.
  [[nodiscard]] const std::vector<std::string>& transcript();
  [[nodiscard]] const Bytes& output() const { return output_; }

 private:
  void decode_output();

  Role role_;
  std::uint32_t mask_key_ = 1;
  Bytes output_;
  std::size_t decoded_ = 0;
  std::size_t compressed_frames_ = 0;
  std::vector<std::string> transcript_;
};

// A protocol and its recorder, fed with copies of the input.
class Session {
 public:
  explicit Session(Role role, Settings settings = {}, std::optional<DeflateParameters> deflate = std::nullopt);

  Session& feed(std::span<const std::byte> bytes);
  Session& feed_in_pieces(std::span<const std::byte> bytes, std::size_t piece_bytes);
  [[nodiscard]] const std::vector<std::string>& transcript() { return recorder.transcript(); }

 private:
  Settings settings_;

 public:
  Protocol protocol;
  Recorder recorder;
};

}  // namespace clearline::ws::testing
