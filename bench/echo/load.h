// The load of one measurement: N connections to one server, each with a fixed number of messages under way, every byte
// of every answer compared with what it has to be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/file_descriptor.h"
#include "socket.h"
#include "streams.h"

namespace clearline::bench {

enum class Wire : std::uint8_t { websocket, raw };

struct LoadSettings {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  Wire wire = Wire::websocket;
  std::size_t connections = 1;
  std::size_t in_flight = 1;
  std::size_t payload_bytes = 20;
  // One connection sends, and every connection receives each message.
  bool fan_out = false;
};

struct Slice {
  std::uint64_t answers = 0;
  std::int64_t wall_ns = 0;
};

class Load {
 public:
  [[nodiscard]] static Result<Load> open(const LoadSettings& settings);

  // Keeps the messages under way for this long, then waits for the answers to all that were sent.
  [[nodiscard]] Result<Slice> run(std::int64_t duration_ns);

 private:
  struct Connection {
    Socket socket;
    std::size_t send_offset = 0;     // in the stream of requests
    std::size_t unsent_bytes = 0;    // asked for, and not yet taken by the kernel
    std::size_t receive_offset = 0;  // in the stream of answers
    std::size_t partial_bytes = 0;   // of the answer that is coming in
    std::size_t awaited = 0;         // answers; not counted when fanning out
    bool wants_writable = false;
  };

  explicit Load(const LoadSettings& settings);

  [[nodiscard]] Result<void> add(std::size_t index);
  [[nodiscard]] Result<void> start();
  [[nodiscard]] Result<void> ask_next();
  [[nodiscard]] Result<void> ask(Connection& connection, std::size_t messages);
  [[nodiscard]] Result<void> send(Connection& connection);
  [[nodiscard]] Result<void> receive(Connection& connection);
  [[nodiscard]] Result<void> answered(Connection& connection, std::size_t answers);
  [[nodiscard]] Result<void> turn();
  void watch_writable(Connection& connection, bool wanted);

  LoadSettings settings_;
  Streams streams_;
  std::vector<std::byte> buffer_;
  std::vector<Connection> connections_;
  net::FileDescriptor epoll_;
  bool running_ = false;
  bool take_turns_ = false;  // more connections than may have messages under way
  std::size_t next_ = 0;     // whose turn it is
  std::size_t awaited_ = 0;  // answers
  std::uint64_t answers_ = 0;
};

// Connects, shakes hands and drops the connection, `count` times, a few dozen at once.
[[nodiscard]] Result<Slice> connect_repeatedly(const LoadSettings& settings, std::size_t count);

}  // namespace clearline::bench
