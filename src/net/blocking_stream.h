// A TCP connection whose owner waits for it: for command line tools and their threads, never for a loop's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "net/file_descriptor.h"
#include "net/socket_address.h"

namespace clearline::net {

class BlockingStream {
 public:
  enum class Status : std::uint8_t {
    moved,          // at least one byte
    would_block,    // nothing now; wait()
    end_of_stream,  // the peer has shut down its sending
    reset,          // the peer or its kernel refuses more (ECONNRESET, EPIPE)
    failed,         // anything else; errno_value says what
  };
  struct Transfer {
    Status status = Status::failed;
    std::size_t bytes = 0;
    int errno_value = 0;
  };
  struct Interest {
    bool read = false;
    bool write = false;
  };

  BlockingStream() = default;

  // Tries the host's addresses in turn. Errors: not_found (no such name), io (with the system's words), unavailable
  // (the deadline passed).
  [[nodiscard]] static Result<BlockingStream> connect(const std::string& host, std::uint16_t port,
                                                      MonotonicTime deadline);
  [[nodiscard]] static Result<BlockingStream> connect(const SocketAddress& address, MonotonicTime deadline);

  [[nodiscard]] bool is_open() const { return static_cast<bool>(fd_); }
  // Neither waits. What has arrived before a reset may be lost with it: that is TCP's way.
  [[nodiscard]] Transfer send_some(std::span<const std::byte> bytes);
  [[nodiscard]] Transfer receive_some(std::span<std::byte> buffer);
  // Until one of these is possible, or an end is to be read. False when the deadline passed first.
  [[nodiscard]] Result<bool> wait(Interest interest, MonotonicTime deadline);

  // The peer reads the end of the stream; what it sends can still be received.
  void shut_down_sending();
  // Closes so that the peer gets a reset instead of an end.
  void reset();
  void close() { fd_.reset(); }

 private:
  explicit BlockingStream(FileDescriptor fd) : fd_(std::move(fd)) {}

  FileDescriptor fd_;
};

}  // namespace clearline::net
