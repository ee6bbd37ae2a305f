#include "contract/fault_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "base/result.h"

namespace clearline::store {

namespace {

// What SQLite allocates for an open file: ours, with the real VFS's right behind it.
struct FaultFile {
  sqlite3_file base;
  FaultVfs* vfs;
  FaultVfs::File* state;  // null for the files that are not watched
  [[nodiscard]] sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

FaultFile& ours(sqlite3_file* file) {
  return *reinterpret_cast<FaultFile*>(file);
}
sqlite3_file* real(sqlite3_file* file) {
  return ours(file).real();
}
FaultVfs& vfs_of(sqlite3_vfs* vfs) {
  return *static_cast<FaultVfs*>(vfs->pAppData);
}
sqlite3_vfs* real(sqlite3_vfs* vfs) {
  return vfs_of(vfs).real;
}

void apply(std::string& bytes, const FaultVfs::Change& change) {
  const auto offset = static_cast<std::size_t>(change.offset);
  if (change.truncate) {
    bytes.resize(offset);
    return;
  }
  if (bytes.size() < offset + change.bytes.size()) bytes.resize(offset + change.bytes.size());
  bytes.replace(offset, change.bytes.size(), change.bytes);
}

int write_file(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  FaultFile& own = ours(file);
  if (const int failure = own.vfs->change(Fault::write_error)) return failure;
  const int result = own.real()->pMethods->xWrite(own.real(), data, size, offset);
  if (result == SQLITE_OK && own.state != nullptr)
    own.state->changes.push_back({offset, std::string(static_cast<const char*>(data), static_cast<std::size_t>(size))});
  return result;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  FaultFile& own = ours(file);
  if (const int failure = own.vfs->change(Fault::write_error)) return failure;
  const int result = own.real()->pMethods->xTruncate(own.real(), size);
  if (result == SQLITE_OK && own.state != nullptr) own.state->changes.push_back({size, {}, true});
  return result;
}

int flush_file(sqlite3_file* file, int flags) {
  FaultFile& own = ours(file);
  if (const int failure = own.vfs->change(Fault::flush_error)) return failure;
  const int result = own.real()->pMethods->xSync(own.real(), flags);
  if (result == SQLITE_OK && own.state != nullptr) {
    for (const FaultVfs::Change& change : own.state->changes) apply(own.state->flushed, change);
    own.state->changes.clear();
  }
  return result;
}

// SQLite asks for no memory mapping of a version 2 file: every change comes through the functions above.
constexpr sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = [](sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); },
    .xRead = [](sqlite3_file* f, void* to, int n,
                sqlite3_int64 at) { return real(f)->pMethods->xRead(real(f), to, n, at); },
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = flush_file,
    .xFileSize = [](sqlite3_file* f, sqlite3_int64* size) { return real(f)->pMethods->xFileSize(real(f), size); },
    .xLock = [](sqlite3_file* f, int level) { return real(f)->pMethods->xLock(real(f), level); },
    .xUnlock = [](sqlite3_file* f, int level) { return real(f)->pMethods->xUnlock(real(f), level); },
    .xCheckReservedLock = [](sqlite3_file* f, int* out) { return real(f)->pMethods->xCheckReservedLock(real(f), out); },
    .xFileControl = [](sqlite3_file* f, int op,
                       void* arg) { return real(f)->pMethods->xFileControl(real(f), op, arg); },
    .xSectorSize = [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); },
    .xDeviceCharacteristics = [](sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); },
    .xShmMap = [](sqlite3_file* f, int page, int size, int extend,
                  void volatile** out) { return real(f)->pMethods->xShmMap(real(f), page, size, extend, out); },
    .xShmLock = [](sqlite3_file* f, int at, int n,
                   int flags) { return real(f)->pMethods->xShmLock(real(f), at, n, flags); },
    .xShmBarrier = [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); },
    .xShmUnmap = [](sqlite3_file* f, int remove) { return real(f)->pMethods->xShmUnmap(real(f), remove); },
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  FaultFile& own = ours(file);
  own.base.pMethods = nullptr;
  own.vfs = &vfs_of(vfs);
  own.state = nullptr;
  const int result = real(vfs)->xOpen(real(vfs), name, own.real(), flags, out_flags);
  if (result != SQLITE_OK) return result;
  own.base.pMethods = &methods;
  if (name != nullptr && (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) != 0) {
    const auto [entry, is_new] = own.vfs->files.try_emplace(name);
    if (is_new) {  // what is there already is taken for flushed
      std::ifstream stream(name, std::ios::binary);
      entry->second.flushed.assign(std::istreambuf_iterator<char>(stream), {});
    }
    own.state = &entry->second;
  }
  return result;
}

