// A log writer on the memory store, and everything that it says.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "app/current_reader.h"
#include "app/log_writer.h"
#include "faulty_log.h"
#include "store/memory/memory_database.h"

namespace clearline::app {

// Collects what was published and answered, from the writer's thread, in order.
class Announcements final : public bus::Bus {
 public:
  void publish(bus::Messages messages) override {
    const std::lock_guard lock(mutex_);
    for (bus::Message& message : messages) {
      if (message.reply) ++answers_;
      messages_.push_back(std::move(message));
    }
    changed_.notify_all();
  }
  void deliver(std::vector<Outcome> outcomes) {
    const std::lock_guard lock(mutex_);
    for (Outcome& outcome : outcomes) {
      ++answers_;
      outcomes_.push_back(std::move(outcome));
    }
    changed_.notify_all();
  }

  // Acknowledgements and refusals together.
  void wait_for_answers(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return answers_ >= count; });
  }
  void wait_for_messages(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return messages_.size() >= count; });
  }
  [[nodiscard]] std::vector<Outcome> take_outcomes() {
    const std::lock_guard lock(mutex_);
    return std::exchange(outcomes_, {});
  }
  [[nodiscard]] bus::Messages take_messages() {
    const std::lock_guard lock(mutex_);
    return std::exchange(messages_, {});
  }
  void forget() {
    const std::lock_guard lock(mutex_);
    messages_.clear();
    outcomes_.clear();
    answers_ = 0;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t answers_ = 0;
  bus::Messages messages_;
  std::vector<Outcome> outcomes_;
};

class LogWriterTest : public testing::Test {
 protected:
  static constexpr SiteId site{11};
  static constexpr std::uint64_t visitors_connection = 1001;
  static constexpr std::uint64_t agents_connection = 1002;

  LogWriterTest();
  ~LogWriterTest() override;

  // Ends the writer before, if there is one, and starts another on the same store.
  void start(const LogWriterOptions& options = {});

  // Visitor `number` owns conversation `number`.
  WriteCommand visitor_says(std::int64_t number, std::uint64_t client_id, std::string text = "text");
  WriteCommand agent_says(std::int64_t conversation, std::uint64_t client_id, std::string text = "text");
  WriteCommand agent_closes(std::int64_t conversation, std::uint64_t client_id);
  CursorCommand agent_has_seen(std::int64_t conversation, Seq seq);
  CursorCommand visitor_has_seen(std::int64_t number, Seq seq);

  void submit(LogWriter::Item item) { ASSERT_TRUE(writer_->submit(std::move(item))); }
  // All in one batch.
  void submit_together(std::vector<LogWriter::Item> items);
  // Submits, and waits for the answers of all that have one.
  void carry_out(std::vector<LogWriter::Item> items);

  [[nodiscard]] std::optional<chat::Conversation> stored(std::int64_t conversation);
  [[nodiscard]] std::optional<chat::Conversation> current(std::int64_t conversation);
  [[nodiscard]] std::vector<chat::Event> events(std::int64_t conversation);

  LogControl control_;
  Announcements announced_;
  DirectoryCache directory_;
  Presence presence_;
  UnsavedRows unsaved_;
  std::unique_ptr<chat::Database> database_ = store::make_memory_database(Epoch{9});
  std::unique_ptr<chat::Reader> store_reader_ = *database_->open_reader();
  CurrentReader current_reader_{*database_->open_reader(), unsaved_};
  std::unique_ptr<LogWriter> writer_;

 private:
  std::shared_ptr<const Rights> visitor_rights_;
  std::shared_ptr<const Rights> agent_rights_;
};

[[nodiscard]] ClientId client_id_of(std::uint64_t number);
// The number behind "name": in a JSON text; -1 if there is none.
[[nodiscard]] std::int64_t number_in(const std::string& json, const std::string& name);

}  // namespace clearline::app
