// The three kinds of client in a replay: the visitor of a dialogue, an agent with many of them, and the late reader,
// who comes afterwards and loads the whole history.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "app/cli/replay/conversation_side.h"
#include "app/cli/replay/session.h"
#include "base/result.h"

namespace clearline::app::replay {

class VisitorSession final : public Session {
 public:
  VisitorSession(SessionRouter& router, std::string name, std::string site, ConversationSide::Listener& listener,
                 std::function<void(const std::string&)> stopped);

  [[nodiscard]] ConversationSide& side() { return side_; }
  [[nodiscard]] const ConversationSide& side() const { return side_; }
  [[nodiscard]] const std::string& token() const { return token_; }

 private:
  void write_hello(std::string& out) override;
  void get_credential(bool renew) override;
  void on_welcome(const Welcome& welcome) override;
  void on_server_message(const ServerMessage& message) override;
  void on_disconnected(const NextStep& step) override;
  void on_stopped(const std::string& why) override { stopped_(why); }

  std::string site_;
  std::string token_;
  std::function<void(const std::string&)> stopped_;
  ConversationSide side_;
};

// Gets tickets without holding up the loop, and answers on it.
class TicketSource {
 public:
  // An unauthorized error: there is no way to a ticket; any other: try again later.
  using Done = std::function<void(Result<std::string>)>;
  virtual void get_ticket(std::size_t agent, Done done) = 0;

 protected:
  ~TicketSource() = default;
};

class AgentSession final : public Session {
 public:
  AgentSession(SessionRouter& router, std::string name, std::size_t index, TicketSource& tickets,
               std::function<void(const std::string&)> stopped);

  // From now on until remove() the side hears of its conversation. Its conversation is known.
  void add(ConversationSide& side);
  void remove(ConversationSide& side);
  [[nodiscard]] std::size_t conversation_count() const { return sides_.size(); }
  [[nodiscard]] bool was_welcomed() const { return was_welcomed_; }

 private:
  void write_hello(std::string& out) override;
  void get_credential(bool renew) override;
  void on_welcome(const Welcome& welcome) override;
  void on_server_message(const ServerMessage& message) override;
  void on_disconnected(const NextStep& step) override;
  void on_stopped(const std::string& why) override { stopped_(why); }
  [[nodiscard]] ConversationSide* find(ConversationId conv) const;

  std::size_t index_;
  TicketSource& tickets_;
  std::function<void(const std::string&)> stopped_;
  std::string ticket_;
  bool was_welcomed_ = false;
  std::unordered_map<ConversationId, ConversationSide*> sides_;
  std::vector<ConversationId> resumed_;  // those that the hello named
};

class LateReader final : public Session {
 public:
  using Done = std::function<void(const std::vector<Seen>& history)>;
  LateReader(SessionRouter& router, std::string name, std::string site, std::string token, ConversationId conv,
             Done done, std::function<void(const std::string&)> stopped);
  ~LateReader() override;

 private:
  void write_hello(std::string& out) override;
  void get_credential(bool renew) override;
  void on_welcome(const Welcome& welcome) override;
  void on_server_message(const ServerMessage& message) override;
  void on_stopped(const std::string& why) override { stopped_(why); }
  void add_newest(const std::vector<Seen>& events);
  void add_older(const Page& page);
  void go_on();
  void cancel_retry();
  [[nodiscard]] Seen keep(const Seen& seen);

  std::string site_;
  std::string token_;
  ConversationId conv_;
  Done done_;
  std::function<void(const std::string&)> stopped_;
  std::optional<Watching> watching_;
  bool more_ = false;
  Seq newest_seq_ = 0;
  Seq asked_before_ = 0;
  std::vector<Seen> history_;  // ascending
  std::deque<std::string> texts_;
  net::TimerId retry_timer_;
};

}  // namespace clearline::app::replay
