#include "app/log_writer.h"

#include <algorithm>
#include <chrono>
#include <iterator>

#include "app/wire_views.h"
#include "base/log.h"

namespace clearline::app {

namespace {

registry::ErrorName error_name_of(chat::Refusal refusal) {
  switch (refusal) {
    case chat::Refusal::text_empty:
      return registry::ErrorName::text_empty;
    case chat::Refusal::too_large:
      return registry::ErrorName::too_large;
    case chat::Refusal::not_found:
      return registry::ErrorName::not_found;
    case chat::Refusal::forbidden:
      return registry::ErrorName::forbidden;
    case chat::Refusal::conversation_closed:
      return registry::ErrorName::conversation_closed;
    case chat::Refusal::duplicate_mismatch:
      return registry::ErrorName::duplicate_mismatch;
    case chat::Refusal::none:
      break;
  }
  return registry::ErrorName::internal;
}

ConversationId conversation_of(const chat::LogCommand& command) {
  return std::visit([](const auto& any) { return any.id; }, command);
}
const ClientId& client_id_of(const chat::LogCommand& command) {
  return std::visit([](const auto& any) -> const ClientId& { return any.client_id; }, command);
}

chat::Actor actor_of(const chat::Sender& sender, const Rights& rights) {
  return {sender, rights.all_sites, rights.sites};
}

bool may_watch(const chat::Conversation& state, const chat::Sender& sender, const Rights& rights) {
  if (sender.role == chat::Role::visitor) return state.visitor.value() == sender.id;
  return chat::may_act_on(actor_of(sender, rights), state.site);
}

// How long a client waits before it sends again what the store could not take.
constexpr std::int64_t store_retry_after_ms = 500;

}  // namespace

LogWriter::LogWriter(Ports ports, const LogWriterOptions& options)
    : ports_(std::move(ports)), options_(options), written_at_(monotonic_now()), thread_([this] { run(); }) {}

LogWriter::~LogWriter() {
  stop();
}

bool LogWriter::submit(Item item) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= options_.queue_max || stopping_) return false;
    queue_.push_back(std::move(item));
    if (queue_.size() > 1) return true;  // the writer was woken for the first
  }
  queued_.notify_one();
  return true;
}

std::size_t LogWriter::queued() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void LogWriter::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  queued_.notify_one();
  if (thread_.joinable()) thread_.join();
}

bool LogWriter::is_stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void LogWriter::run() {
  for (;;) {
    const std::vector<Item> batch = take();
    if (!batch.empty()) {
      write(batch);
    } else if (is_stopping()) {
      if (has_dirty()) write({});  // once: if the store still refuses, the clients will say their cursors again
      return;
    } else if (has_dirty()) {
      write({});
    } else {
      rest();
    }
  }
}

// Waits for work: a command, a cursor that has waited long enough or idleness (the batch is then empty), or the end.
std::vector<LogWriter::Item> LogWriter::take() {
  std::unique_lock lock(mutex_);
  const auto ready = [this] { return !queue_.empty() || stopping_; };
  if (const auto wait_ms = wait_at_most_ms()) {
    queued_.wait_for(lock, std::chrono::milliseconds(*wait_ms), ready);
  } else {
    queued_.wait(lock, ready);
  }
  if (queue_.size() <= options_.batch_max) return std::exchange(queue_, {});
  const auto middle = queue_.begin() + static_cast<std::ptrdiff_t>(options_.batch_max);
  std::vector<Item> batch(std::make_move_iterator(queue_.begin()), std::make_move_iterator(middle));
  queue_.erase(queue_.begin(), middle);
  return batch;
}

std::optional<std::int64_t> LogWriter::wait_at_most_ms() const {
  if (!has_dirty() && rested_) return std::nullopt;
  const std::int64_t due_ms =
      has_dirty() ? dirty_since_.ms + options_.cursor_delay_ms : written_at_.ms + options_.idle_after_ms;
  return std::max<std::int64_t>(due_ms - monotonic_now().ms, 0);
}

void LogWriter::rest() {
  rested_ = true;
  ports_.log->idle();
}

