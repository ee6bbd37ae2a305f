#pragma once

#include <filesystem>

namespace clearline {

// Private to the test, and removed with all that it holds when the object goes.
class TemporaryDirectory {
 public:
  // `in_memory`: where the system has a file system for it, so that a test does not wait for flushes it does not need.
  enum class Kind { on_disk, in_memory };

  explicit TemporaryDirectory(Kind kind = Kind::on_disk);
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace clearline
