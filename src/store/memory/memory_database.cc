#include "store/memory/memory_database.h"

#include <mutex>

#include "store/errors.h"
#include "store/memory/memory_directory.h"
#include "store/memory/memory_log.h"
#include "store/memory/memory_reader.h"
#include "store/memory/memory_state.h"

namespace clearline::store {

namespace {

class MemoryDatabase final : public chat::Database {
 public:
  explicit MemoryDatabase(chat::Epoch epoch) { state_.epoch = epoch; }

  Result<std::unique_ptr<chat::Log>> open_log() override {
    const std::unique_lock lock(state_.mutex);
    if (state_.log_open) return log_is_open();
    state_.log_open = true;
    return std::make_unique<MemoryLog>(state_);
  }
  Result<std::unique_ptr<chat::Reader>> open_reader() override { return std::make_unique<MemoryReader>(state_); }
  Result<std::unique_ptr<chat::Directory>> open_directory() override {
    return std::make_unique<MemoryDirectory>(state_);
  }

 private:
  MemoryState state_;
};

}  // namespace

std::unique_ptr<chat::Database> make_memory_database(chat::Epoch epoch) {
  return std::make_unique<MemoryDatabase>(epoch);
}

}  // namespace clearline::store