void LogWriter::write(const std::vector<Item>& batch) {
  Effects effects;
  effects.outcomes.resize(ports_.shard_count);
  bool committed = false;
  const auto attempt = [&]() -> Result<void> {
    CLEARLINE_CHECK(ports_.log->begin());
    for (const ConversationId id : to_restore_) CLEARLINE_CHECK(load(id));
    for (const Item& item : batch)
      CLEARLINE_CHECK(std::visit([&](const auto& command) { return write_item(command, effects); }, item));
    const bool cursors_due =
        has_dirty() && (batch.empty() || monotonic_now().ms >= dirty_since_.ms + options_.cursor_delay_ms);
    if (!effects.wrote && !cursors_due) {
      ports_.log->rollback();  // nothing but reads
      return {};
    }
    CLEARLINE_CHECK(save_dirty());
    committed = true;
    return ports_.log->commit();
  };
  if (const auto done = attempt(); !done) return write_failed(batch, done.error());
  to_restore_.clear();
  if (committed) {
    ports_.unsaved.clear();
    written_at_ = monotonic_now();
    rested_ = false;
  } else {
    keep_unsaved(effects);
  }
  publish(effects);
  if (cache_.size() > options_.cached_conversations_max)
    std::erase_if(cache_, [](const auto& entry) { return !entry.second.dirty; });
}

void LogWriter::write_failed(const std::vector<Item>& batch, const Error& error) {
  ports_.log->rollback();
  // What is cached may hold what was not committed. The cursors that were announced are kept for the next batch: their
  // versions were seen, and must not be given to other changes.
  cache_.clear();
  dirty_.clear();
  to_restore_ = ports_.unsaved.ids();
  dirty_since_ = monotonic_now();
  log_error("the store refused a batch of {} commands: {}", batch.size(), error.message);
  reject_all(batch, error);
}

// The rows that this batch has changed and will announce, but has not committed: read cursors.
void LogWriter::keep_unsaved(const Effects& effects) {
  std::vector<UnsavedRows::Row> rows;
  for (const ConversationId id : effects.changed)
    rows.push_back(std::make_shared<const chat::Conversation>(cache_.at(id).state));
  if (!rows.empty()) ports_.unsaved.put(rows);
}

Result<void> LogWriter::write_item(const WriteCommand& command, Effects& effects) {
  const ConversationId id = conversation_of(command.command);
  CLEARLINE_TRY(Cached* const cached, load(id));
  std::optional<chat::Event> prior;
  if (cached->exists) {
    CLEARLINE_TRY(prior, ports_.log->find(id, client_id_of(command.command)));
  }
  auto decision = chat::decide(cached->exists ? &cached->state : nullptr, prior,
                               actor_of(command.sender, *command.rights), command.command, ports_.now());
  auto& outcomes = effects.outcomes[command.origin.shard];
  if (!decision) {
    outcomes.push_back({command.origin, Rejected{error_name_of(decision.error().refusal),
                                                 std::move(decision.error().message), std::nullopt}});
    return {};
  }
  if (const auto* duplicate = std::get_if<chat::Duplicate>(&*decision)) {
    outcomes.push_back(
        {command.origin, Acknowledged{id, client_id_of(command.command), duplicate->seq, duplicate->at, true}});
    return {};
  }
  return append(command, *cached, std::get<chat::Facts>(*decision), effects);
}

Result<void> LogWriter::append(const WriteCommand& command, Cached& cached, chat::Facts& facts, Effects& effects) {
  const ConversationId id = facts.state.id;
  const auto directory = ports_.directory.get();
  for (const chat::Event& event : facts.events) {
    CLEARLINE_CHECK(ports_.log->append(id, event));
    // The sender's own connection gets the acknowledgement in place of the event that it asked for.
    bus::Message& message = effects.messages.emplace_back();
    message.topic = bus::conversation_topic(id);
    message.seq = event.seq;
    message.payload = std::make_shared<const std::string>(wire::event(id, event_view(event, *directory)));
    if (&event != &facts.events.back()) continue;
    message.except = command.origin.connection;
    message.reply = std::make_shared<const std::string>(
        wire::ack(command.origin.request, id, client_id_of(command.command), event.seq, event.at, ports_.epoch, false));
  }
  cached.state = std::move(facts.state);
  cached.exists = true;
  mark_dirty(cached);
  effects.changed.push_back(id);
  effects.wrote = true;
  return {};
}

