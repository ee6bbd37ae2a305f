// What a Protocol did, as one number: cheap enough to compare two runs of it a hundred thousand times a second. Every
// event, every byte of its payload and every byte written counts, in order. A difference says only that there is one:
// the Recorder then tells which.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "ws/protocol.h"

namespace clearline::ws::testing {

class Digest final : public Handler {
 public:
  [[nodiscard]] std::uint64_t value() const { return hash_; }
  [[nodiscard]] std::size_t events() const { return events_; }
  [[nodiscard]] std::size_t bytes_written() const { return bytes_written_; }

  void on_message(MessageKind kind, std::span<const std::byte> payload) override {
    add_event(static_cast<std::uint64_t>(kind), payload);
  }
  void on_ping(std::span<const std::byte> payload) override { add_event(9, payload); }
  void on_pong(std::span<const std::byte> payload) override { add_event(10, payload); }
  void on_closing() override { add_event(8, {}); }
  void write(std::span<const std::byte> head, std::span<const std::byte> body) override {
    add(head);
    add(body);
    bytes_written_ += head.size() + body.size();
  }
  std::uint32_t next_mask_key() override { return mask_key_ += 0x9E3779B9; }

 private:
  void mix(std::uint64_t value) { hash_ = (hash_ ^ value) * 0x100000001b3ULL; }
  void add(std::span<const std::byte> bytes) {
    for (const std::byte byte : bytes) mix(static_cast<std::uint64_t>(byte));
  }
  // An event's number is no byte, so none is taken for a byte written.
  void add_event(std::uint64_t event, std::span<const std::byte> payload) {
    ++events_;
    mix(0x100 + event);
    mix(0x200 + payload.size());
    add(payload);
  }

  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
  std::size_t events_ = 0;
  std::size_t bytes_written_ = 0;
  std::uint32_t mask_key_ = 1;
};

}  // namespace clearline::ws::testing
