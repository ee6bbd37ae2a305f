// One server a data directory: two would each keep conversations in memory that the other one changes.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "net/file_descriptor.h"

namespace clearline::app {

// Held for as long as it lives. The kernel drops it with the process, however that ended, so it is never stale. Tools
// that only write sites and agents do not need it.
class DataLock {
 public:
  // already_exists, naming the directory, while another server holds it.
  [[nodiscard]] static Result<DataLock> acquire(const std::filesystem::path& data_directory);

 private:
  explicit DataLock(net::FileDescriptor fd) : fd_(std::move(fd)) {}

  net::FileDescriptor fd_;
};

}  // namespace clearline::app
