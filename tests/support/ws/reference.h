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

// What was agreed for the messages that come in. The window has 15 bits.
enum class ReferenceDeflate : std::uint8_t { none, no_takeover, takeover };

class Reference {
 public:
  Reference(bool is_server, std::uint64_t message_bytes_max, ReferenceDeflate deflate = ReferenceDeflate::none)
      : is_server_(is_server), message_bytes_max_(message_bytes_max), deflate_(deflate) {}

  void push(std::byte byte);
  // Our own Close.
  void start_closing(unsigned code, std::string_view reason);

  // As Recorder::transcript(), but the reason of a failing Close is cut behind the cause's name.
  [[nodiscard]] const std::vector<std::string>& transcript() const { return transcript_; }
  // No frame or message is unfinished.
  [[nodiscard]] bool idle() const { return frame_.empty() && !message_; }
  [[nodiscard]] bool closed() const { return closed_; }

 private:
  // A message as far as it has arrived. `wire` is what stood in its frames, compressed if `compressed`.
  struct Message {
    unsigned opcode = 0;
    bool compressed = false;
    Bytes wire = {};
  };

  void judge_frame();
  // False if the connection has failed by it.
  bool judge_message(const Message& message, bool complete);
  void take_control(unsigned opcode, const Bytes& payload);
  void take_data(const Message& message, bool fin);
  void take_close(const Bytes& payload);
  void fail(unsigned code, std::string_view cause);

  bool is_server_;
  std::uint64_t message_bytes_max_;
  ReferenceDeflate deflate_;
  Bytes frame_;                     // of the frame that is being received, header included
  std::optional<Message> message_;  // the frames before it, of a message that is unfinished
  Bytes history_;                   // what all compressed messages before gave, where their context is taken over
  bool closing_ = false;
  bool closed_ = false;
  std::vector<std::string> transcript_;
};

// A recorder's transcript in the words of the reference.
[[nodiscard]] std::vector<std::string> without_failure_texts(std::vector<std::string> transcript);

}  // namespace clearline::ws::testing
