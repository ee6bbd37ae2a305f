// The one thread that writes conversations. It takes whatever is queued (at most batch_max), decides each command,
// commits once, and only then acknowledges and publishes: a larger load makes larger batches, not more flushes.
// docs/adr/0004-ordering-and-delivery.md has the promise.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <variant>
#include <vector>

#include "app/directory_snapshot.h"
#include "app/outcome.h"
#include "app/presence.h"
#include "app/unsaved_rows.h"
#include "bus/bus.h"
#include "chat/decide.h"
#include "chat/store.h"

namespace clearline::app {

// A command that ends in an event, and is acknowledged or refused.
struct WriteCommand {
  CommandOrigin origin;
  chat::Sender sender;
  std::shared_ptr<const Rights> rights;
  chat::LogCommand command;
};

// A read cursor that moved. Not acknowledged: the client says it again after a reconnect, so it may wait for the next
// commit, at most cursor_delay_ms.
struct CursorCommand {
  std::uint64_t connection = 0;
  chat::Sender sender;
  std::shared_ptr<const Rights> rights;
  chat::MoveCursor move;
};

struct LogWriterOptions {
  std::size_t queue_max = 4096;
  std::size_t batch_max = 512;
  std::int64_t cursor_delay_ms = 1000;
  std::int64_t idle_after_ms = 1000;  // chat::Log::idle()
  std::size_t cached_conversations_max = 16'384;
};

// Where the outcomes that have no event go: called on the writer's thread, must hand over and return. The
// acknowledgement of an event goes with the event (bus::Message::reply), so that it comes at its place in the order.
using DeliverOutcomes = std::function<void(std::uint8_t shard, std::vector<Outcome>)>;

class LogWriter {
 public:
  using Item = std::variant<WriteCommand, CursorCommand>;

  struct Ports {
    std::unique_ptr<chat::Log> log;
    Epoch epoch;
    bus::Bus& bus;
    const DirectoryCache& directory;
    const Presence& presence;
    UnsavedRows& unsaved;
    DeliverOutcomes deliver_outcomes;
    std::uint8_t shard_count = 1;
    std::function<WallTime()> now;
  };

  LogWriter(Ports ports, const LogWriterOptions& options);
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  // Thread-safe. False: the queue is full, nothing was taken.
  [[nodiscard]] bool submit(Item item);
  // Writes what is queued, then ends the thread. Everything submitted before is answered.
  void stop();

  [[nodiscard]] std::size_t queued() const;

 private:
  struct Cached {
    chat::Conversation state;
    bool exists = false;  // in the store, or about to be by this batch
    bool dirty = false;
  };
  // What one batch leads to, held back until it is committed.
  struct Effects {
    std::vector<std::vector<Outcome>> outcomes;  // by shard
    bus::Messages messages;
    std::vector<ConversationId> changed;
    bool wrote = false;
  };

  void run();
  [[nodiscard]] std::vector<Item> take();
  [[nodiscard]] std::optional<std::int64_t> wait_at_most_ms() const;
  [[nodiscard]] bool is_stopping() const;
  void write(const std::vector<Item>& batch);
  void write_failed(const std::vector<Item>& batch, const Error& error);
  void rest();
  Result<void> write_item(const WriteCommand& command, Effects& effects);
  Result<void> write_item(const CursorCommand& command, Effects& effects);
  Result<void> append(const WriteCommand& command, Cached& cached, chat::Facts& facts, Effects& effects);
  Result<Cached*> load(ConversationId id);
  void restore(Cached& cached, const chat::Conversation& unsaved);
  Result<void> save_dirty();
  void keep_unsaved(const Effects& effects);
  void publish(Effects& effects);
  void add_summaries(Effects& effects, const DirectorySnapshot& directory);
  void reject_all(const std::vector<Item>& batch, const Error& error);
  void mark_dirty(Cached& cached);
  [[nodiscard]] bool has_dirty() const { return !dirty_.empty() || !to_restore_.empty(); }

  Ports ports_;
  const LogWriterOptions options_;

  mutable std::mutex mutex_;
  std::condition_variable queued_;
  std::vector<Item> queue_;
  bool stopping_ = false;

  // Of the writer's thread alone:
  std::unordered_map<ConversationId, Cached> cache_;
  std::vector<ConversationId> dirty_;       // rows that differ from the store's
  std::vector<ConversationId> to_restore_;  // rows that a failed batch has left unsaved
  MonotonicTime dirty_since_;
  MonotonicTime written_at_;
  bool rested_ = false;  // the store's upkeep is done since the last write
  std::thread thread_;
};

}  // namespace clearline::app
