// A TCP connection whose owner waits for it, with TLS or without: for command line tools and their threads, never for a
// loop's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "net/file_descriptor.h"
#include "net/socket_address.h"

namespace clearline::net {

class TlsClientContext;

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

  BlockingStream();
  BlockingStream(BlockingStream&&) noexcept;
  BlockingStream& operator=(BlockingStream&&) noexcept;
  ~BlockingStream();

  // Tries the host's addresses in turn. Errors: not_found (no such name), io (with the system's words), unavailable
  // (the deadline passed).
  [[nodiscard]] static Result<BlockingStream> connect(const std::string& host, std::uint16_t port,
                                                      MonotonicTime deadline);
  [[nodiscard]] static Result<BlockingStream> connect(const SocketAddress& address, MonotonicTime deadline);

  // The TLS handshake; everything from here on is encrypted. The certificate must be for `host`. Errors: io (with what
  // is wrong, in the words of the registry's group tls), unavailable (the deadline passed).
  [[nodiscard]] Result<void> start_tls(std::shared_ptr<const TlsClientContext> context, const std::string& host,
                                       MonotonicTime deadline);

  [[nodiscard]] bool is_open() const { return static_cast<bool>(fd_); }
  // Neither waits. What has arrived before a reset may be lost with it: that is TCP's way. With TLS, bytes count as
  // moved when they are encrypted; what the kernel did not take of them leaves with the calls that follow.
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
  struct Tls;

  explicit BlockingStream(FileDescriptor fd);

  [[nodiscard]] Transfer send_plain(std::span<const std::byte> bytes);
  [[nodiscard]] Transfer receive_plain(std::span<std::byte> buffer);
  [[nodiscard]] Transfer flush_tls();
  [[nodiscard]] Transfer receive_tls();
  [[nodiscard]] Transfer take_plaintext(std::span<std::byte> buffer);

  FileDescriptor fd_;
  std::unique_ptr<Tls> tls_;
};

}  // namespace clearline::net
