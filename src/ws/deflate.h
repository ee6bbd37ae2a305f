// One direction of permessage-deflate (RFC 7692 section 7.2) on zlib. For compression.cc, and for tools that make
// compressed messages of their own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "ws/message_buffer.h"

namespace clearline::ws {

enum class InflateResult : std::uint8_t { ok, too_big, bad_data };

class Inflater {
 public:
  explicit Inflater(std::uint8_t window_bits);
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Appends what the bytes give to the message, which may grow to `bytes_max`.
  [[nodiscard]] InflateResult feed(std::span<const std::byte> compressed, MessageBuffer& message,
                                   std::uint64_t bytes_max);
  // To be called when the message is complete.
  [[nodiscard]] InflateResult finish_message(MessageBuffer& message, std::uint64_t bytes_max);
  // Forgets all messages before.
  void reset();

 private:
  struct Stream;
  void continue_after_final_block();

  std::unique_ptr<Stream> stream_;
  bool at_block_end_ = false;  // all input so far ends where a block does, on a whole byte
};

// zlib's words for memory and effort. Measured on chat messages of 300 to 1,000 bytes: level 6 saves 1 % against 3, and
// costs a fifth more time; more memory than level 6 of it saves nothing.
struct DeflaterOptions {
  std::uint8_t window_bits = 15;  // 9 to 15: zlib does not compress with a window of 256 bytes
  std::uint8_t level = 3;
  std::uint8_t memory_level = 6;
};

class Deflater {
 public:
  explicit Deflater(const DeflaterOptions& options);
  ~Deflater();
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  // One whole message. The result is valid until the next message is compressed on this thread.
  [[nodiscard]] std::span<const std::byte> compress(std::span<const std::byte> message);
  void reset();

 private:
  struct Stream;

  std::unique_ptr<Stream> stream_;
};

}  // namespace clearline::ws
