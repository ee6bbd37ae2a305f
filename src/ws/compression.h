// permessage-deflate on one connection: which context reads and writes its messages. Internal to protocol.cc.
//
// A context that is not taken over from message to message belongs to the thread: the compressor is used and done with
// inside one call; a decompressor is borrowed from the message's first byte to its last. So an idle connection holds a
// context only where the handshake agreed to take it over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "registry/types.h"
#include "ws/deflate.h"
#include "ws/deflate_negotiation.h"

namespace clearline::ws {

// A whole message compressed without a context, so that any receiver with this window or a larger one reads it; valid
// until the next one on this thread. Nothing if it is better sent as it is.
[[nodiscard]] std::optional<std::span<const std::byte>> compress_alone(std::span<const std::byte> message,
                                                                       std::uint8_t window_bits);

class Compression {
 public:
  Compression(registry::Role role, const DeflateParameters& parameters);
  ~Compression() { release(); }
  Compression(const Compression&) = delete;
  Compression& operator=(const Compression&) = delete;

  // One message at a time: the pieces of its payload, then its end.
  [[nodiscard]] InflateResult feed(std::span<const std::byte> compressed, MessageBuffer& message,
                                   std::uint64_t bytes_max);
  [[nodiscard]] InflateResult finish_message(MessageBuffer& message, std::uint64_t bytes_max);

  // The compressed message, valid until the next one on this thread; nothing if it is better sent as it is.
  [[nodiscard]] std::optional<std::span<const std::byte>> compress(std::span<const std::byte> message);

  // Whether what goes out is compressed with a memory of the messages before.
  [[nodiscard]] bool takes_over() const { return out_.takeover; }
  [[nodiscard]] std::uint8_t window_bits() const { return out_.window_bits; }

  // Gives up all contexts. The connection is closing: no message will be read or written any more.
  void release();

 private:
  struct Direction {
    std::uint8_t window_bits;
    bool takeover;
  };
  [[nodiscard]] Inflater& inflater();

  Direction in_;
  Direction out_;
  std::unique_ptr<Inflater> inflater_;
  std::unique_ptr<Deflater> deflater_;
};

}  // namespace clearline::ws