int delete_file(sqlite3_vfs* vfs, const char* name, int flush_directory) {
  const int result = real(vfs)->xDelete(real(vfs), name, flush_directory);
  if (result == SQLITE_OK) vfs_of(vfs).files.erase(name);
  return result;
}

}  // namespace

FaultVfs::FaultVfs() : real(sqlite3_vfs_find(nullptr)) {
  own_ = new sqlite3_vfs(*real);
  own_->iVersion = 1;
  own_->szOsFile = static_cast<int>(sizeof(FaultFile)) + real->szOsFile;
  own_->pNext = nullptr;
  own_->zName = "fault";
  own_->pAppData = this;
  own_->xOpen = open_file;
  own_->xDelete = delete_file;
  own_->xAccess = [](sqlite3_vfs* v, const char* name, int flags, int* out) {
    return store::real(v)->xAccess(store::real(v), name, flags, out);
  };
  own_->xFullPathname = [](sqlite3_vfs* v, const char* name, int size, char* out) {
    return store::real(v)->xFullPathname(store::real(v), name, size, out);
  };
  own_->xGetLastError = [](sqlite3_vfs* v, int size, char* out) {
    return store::real(v)->xGetLastError(store::real(v), size, out);
  };
  CLEARLINE_ASSERT(sqlite3_vfs_register(own_, 1) == SQLITE_OK);
}

FaultVfs::~FaultVfs() {
  sqlite3_vfs_unregister(own_);
  sqlite3_vfs_register(real, 1);
  delete own_;
}

void FaultVfs::arm(Fault fault, Duration duration, int step) {
  fault_ = fault;
  duration_ = duration;
  steps_left_ = step;
  fired_ = false;
}

void FaultVfs::disarm() {
  steps_left_ = 0;
}

int FaultVfs::change(Fault possible) {
  if (hook_) hook_();
  const bool can_meet = (fault_ == Fault::flush_error) == (possible == Fault::flush_error);
  if (steps_left_ == 0 || !can_meet) return SQLITE_OK;
  if (steps_left_ > 1) {
    --steps_left_;
    return SQLITE_OK;
  }
  fired_ = true;
  if (duration_ == Duration::once) steps_left_ = 0;
  switch (fault_) {
    case Fault::disk_full:
      return SQLITE_FULL;
    case Fault::write_error:
      return SQLITE_IOERR_WRITE;
    case Fault::flush_error:
      break;
  }
  return SQLITE_IOERR_FSYNC;
}

void FaultVfs::write_files_after_power_loss(const std::filesystem::path& directory, std::mt19937& random,
                                            double kept) const {
  constexpr std::size_t sector_bytes = 512;
  std::bernoulli_distribution is_kept(kept);
  for (const auto& [name, file] : files) {
    std::string bytes = file.flushed;
    for (const Change& change : file.changes) {
      if (change.truncate) {
        if (is_kept(random)) apply(bytes, change);
        continue;
      }
      for (std::size_t at = 0; at < change.bytes.size();) {
        const auto offset = static_cast<std::size_t>(change.offset) + at;
        const std::size_t size = std::min(sector_bytes - offset % sector_bytes, change.bytes.size() - at);
        if (is_kept(random)) apply(bytes, {static_cast<std::int64_t>(offset), change.bytes.substr(at, size)});
        at += size;
      }
    }
    std::ofstream(directory / std::filesystem::path(name).filename(), std::ios::binary) << bytes;
  }
}

}  // namespace clearline::store
