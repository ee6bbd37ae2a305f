// One side of one conversation, as a complete client keeps it: the log by the client's rule, repairs of gaps, and an
// outbox whose message is sent again, with the same client_id, until it is acknowledged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "app/cli/replay/client_log.h"
#include "app/cli/replay/client_message.h"
#include "app/cli/replay/server_message.h"
#include "app/cli/replay/session.h"
#include "base/ids.h"
#include "net/loop.h"

namespace clearline::app::replay {

class ConversationSide {
 public:
  class Listener {
   public:
    // A new event, in the log's order.
    virtual void on_taken(Speaker side, const Seen& seen) = 0;
    virtual void on_acknowledged(Speaker side, Seq seq) = 0;
    // The message, or the wish to watch, was refused for good.
    virtual void on_refused(Speaker side, std::string_view name, std::string_view message) = 0;
    virtual void on_new_epoch() = 0;

   protected:
    ~Listener() = default;
  };

  // The session outlives the side, or is the same client as the side.
  ConversationSide(Speaker side, Session& session, Listener& listener);
  ~ConversationSide();
  ConversationSide(const ConversationSide&) = delete;
  ConversationSide& operator=(const ConversationSide&) = delete;

  void set_conversation(ConversationId conv) { conv_ = conv; }
  [[nodiscard]] std::optional<ConversationId> conversation() const { return conv_; }

  // Puts one message into the outbox, which must be empty. The text lives until it is acknowledged.
  void post(const ClientId& client_id, std::string_view text);
  // Watches from the beginning of the log.
  void watch_all(Epoch epoch);
  // What to say in hello, if there is something to resume.
  [[nodiscard]] std::optional<ResumeFrom> resume_point() const;
  // The policy says: load afresh.
  void forget_resume_point();

  // After a new connection's welcome. `resumed`: the hello had the resume point; else the side asks by itself.
  void on_welcome(bool resumed);
  void on_ack(const Ack& ack);
  void on_events(const Events& events);
  void on_watching(const Watching& watching);
  void on_reset(const Reset& reset);
  // True when the error answers one of this side's requests.
  bool on_error(const ErrorReply& error);

  [[nodiscard]] Seq last_seq() const { return log_.last(); }
  [[nodiscard]] Epoch epoch() const { return log_.epoch(); }

 private:
  struct Pending {
    ClientId client_id;
    std::string_view text;
    std::int64_t request = 0;  // 0: not on its way
  };

  void transmit();
  void send_watch();
  void repair();
  void acknowledge(Seq seq);
  void retry_later(std::int64_t delay_ms, void (ConversationSide::*action)());
  void cancel_retry();

  const Speaker side_;
  Session& session_;
  Listener& listener_;
  std::optional<ConversationId> conv_;
  ClientLog log_;
  // The next `watching` says where the log begins: nothing was resumed.
  bool awaits_page_ = true;
  bool was_reset_ = false;
  std::optional<Pending> pending_;
  std::int64_t watch_request_ = 0;
  unsigned watch_tries_ = 0;
  net::TimerId retry_timer_;
};

}  // namespace clearline::app::replay
