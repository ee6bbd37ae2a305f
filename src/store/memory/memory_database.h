// The store in memory: for tests, and the slow and obvious reference that the other stores are compared with.
#pragma once

#include <memory>

#include "chat/store.h"
#include "chat/types.h"

namespace clearline::store {

// Its log, readers and directories may be used by different threads at the same time.
[[nodiscard]] std::unique_ptr<chat::Database> make_memory_database(chat::Epoch epoch);

}  // namespace clearline::store
