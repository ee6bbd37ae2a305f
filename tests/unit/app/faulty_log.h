// A log whose n-th call fails, and which can be held at the beginning of a transaction: so that a test decides what is
// in a batch, and at which step of it the store gives up.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>

#include "chat/store.h"

namespace clearline::app {

// What the test tells the log, and hears of it; outlives both. Thread-safe.
class LogControl {
 public:
  enum class Fault { none, call_fails, commit_happens_and_fails };

  // The n-th call from now on (1 is the next one) fails, and so do the further ones of its transaction.
  void fail_at(int call, Fault fault = Fault::call_fails) {
    const std::lock_guard lock(mutex_);
    calls_until_fault_ = call;
    fault_ = fault;
  }
  // True if the fault has happened.
  [[nodiscard]] bool has_failed() const {
    const std::lock_guard lock(mutex_);
    return fault_ == Fault::none;
  }
  void forget_fault() {
    const std::lock_guard lock(mutex_);
    fault_ = Fault::none;
  }

  // The next transaction waits at its beginning until release().
  void hold() {
    const std::lock_guard lock(mutex_);
    held_ = true;
  }
  void wait_until_held() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_; });
  }
  void release() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }

  void wait_for_commits(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return commits_ >= count; });
  }
  void wait_for_idle_calls(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return idle_calls_ >= count; });
  }
  [[nodiscard]] int commits() const {
    const std::lock_guard lock(mutex_);
    return commits_;
  }
  [[nodiscard]] int loads() const {
    const std::lock_guard lock(mutex_);
    return loads_;
  }

 private:
  friend class FaultyLog;

  void at_begin() {
    std::unique_lock lock(mutex_);
    waiting_ = held_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !held_; });
    waiting_ = false;
  }
  // What is wrong with this call.
  Fault count_call(bool is_commit) {
    const std::lock_guard lock(mutex_);
    if (fault_ == Fault::none || --calls_until_fault_ > 0) return Fault::none;
    if (fault_ == Fault::commit_happens_and_fails && !is_commit) return Fault::none;
    return std::exchange(fault_, Fault::none);
  }
  void count(int LogControl::*counter) {
    const std::lock_guard lock(mutex_);
    ++(this->*counter);
    changed_.notify_all();
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Fault fault_ = Fault::none;
  int calls_until_fault_ = 0;
  bool held_ = false;
  bool waiting_ = false;
  int commits_ = 0;
  int loads_ = 0;
  int idle_calls_ = 0;
};

class FaultyLog final : public chat::Log {
 public:
  FaultyLog(std::unique_ptr<chat::Log> log, LogControl& control) : log_(std::move(log)), control_(control) {}

  Result<void> begin() override {
    control_.at_begin();
    if (control_.count_call(false) != LogControl::Fault::none) return refused();
    return log_->begin();
  }
  Result<void> commit() override {
    switch (control_.count_call(true)) {
      case LogControl::Fault::none:
        break;
      case LogControl::Fault::commit_happens_and_fails:
        static_cast<void>(log_->commit());
        committed_ = true;
        return refused();
      case LogControl::Fault::call_fails:
        return refused();
    }
    auto committed = log_->commit();
    control_.count(&LogControl::commits_);
    return committed;
  }
  void rollback() override {
    if (!std::exchange(committed_, false)) log_->rollback();
  }
  Result<std::optional<chat::Conversation>> load(ConversationId id) override {
    control_.count(&LogControl::loads_);
    if (control_.count_call(false) != LogControl::Fault::none) return refused();
    return log_->load(id);
  }
  Result<std::optional<chat::Event>> find(ConversationId id, const ClientId& client_id) override {
    if (control_.count_call(false) != LogControl::Fault::none) return refused();
    return log_->find(id, client_id);
  }
  Result<std::int64_t> count_visitor_messages(ConversationId id, Seq after) override {
    if (control_.count_call(false) != LogControl::Fault::none) return refused();
    return log_->count_visitor_messages(id, after);
  }
  Result<void> append(ConversationId id, const chat::Event& event) override {
    if (control_.count_call(false) != LogControl::Fault::none) return refused();
    return log_->append(id, event);
  }
  Result<void> save(const chat::Conversation& conversation) override {
    if (control_.count_call(false) != LogControl::Fault::none) return refused();
    return log_->save(conversation);
  }
  void idle() override {
    log_->idle();
    control_.count(&LogControl::idle_calls_);
  }

 private:
  static tl::unexpected<Error> refused() { return fail(ErrorCode::io, "the disk is full"); }

  std::unique_ptr<chat::Log> log_;
  LogControl& control_;
  bool committed_ = false;
};

}  // namespace clearline::app
