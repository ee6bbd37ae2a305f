// RFC 6455 for the second time: byte by byte, from scratch after every byte, with nothing shared with src/ws but the
// names of the causes. Slow and obvious; the differential tests and fuzz targets compare the engine with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/ws/wire.h"

namespace clearline::ws::testing {

class Reference {
 public:
  Reference(bool is_server, std::uint64_t message_bytes_max)
      : is_server_(is_server), message_bytes_max_(message_bytes_max) {}

  void push(std::byte byte);
  // Our own Close.
  void start_closing(unsigned code, std::string_view reason);

  // As Recorder::transcript(), but the reason of a failing Close is cut behind the cause's name.
  [[nodiscard]] const std::vector<std::string>& transcript() const { return transcript_; }
  // No frame or message is unfinished.
  [[nodiscard]] bool idle() const { return frame_.empty() && !message_; }
  [[nodiscard]] bool closed() const { return closed_; }

 private:
  void judge_frame();
  void take_frame(unsigned opcode, bool fin, const Bytes& payload);
  void take_close(const Bytes& payload);
  void fail(unsigned code, std::string_view cause);

  bool is_server_;
  std::uint64_t message_bytes_max_;
  Bytes frame_;                   // of the frame that is being received, header included
  std::optional<Bytes> message_;  // the fragments so far
  unsigned message_opcode_ = 0;
  bool closing_ = false;
  bool closed_ = false;
  std::vector<std::string> transcript_;
};

// A recorder's transcript in the words of the reference.
[[nodiscard]] std::vector<std::string> without_failure_texts(std::vector<std::string> transcript);

}  // namespace clearline::ws::testing
