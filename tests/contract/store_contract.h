// What chat/store.h promises, as tests. An implementation takes part by one line:
//
//     INSTANTIATE_TEST_SUITE_P(Sqlite, StoreContract, testing::Values(StoreCase{"sqlite", make_sqlite_store}));
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "chat/store.h"
#include "contract/store_values.h"

namespace clearline::store {

// A new and empty database, and whatever it lies in (a directory that goes with this object).
struct TestStore {
  virtual ~TestStore() = default;
  [[nodiscard]] virtual chat::Database& database() = 0;
};

struct StoreCase {
  std::string name;
  std::function<std::unique_ptr<TestStore>()> make;
};

class StoreContract : public testing::TestWithParam<StoreCase> {
 protected:
  StoreContract();

  [[nodiscard]] chat::Database& database() { return store_->database(); }
  [[nodiscard]] chat::Log& log() { return *log_; }
  [[nodiscard]] chat::Reader& reader() { return *reader_; }
  [[nodiscard]] chat::Directory& directory() { return *directory_; }
  // log() is there from the start; this lets a test open one of its own.
  void close_log() { log_.reset(); }

  // One transaction: the events, and a row that they add up to.
  void write(const chat::Conversation& conversation, const std::vector<chat::Event>& events);

 private:
  std::unique_ptr<TestStore> store_;
  std::unique_ptr<chat::Log> log_;
  std::unique_ptr<chat::Reader> reader_;
  std::unique_ptr<chat::Directory> directory_;
};

}  // namespace clearline::store
