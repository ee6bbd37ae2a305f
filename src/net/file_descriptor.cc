#include "net/file_descriptor.h"

#include <unistd.h>

namespace clearline::net {

void FileDescriptor::reset() {
  // Linux releases the descriptor whatever close returns, so an error leaves nothing to do.
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

}  // namespace clearline::net
