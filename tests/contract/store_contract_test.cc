#include "contract/store_contract.h"

#include "contract/temporary_directory.h"
#include "store/memory/memory_database.h"
#include "store/sqlite/sqlite_database.h"

namespace clearline::store {
namespace {

class MemoryTestStore final : public TestStore {
 public:
  chat::Database& database() override { return *database_; }

 private:
  std::unique_ptr<chat::Database> database_ = make_memory_database(chat::Epoch{0x5f3a9c0d11e2b744});
};

class SqliteTestStore final : public TestStore {
 public:
  chat::Database& database() override { return *database_; }

 private:
  TemporaryDirectory directory_;
  std::unique_ptr<chat::Database> database_ = value_of(open_sqlite_database(directory_.path() / "clearline.db", {}));
};

template <typename Store>
std::unique_ptr<TestStore> make() {
  return std::make_unique<Store>();
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreContract,
                         testing::Values(StoreCase{"memory", make<MemoryTestStore>},
                                         StoreCase{"sqlite", make<SqliteTestStore>}),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace clearline::store
