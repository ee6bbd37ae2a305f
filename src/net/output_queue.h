// What one connection has to send and the kernel has not taken: segments that leave in order by one gathered sendmsg.
// Within a turn a segment may lie in memory that dies with the turn (the cork, the receive buffer); persist() copies
// what is then left. Not part of the public interface.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ws/shared_frame.h"

namespace clearline::net {

// A bump allocator for the small outputs of one turn, shared by all connections of an endpoint.
class Cork {
 public:
  explicit Cork(std::size_t bytes);

  [[nodiscard]] bool has_room_for(std::size_t bytes) const { return bytes <= size_ - used_; }
  // Null when it is full.
  [[nodiscard]] std::byte* take(std::size_t bytes);
  // Everything handed out is void.
  void reset() { used_ = 0; }

 private:
  std::unique_ptr<std::byte[]> memory_;
  std::size_t size_;
  std::size_t used_ = 0;
};

enum class SendStatus : std::uint8_t { all_sent, kernel_full, failed };

class OutputQueue {
 public:
  OutputQueue();
  ~OutputQueue();

  // Head and body one behind the other, copied into the cork, or into memory of their own when it is full.
  void append_copy(std::span<const std::byte> head, std::span<const std::byte> body, Cork& cork);
  // Not copied: lives at least until the end of the turn.
  void append_transient(std::span<const std::byte> bytes);
  // Not copied: lives as long as the program.
  void append_permanent(std::span<const std::byte> bytes);
  void append_text(std::string text);
  void append_frame(const ws::SharedFrame& frame);

  [[nodiscard]] std::size_t bytes() const { return bytes_; }

  // The next bytes in one piece, at most as many as fit into `scratch`, which holds them if they lie in several.
  [[nodiscard]] std::span<const std::byte> front(std::span<std::byte> scratch) const;
  // Takes off the front what was sent some other way.
  void remove_sent(std::size_t count);

  // Gives the kernel what it takes. After a failure errno has the reason.
  [[nodiscard]] SendStatus send(int fd);
  // Copies what lies in transient memory, adjacent pieces together.
  void persist();
  void clear();
  // Whether it is small enough to be kept for the next connection that has something to send.
  [[nodiscard]] bool reusable() const { return segments_.capacity() <= 64; }

 private:
  struct Segment {
    std::span<const std::byte> bytes;
    bool transient = false;
    ws::SharedFrame frame;              // owner of the bytes, if a frame is
    std::unique_ptr<std::string> text;  // owner of the bytes, if a text is
  };

  void append(Segment segment);

  std::vector<Segment> segments_;
  std::size_t first_ = 0;  // those before it have been sent
  std::size_t bytes_ = 0;
};

}  // namespace clearline::net