Result<void> LogWriter::write_item(const CursorCommand& command, Effects& effects) {
  CLEARLINE_TRY(Cached* const cached, load(command.move.id));
  if (!cached->exists || !may_watch(cached->state, command.sender, *command.rights)) return {};
  std::optional<Error> failed;
  auto next = chat::move_cursor(cached->state, command.sender.role, command.move, [&](Seq seen) -> std::int64_t {
    auto count = ports_.log->count_visitor_messages(command.move.id, seen);
    if (count) return *count;
    failed = std::move(count).error();
    return 0;
  });
  if (failed) return tl::unexpected<Error>(std::move(*failed));
  if (!next) return {};
  cached->state = std::move(*next);
  mark_dirty(*cached);
  const bool visitor = command.sender.role == chat::Role::visitor;
  const chat::ReadCursor& cursor = visitor ? cached->state.visitor_cursor : cached->state.agents_cursor;
  effects.messages.push_back({bus::conversation_topic(command.move.id), 0, command.connection, 0,
                              std::make_shared<const std::string>(
                                  wire::receipt(command.move.id, sender_role(command.sender.role), cursor.delivered,
                                                cursor.seen, visitor ? 0 : cached->state.unread))});
  effects.changed.push_back(command.move.id);
  return {};
}

Result<LogWriter::Cached*> LogWriter::load(ConversationId id) {
  const auto [found, inserted] = cache_.try_emplace(id);
  if (!inserted) return &found->second;
  auto stored = ports_.log->load(id);
  if (!stored) {
    cache_.erase(found);
    return tl::unexpected<Error>(std::move(stored).error());
  }
  if (*stored) {
    found->second.state = std::move(**stored);
    found->second.exists = true;
    if (const auto unsaved = ports_.unsaved.find(id)) restore(found->second, *unsaved);
  }
  return &found->second;
}

// A failed batch has taken an announced cursor out of the cache.
void LogWriter::restore(Cached& cached, const chat::Conversation& unsaved) {
  if (unsaved.version <= cached.state.version) return;
  if (unsaved.last_seq == cached.state.last_seq) {
    cached.state = unsaved;
  } else {
    // The commit that was reported as failed has happened after all. Its log counts; the cursors will be said again.
    cached.state.version = unsaved.version + 1;
  }
  mark_dirty(cached);
}

Result<void> LogWriter::save_dirty() {
  for (const ConversationId id : dirty_) {
    Cached& cached = cache_.at(id);
    CLEARLINE_CHECK(ports_.log->save(cached.state));
    cached.dirty = false;
  }
  dirty_.clear();
  return {};
}

// Many changes of a conversation within a batch cost one row.
void LogWriter::mark_dirty(Cached& cached) {
  if (std::exchange(cached.dirty, true)) return;
  if (dirty_.empty()) dirty_since_ = monotonic_now();
  dirty_.push_back(cached.state.id);
}

void LogWriter::publish(Effects& effects) {
  add_summaries(effects, *ports_.directory.get());
  ports_.bus.publish(std::move(effects.messages));
  for (std::size_t shard = 0; shard < effects.outcomes.size(); ++shard)
    if (!effects.outcomes[shard].empty())
      ports_.deliver_outcomes(static_cast<std::uint8_t>(shard), std::move(effects.outcomes[shard]));
}

// One summary a changed conversation, for the lists of the site's agents; none if no agent of the site is there.
void LogWriter::add_summaries(Effects& effects, const DirectorySnapshot& directory) {
  std::ranges::sort(effects.changed);
  const auto repeated = std::ranges::unique(effects.changed);
  effects.changed.erase(repeated.begin(), repeated.end());
  for (const ConversationId id : effects.changed) {
    const auto cached = cache_.find(id);
    if (cached == cache_.end() || !ports_.presence.agents_online(cached->second.state.site)) continue;
    auto summary = std::make_shared<std::string>();
    wire::append_summary(*summary, summary_view(cached->second.state, directory, ports_.presence),
                         wire::Audience::agent);
    effects.messages.push_back(
        {bus::site_agents_topic(cached->second.state.site), 0, 0, id.value(), std::move(summary)});
  }
}

void LogWriter::reject_all(const std::vector<Item>& batch, const Error& error) {
  std::vector<std::vector<Outcome>> outcomes(ports_.shard_count);
  for (const Item& item : batch) {
    const auto* command = std::get_if<WriteCommand>(&item);
    if (command == nullptr) continue;
    outcomes[command->origin.shard].push_back(
        {command->origin,
         Rejected{registry::ErrorName::busy, "the store could not take it: " + error.message, store_retry_after_ms}});
  }
  for (std::size_t shard = 0; shard < outcomes.size(); ++shard)
    if (!outcomes[shard].empty()) ports_.deliver_outcomes(static_cast<std::uint8_t>(shard), std::move(outcomes[shard]));
}

}  // namespace clearline::app
