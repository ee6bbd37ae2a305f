// A client's socket in a measurement: connected and upgraded while blocking, then non-blocking.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "net/file_descriptor.h"

namespace clearline::bench {

// The opening handshake: RFC 6455 section 1.3 has the key and its answer.
[[nodiscard]] std::string upgrade_request(std::string_view host, std::uint16_t port);
// An error that says what is wrong with the head of a server's answer.
[[nodiscard]] Result<void> check_upgrade_response(std::string_view head);

class Socket {
 public:
  [[nodiscard]] static Result<Socket> connect(const std::string& host, std::uint16_t port);

  [[nodiscard]] int fd() const { return fd_.get(); }

  // While blocking. The head ends with its empty line, and nothing may follow it.
  [[nodiscard]] Result<void> send_all(std::string_view bytes);
  [[nodiscard]] Result<std::string> receive_head();

  void set_non_blocking();
  // A count of bytes; 0 when the kernel has no room or no data.
  [[nodiscard]] Result<std::size_t> send(std::span<const std::byte> bytes);
  [[nodiscard]] Result<std::size_t> receive(std::span<std::byte> buffer);

  // Closes by a reset, which leaves no port waiting.
  void reset();

 private:
  explicit Socket(net::FileDescriptor fd) : fd_(std::move(fd)) {}

  net::FileDescriptor fd_;
};

}  // namespace clearline::bench
