// One dialogue on its way: a visitor and an agent say their turns one after the other, each when the turn before was
// acknowledged and has come to the other side; then a late reader loads the history.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/replay/checker.h"
#include "app/cli/replay/clients.h"
#include "app/cli/replay/dialogue_file.h"
#include "base/clock.h"

namespace clearline::app::replay {

struct DialogueOptions {
  std::string site;
  double speed = 0;  // 1: the pace of t_ms; 2: twice as fast; 0: no pauses
};

// What a visitor says first where the dialogue begins with the agent: a conversation exists from the visitor's first
// message on. It is checked like the rest and not counted as a message of the dialogue.
inline constexpr std::string_view opener_text = "\xF0\x9F\x91\x8B";

class DialogueRun final : private ConversationSide::Listener {
 public:
  class Owner {
   public:
    // Called once. The run may be destroyed after, but not in the call.
    virtual void on_dialogue_done(DialogueRun& run) = 0;

   protected:
    ~Owner() = default;
  };

  DialogueRun(SessionRouter& router, AgentSession& agent, const Dialogue& dialogue, const DialogueOptions& options,
              Owner& owner);
  ~DialogueRun();
  DialogueRun(const DialogueRun&) = delete;
  DialogueRun& operator=(const DialogueRun&) = delete;

  void start();
  // Ends the dialogue as it is; what did not arrive counts as lost.
  void give_up(const std::string& why);

  // How long nothing has moved although something should; 0 in a pause of the dialogue.
  [[nodiscard]] std::int64_t stuck_for_ms(MonotonicTime now) const;

  // When it is done.
  [[nodiscard]] const Dialogue& dialogue() const { return dialogue_; }
  [[nodiscard]] std::string conversation() const;
  [[nodiscard]] const Checker::Verdict& verdict() const { return verdict_; }

 private:
  enum class Phase : std::uint8_t { talking, reading, done };

  void on_taken(Speaker side, const Seen& seen) override;
  void on_acknowledged(Speaker side, Seq seq) override;
  void on_refused(Speaker side, std::string_view name, std::string_view message) override;
  void on_new_epoch() override;

  void advance();
  [[nodiscard]] std::int64_t pause_ms() const;
  void say_next();
  void watch_as_agent();
  void begin_to_read();
  void finish(std::optional<std::string> trouble);
  void note_progress() { last_progress_ = router_.loop.now(); }
  [[nodiscard]] bool is_opener(std::size_t index) const { return opened_ && index == 0; }

  SessionRouter& router_;
  AgentSession& agent_;
  const Dialogue& dialogue_;
  const DialogueOptions& options_;
  Owner& owner_;

  const bool opened_;  // by an opener of ours
  std::vector<Expected> messages_;
  Checker checker_;
  VisitorSession visitor_;
  ConversationSide agent_side_;
  std::unique_ptr<LateReader> late_reader_;

  Phase phase_ = Phase::talking;
  std::size_t next_ = 0;  // the message to say next; the one before is under way or arrived
  bool acknowledged_ = true;
  bool delivered_ = true;
  std::int64_t said_at_us_ = 0;
  MonotonicTime started_at_;
  MonotonicTime last_progress_;
  net::TimerId pause_;
  Checker::Verdict verdict_;
};

}  // namespace clearline::app::replay
