// The suite's end of one TCP connection: frames out as they are told, frames in as they come. Both at the same time, so
// that large messages both ways do not wait for each other.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "net/file_descriptor.h"
#include "support/ws/read_frame.h"
#include "support/ws/wire.h"

namespace clearline::ws::testing {

// How long the other side may take for anything: reached only when it fails.
inline constexpr std::int64_t patience_ms = 30'000;

class SocketPeer {
 public:
  explicit SocketPeer(net::FileDescriptor fd);

  // Sends all of it, in writes of at most so many bytes (0: as large as it goes). False if the other side is gone.
  bool send(const Bytes& bytes, std::size_t write_bytes = 0);
  bool send(const std::string& head) { return send(bytes_of(head)); }

  // The next frame; nothing at the end of the stream, after a reset, or when patience ends.
  std::optional<ReadFrame> next_frame();
  // The head of an HTTP message, its empty line included.
  std::optional<std::string> next_head();
  // True when the other side closes TCP properly, without another byte.
  bool wait_for_eof();
  void shut_down_sending();

 private:
  // Waits for the socket once, reads and writes what it can. False if nothing more will come.
  bool turn(std::int64_t deadline_ms);
  bool read_some();

  net::FileDescriptor fd_;
  Bytes in_;
  std::size_t taken_ = 0;  // bytes of in_ that were handed out
  Bytes out_;
  std::size_t sent_ = 0;
  std::size_t write_bytes_ = 0;
  bool eof_ = false;
  bool reset_ = false;
};

}  // namespace clearline::ws::testing
