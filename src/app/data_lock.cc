#include "app/data_lock.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace clearline::app {

Result<DataLock> DataLock::acquire(const std::filesystem::path& data_directory) {
  const std::filesystem::path path = data_directory / "serving.lock";
  net::FileDescriptor fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) return fail(ErrorCode::io, fmt::format("{}: open: {}", path.string(), std::strerror(errno)));
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK)
      return fail(ErrorCode::already_exists,
                  fmt::format("{}: another server serves this data directory", data_directory.string()));
    return fail(ErrorCode::io, fmt::format("{}: flock: {}", path.string(), std::strerror(errno)));
  }
  return DataLock(std::move(fd));
}

}  // namespace clearline::app
