// The rules of chat::Log's transactions, the same in every store: calls need an open transaction, and after one has
// failed only rollback() is left.
#pragma once

#include <optional>
#include <utility>

#include "base/result.h"
#include "store/errors.h"

namespace clearline::store {

class TransactionState {
 public:
  [[nodiscard]] bool is_open() const { return open_; }

  void open() {
    CLEARLINE_ASSERT(!open_);
    open_ = true;
  }
  void close() {
    open_ = false;
    first_error_.reset();
  }

  [[nodiscard]] Result<void> check() const {
    CLEARLINE_ASSERT(open_);
    if (first_error_) return transaction_failed(*first_error_);
    return {};
  }

  // Passes the result of a call on, and remembers its error.
  template <typename T>
  [[nodiscard]] Result<T> note(Result<T> result) {
    if (!result) first_error_ = result.error();
    return result;
  }

 private:
  bool open_ = false;
  std::optional<Error> first_error_;
};

}  // namespace clearline::store
