#include "contract/store_contract.h"

namespace clearline::store {

StoreContract::StoreContract()
    : store_(GetParam().make()),
      log_(value_of(store_->database().open_log())),
      reader_(value_of(store_->database().open_reader())),
      directory_(value_of(store_->database().open_directory())) {}

void StoreContract::write(const chat::Conversation& conversation, const std::vector<chat::Event>& events) {
  ASSERT_TRUE(is_ok(log().begin()));
  for (const chat::Event& event : events) ASSERT_TRUE(is_ok(log().append(conversation.id, event)));
  ASSERT_TRUE(is_ok(log().save(conversation)));
  ASSERT_TRUE(is_ok(log().commit()));
}

}  // namespace clearline::store
