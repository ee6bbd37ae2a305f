// A running server leaves its address and data directory in a small file named by its port, so that tools on the same
// machine, run by the same user, find the database of "the server on port 8080".
//
// The file is for this user alone, and the server holds a lock (flock) on it for as long as it lives. The kernel drops
// the lock with the process, however it ended; so a file that nobody has locked is stale, and no process id has to be
// believed.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace clearline::app {

struct RuntimeInfo {
  pid_t pid = 0;
  std::uint16_t port = 0;
  std::string address;   // what the server listens on, for example "127.0.0.1"
  std::string data_dir;  // absolute
  WallTime started_at;
  friend bool operator==(const RuntimeInfo&, const RuntimeInfo&) = default;
};

class RuntimeFile {
 public:
  // Registers this process. Fails with already_exists when a living server has registered the port, with forbidden
  // when the directory is not this user's alone. A server that cannot register can serve all the same.
  [[nodiscard]] static Result<RuntimeFile> create(const RuntimeInfo& info);
  [[nodiscard]] static Result<RuntimeFile> create(const RuntimeInfo& info, const std::filesystem::path& directory);

  RuntimeFile(RuntimeFile&& other) noexcept;
  RuntimeFile& operator=(RuntimeFile&& other) noexcept;
  RuntimeFile(const RuntimeFile&) = delete;
  RuntimeFile& operator=(const RuntimeFile&) = delete;
  ~RuntimeFile();  // removes the file

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  RuntimeFile(std::filesystem::path path, int fd);
  void remove();

  std::filesystem::path path_;
  int fd_ = -1;  // holds the lock
};

// Where the files may be, best first: $XDG_RUNTIME_DIR/clearline; /run/clearline for root; /tmp/clearline-<uid>.
[[nodiscard]] std::vector<std::filesystem::path> runtime_directories();

// The living server of this user on this port; not_found (naming the places looked at) when there is none.
[[nodiscard]] Result<RuntimeInfo> find_runtime(std::uint16_t port);
[[nodiscard]] Result<RuntimeInfo> find_runtime(std::uint16_t port,
                                               const std::vector<std::filesystem::path>& directories);

}  // namespace clearline::app
