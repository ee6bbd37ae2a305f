// The file of a Unix socket: it outlives the process that made it, so a crash leaves one behind that nobody listens on.
// Not part of the public interface.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"
#include "net/listen_options.h"

namespace clearline::net {

// Removes the file when it ends, unless another has taken its place meanwhile.
class UnixSocketFile {
 public:
  UnixSocketFile() = default;
  UnixSocketFile(UnixSocketFile&& other) noexcept;
  UnixSocketFile& operator=(UnixSocketFile&& other) noexcept;
  UnixSocketFile(const UnixSocketFile&) = delete;
  UnixSocketFile& operator=(const UnixSocketFile&) = delete;
  ~UnixSocketFile() { remove(); }

  // Binds the socket to the path of options.address, with its mode and owner, and listens. A stale file is replaced;
  // one with a living server behind it is refused (already_exists), and so is whatever is no socket.
  [[nodiscard]] static Result<UnixSocketFile> bind_and_listen(int fd, const ListenOptions& options);

  void remove();

 private:
  std::string path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace clearline::net
