// What a measurement sends and expects, built once: endless streams of messages as one period in memory, so that
// sending is one call and checking an answer is one comparison of memory, byte for byte.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace clearline::bench {

// A cycle of messages that differ: an answer that is lost, repeated or out of order is not the expected one.
inline constexpr std::size_t messages_per_period = 4;

class CyclicStream {
 public:
  CyclicStream() = default;
  // `window_bytes`: the most that view() is asked for at once.
  CyclicStream(std::vector<std::byte> period, std::size_t window_bytes);

  [[nodiscard]] std::size_t message_bytes() const { return period_bytes_ / messages_per_period; }
  // The stream's bytes from this offset on; offsets are what advance() gives.
  [[nodiscard]] std::span<const std::byte> view(std::size_t offset, std::size_t bytes) const {
    return std::span(bytes_).subspan(offset, bytes);
  }
  [[nodiscard]] std::size_t advance(std::size_t offset, std::size_t bytes) const {
    return (offset + bytes) % period_bytes_;
  }

 private:
  std::vector<std::byte> bytes_;
  std::size_t period_bytes_ = messages_per_period;
};

struct Streams {
  CyclicStream requests;
  CyclicStream answers;
};

struct StreamSettings {
  std::size_t payload_bytes = 20;
  std::size_t in_flight = 1;
  std::size_t receive_bytes = 0;  // what the client reads at once
};

// Text messages of one masked frame each, every frame with a key of its own, and their echoes.
[[nodiscard]] Streams websocket_streams(const StreamSettings& settings);
// The same numbers of bytes without a protocol. All are alike, since the floor answers by count.
[[nodiscard]] Streams raw_streams(const StreamSettings& settings);

}  // namespace clearline::bench
