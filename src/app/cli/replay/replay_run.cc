#include "app/cli/replay/replay_run.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/random.h"

namespace clearline::app::replay {

namespace {

constexpr std::int64_t look_ms = 1'000;
constexpr std::int64_t tick_ms = 200;

net::ConnectOptions connect_options(const ServerUrl& server) {
  net::ConnectOptions options;
  options.host = server.host;
  options.port = server.port;
  options.tls = server.tls;
  options.origin = server.origin;
  return options;
}

}  // namespace

ReplayRun::ReplayRun(net::Loop& loop, TicketSource& tickets, const std::vector<Dialogue>& dialogues,
                     ReplayOptions options, std::function<void(const std::string&)> say)
    : loop_(loop),
      dialogues_(dialogues),
      options_(std::move(options)),
      router_(loop, connect_options(options_.server), random_below) {
  router_.say = std::move(say);
  for (std::size_t i = 0; i < options_.agents; ++i) {
    agents_.push_back(std::make_unique<AgentSession>(
        router_, fmt::format("agent {}", i + 1), i, tickets,
        [this, i](const std::string& why) { fail_run(fmt::format("agent {} stopped: {}", i + 1, why)); }));
  }
  for (const Dialogue& dialogue : dialogues) {
    message_count_ += dialogue.turns.size();
    if (dialogue.turns.front().speaker == Speaker::agent) ++result_.openers;
  }
}

ReplayRun::~ReplayRun() {
  // Dialogues let go of their agents.
  active_.clear();
}

ReplayResult ReplayRun::run(const std::function<void()>& tick) {
  for (const auto& agent : agents_) agent->start();
  started_at_ = loop_.now();
  start_when_agents_are_there();
  look_after_all();
  tick_later(tick);
  loop_.run();
  result_.seconds = seconds();
  result_.statistics = router_.statistics;
  return result_;
}

void ReplayRun::interrupt() {
  result_.interrupted = true;
  loop_.stop();
}

double ReplayRun::seconds() const {
  return started_ ? static_cast<double>(loop_.now().ms - started_at_.ms) / 1000.0 : 0;
}

// Sign-in takes its time; dialogues that waited for it would measure that.
void ReplayRun::start_when_agents_are_there() {
  if (!std::all_of(agents_.begin(), agents_.end(), [](const auto& agent) { return agent->was_welcomed(); })) {
    loop_.after(10, [this] { start_when_agents_are_there(); });
    return;
  }
  started_ = true;
  started_at_ = loop_.now();
  for (std::size_t i = 0; i < options_.concurrency; ++i) start_next();
}

void ReplayRun::start_next() {
  if (next_dialogue_ == dialogues_.size()) {
    if (active_.empty()) loop_.stop();
    return;
  }
  AgentSession& agent = *agents_[next_dialogue_ % agents_.size()];
  DialogueRun::Owner& owner = *this;
  auto run = std::make_unique<DialogueRun>(router_, agent, dialogues_[next_dialogue_++], options_.dialogue, owner);
  DialogueRun& started = *run;
  active_.emplace(&started, std::move(run));
  started.start();
}

void ReplayRun::on_dialogue_done(DialogueRun& run) {
  const Checker::Verdict& verdict = run.verdict();
  ++router_.statistics.dialogues_done;
  for (std::size_t fault = 0; fault < fault_count; ++fault) router_.statistics.faults[fault] += verdict.counts[fault];
  if (!verdict.clean()) {
    result_.bad_dialogues.push_back({run.dialogue().id, run.conversation(), verdict});
    if (result_.bad_dialogues.size() <= 10)
      router_.say(fmt::format("dialogue {}, conversation {}: {}", run.dialogue().id, run.conversation(),
                              verdict.details.front()));
  }
  // It is in the middle of a call: it goes when the call is over.
  loop_.post([this, done = &run] {
    active_.erase(done);
    start_next();
  });
}

void ReplayRun::look_after_all() {
  router_.heartbeat();
  const MonotonicTime now = loop_.now();
  std::vector<DialogueRun*> stuck;
  for (const auto& [run, owned] : active_) {
    if (run->stuck_for_ms(now) >= options_.give_up_after_ms) stuck.push_back(run);
  }
  for (DialogueRun* run : stuck) run->give_up(fmt::format("nothing moved for {} s", options_.give_up_after_ms / 1000));
  if (!started_ && now.ms - started_at_.ms >= options_.give_up_after_ms)
    return fail_run(fmt::format("the agents could not sign in within {} s", options_.give_up_after_ms / 1000));
  loop_.after(look_ms, [this] { look_after_all(); });
}

void ReplayRun::tick_later(const std::function<void()>& tick) {
  loop_.after(tick_ms, [this, &tick] {
    tick();
    tick_later(tick);
  });
}

void ReplayRun::fail_run(const std::string& why) {
  result_.failure = why;
  loop_.stop();
}

}  // namespace clearline::app::replay
