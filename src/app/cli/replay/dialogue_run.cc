#include "app/cli/replay/dialogue_run.h"

#include <fmt/core.h>

#include <chrono>
#include <utility>

#include "base/random.h"

namespace clearline::app::replay {

namespace {

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// RFC 9562 section 5.4: random but for version and variant.
ClientId random_client_id() {
  ClientId id;
  random_bytes(id.bytes);
  id.bytes[6] = (id.bytes[6] & std::byte{0x0F}) | std::byte{0x40};
  id.bytes[8] = (id.bytes[8] & std::byte{0x3F}) | std::byte{0x80};
  return id;
}

std::vector<Expected> messages_of(const Dialogue& dialogue) {
  std::vector<Expected> messages;
  messages.reserve(dialogue.turns.size() + 1);
  if (dialogue.turns.front().speaker == Speaker::agent)
    messages.push_back({random_client_id(), Speaker::customer, opener_text});
  for (const Turn& turn : dialogue.turns) messages.push_back({random_client_id(), turn.speaker, turn.text});
  return messages;
}

}  // namespace

DialogueRun::DialogueRun(SessionRouter& router, AgentSession& agent, const Dialogue& dialogue,
                         const DialogueOptions& options, Owner& owner)
    : router_(router),
      agent_(agent),
      dialogue_(dialogue),
      options_(options),
      owner_(owner),
      opened_(dialogue.turns.front().speaker == Speaker::agent),
      messages_(messages_of(dialogue)),
      checker_(messages_),
      visitor_(router, fmt::format("visitor of dialogue {}", dialogue.id), options.site, *this,
               [this](const std::string& why) { give_up("the visitor stopped: " + why); }),
      agent_side_(Speaker::agent, agent, *this) {}

DialogueRun::~DialogueRun() {
  if (pause_) router_.loop.cancel(pause_);
  agent_.remove(agent_side_);
}

void DialogueRun::start() {
  started_at_ = router_.loop.now();
  note_progress();
  visitor_.start();
  advance();
}

void DialogueRun::advance() {
  if (phase_ != Phase::talking || !acknowledged_ || !delivered_ || pause_) return;
  if (next_ == messages_.size()) return begin_to_read();
  const std::int64_t wait_ms = pause_ms();
  if (wait_ms <= 0) return say_next();
  pause_ = router_.loop.after(wait_ms, [this] {
    pause_ = net::TimerId{};
    say_next();
  });
}

// How long the next turn is still to come, at the pace asked for.
std::int64_t DialogueRun::pause_ms() const {
  if (options_.speed <= 0 || is_opener(next_)) return 0;
  const Turn& turn = dialogue_.turns[next_ - (opened_ ? 1 : 0)];
  if (!turn.t_ms) return 0;
  const auto due_ms = static_cast<std::int64_t>(static_cast<double>(*turn.t_ms) / options_.speed);
  return started_at_.ms + due_ms - router_.loop.now().ms;
}

void DialogueRun::say_next() {
  const Expected& message = messages_[next_++];
  acknowledged_ = false;
  delivered_ = false;
  said_at_us_ = now_us();
  note_progress();
  ConversationSide& side = message.speaker == Speaker::customer ? visitor_.side() : agent_side_;
  side.post(message.client_id, message.text);
}

void DialogueRun::on_acknowledged(Speaker side, Seq seq) {
  if (phase_ != Phase::talking || acknowledged_ || messages_[next_ - 1].speaker != side) return;
  acknowledged_ = true;
  note_progress();
  router_.statistics.ack.add(now_us() - said_at_us_);
  checker_.acknowledged(next_ - 1, seq);
  if (!agent_side_.conversation()) watch_as_agent();
  advance();
}

void DialogueRun::on_taken(Speaker side, const Seen& seen) {
  if (phase_ != Phase::talking) return;
  const auto delivered = checker_.taken(side, seen);
  if (!delivered) return;
  note_progress();
  if (!is_opener(*delivered)) ++router_.statistics.messages_done;
  if (*delivered + 1 != next_ || delivered_) return;
  delivered_ = true;
  router_.statistics.delivery.add(now_us() - said_at_us_);
  advance();
}

// The conversation exists now: its first message is committed.
void DialogueRun::watch_as_agent() {
  agent_side_.set_conversation(*visitor_.side().conversation());
  agent_.add(agent_side_);
  agent_side_.watch_all(visitor_.side().epoch());
}

void DialogueRun::on_refused(Speaker side, std::string_view name, std::string_view message) {
  give_up(
      fmt::format("the server refused the {}: {}: {}", side == Speaker::agent ? "agent" : "visitor", name, message));
}

void DialogueRun::on_new_epoch() {
  checker_.new_epoch();
}

void DialogueRun::begin_to_read() {
  phase_ = Phase::reading;
  note_progress();
  // The agent has read all of it, so no demonstration ends with a list of unread conversations.
  write_receipt(agent_.out(), *agent_side_.conversation(), agent_side_.last_seq(), agent_side_.last_seq());
  agent_.send(agent_.out());
  agent_.remove(agent_side_);
  visitor_.finish();
  late_reader_ = std::make_unique<LateReader>(
      router_, fmt::format("late reader of dialogue {}", dialogue_.id), options_.site, visitor_.token(),
      *visitor_.side().conversation(),
      [this](const std::vector<Seen>& history) {
        checker_.read_late(history);
        finish(std::nullopt);
      },
      [this](const std::string& why) { give_up("the late reader stopped: " + why); });
  late_reader_->start();
}

void DialogueRun::give_up(const std::string& why) {
  if (phase_ == Phase::done) return;
  visitor_.finish();
  if (late_reader_) late_reader_->finish();
  agent_.remove(agent_side_);
  finish(fmt::format("given up: {}", why));
}

void DialogueRun::finish(std::optional<std::string> trouble) {
  if (std::exchange(phase_, Phase::done) == Phase::done) return;
  verdict_ = checker_.verdict();
  if (trouble) verdict_.details.insert(verdict_.details.begin(), *std::move(trouble));
  owner_.on_dialogue_done(*this);
}

std::int64_t DialogueRun::stuck_for_ms(MonotonicTime now) const {
  return phase_ == Phase::done || pause_ ? 0 : now.ms - last_progress_.ms;
}

std::string DialogueRun::conversation() const {
  const auto conv = visitor_.side().conversation();
  return conv ? to_text(*conv) : std::string();
}

}  // namespace clearline::app::replay
