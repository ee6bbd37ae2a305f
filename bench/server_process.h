// A server under measurement: a child process with its own data directory, its CPU time and memory as the kernel
// counts them.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace clearline::bench {

class ServerProcess {
 public:
  // Starts `program serve --port 0 --data TEMPORARY …` and waits for its "listening on" line.
  [[nodiscard]] static Result<std::unique_ptr<ServerProcess>> start(const std::string& program,
                                                                    const std::vector<std::string>& arguments);
  // SIGTERM, waits for the drain, removes the data.
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] double start_ms() const { return start_ms_; }
  // User and system time of all its threads since it started.
  [[nodiscard]] double cpu_ms() const;
  [[nodiscard]] std::int64_t resident_bytes() const;

 private:
  ServerProcess() = default;

  pid_t pid_ = -1;
  std::uint16_t port_ = 0;
  double start_ms_ = 0;
  std::filesystem::path data_;
};

}  // namespace clearline::bench
