// A disk that fails on request and that can lose its power: a SQLite VFS over the real one, for tests.
//
// While an object lives it is the default VFS, so every connection that a store opens uses it. It sees each change of a
// file (write, truncate, flush), counts it, and can make the n-th fail. It also remembers what was flushed, and so
// knows which states the files could be in if the power went now: all that was flushed, and of the changes since any of
// the 512-byte sectors, or none.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

struct sqlite3_vfs;

namespace clearline::store {

enum class Fault { disk_full, write_error, flush_error };
enum class Duration { once, lasting };

class FaultVfs {
 public:
  FaultVfs();
  ~FaultVfs();  // all connections must be closed
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  // The step-th change from now (1 is the next) that such a fault can meet fails.
  void arm(Fault fault, Duration duration, int step);
  void disarm();
  [[nodiscard]] bool fired() const { return fired_; }

  // Called before every change.
  void on_change(std::function<void()> hook) { hook_ = std::move(hook); }

  // Writes the files as a loss of power at this moment may leave them. `kept` is the share of the sectors that were not
  // flushed and reached the disk all the same.
  void write_files_after_power_loss(const std::filesystem::path& directory, std::mt19937& random, double kept) const;

  // For the VFS's functions.
  [[nodiscard]] int change(Fault possible);  // an SQLite result code
  struct Change {
    std::int64_t offset = 0;
    std::string bytes;
    bool truncate = false;  // to `offset`
  };
  struct File {
    std::string flushed;
    std::vector<Change> changes;  // since
  };
  std::map<std::string, File> files;
  sqlite3_vfs* real = nullptr;

 private:
  sqlite3_vfs* own_ = nullptr;
  std::function<void()> hook_;
  Fault fault_ = Fault::disk_full;
  Duration duration_ = Duration::once;
  int steps_left_ = 0;  // 0: not armed
  bool fired_ = false;
};

}  // namespace clearline::store
