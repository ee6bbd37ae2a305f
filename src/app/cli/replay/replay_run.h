// All dialogues of a replay against one server, some of them at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "app/cli/replay/clients.h"
#include "app/cli/replay/dialogue_file.h"
#include "app/cli/replay/dialogue_run.h"
#include "app/cli/replay/server_url.h"
#include "app/cli/replay/session.h"
#include "app/cli/replay/statistics.h"
#include "net/loop.h"

namespace clearline::app::replay {

struct ReplayOptions {
  ServerUrl server;
  DialogueOptions dialogue;
  std::size_t concurrency = 50;
  std::size_t agents = 4;
  std::int64_t give_up_after_ms = 120'000;  // a dialogue in which nothing moves
};

struct BadDialogue {
  std::string dialogue;
  std::string conversation;  // empty when there is none yet
  Checker::Verdict verdict;
};

struct ReplayResult {
  Statistics statistics;
  std::vector<BadDialogue> bad_dialogues;
  std::size_t openers = 0;  // messages of ours in front of dialogues that an agent begins
  double seconds = 0;       // from the first dialogue's start to the last one's end
  bool interrupted = false;
  std::optional<std::string> failure;  // why the run ended early
};

class ReplayRun final : private DialogueRun::Owner {
 public:
  // Loop, tickets and dialogues outlive the run. `say` gets lines for the person at the terminal.
  ReplayRun(net::Loop& loop, TicketSource& tickets, const std::vector<Dialogue>& dialogues, ReplayOptions options,
            std::function<void(const std::string&)> say);
  ~ReplayRun();
  ReplayRun(const ReplayRun&) = delete;
  ReplayRun& operator=(const ReplayRun&) = delete;

  // Runs the loop until all is done. `tick` is called five times a second.
  [[nodiscard]] ReplayResult run(const std::function<void()>& tick);
  // On the loop's thread, as in tick: the run ends as it is.
  void interrupt();

  [[nodiscard]] const Statistics& statistics() const { return router_.statistics; }
  [[nodiscard]] std::size_t dialogue_count() const { return dialogues_.size(); }
  [[nodiscard]] std::size_t message_count() const { return message_count_; }
  // The agents are there, dialogues are on their way.
  [[nodiscard]] bool has_started() const { return started_; }
  [[nodiscard]] double seconds() const;

 private:
  void on_dialogue_done(DialogueRun& run) override;
  void start_when_agents_are_there();
  void start_next();
  void look_after_all();
  void tick_later(const std::function<void()>& tick);
  void fail_run(const std::string& why);

  net::Loop& loop_;
  const std::vector<Dialogue>& dialogues_;
  const ReplayOptions options_;
  SessionRouter router_;
  std::vector<std::unique_ptr<AgentSession>> agents_;
  std::unordered_map<DialogueRun*, std::unique_ptr<DialogueRun>> active_;
  std::size_t next_dialogue_ = 0;
  std::size_t message_count_ = 0;
  bool started_ = false;
  MonotonicTime started_at_;
  ReplayResult result_;
};

}  // namespace clearline::app::replay
