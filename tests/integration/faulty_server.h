// A small server of the wire protocol that keeps its conversations in memory and misbehaves on demand: what a replay
// must notice, and what it must mend. Each fault happens to the message with the text that it names.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "net/loop.h"
#include "net/server.h"
#include "wire/commands.h"

namespace clearline::test {

struct Faults {
  // To be noticed.
  std::string lost_live;            // stored and acknowledged, not sent to the other side
  std::string lost_stored;          // acknowledged, nothing else
  std::string lost_in_history;      // not shown to a late reader
  std::string altered_live;         // comes with a byte more
  std::string altered_in_history;   // the same for a late reader
  std::string other_sender;         // comes as from the other side
  std::string stored_twice;         // under two numbers
  std::string twice_in_history;     // once in the log, shown twice
  std::string behind_in_history;    // shown behind the message that follows it
  std::string refused;              // a final error
  bool binary_welcome = false;      // not of the protocol
  bool visitors_forbidden = false;  // 3003
  // To be mended: each happens once.
  std::string dropped_before_storing;
  std::string dropped_before_ack;  // stored
  std::string busy;                // the sender is told to wait
  std::string gap;                 // withheld; the event behind it is sent
  std::string farewell;            // stored, then every connection gets a bye and 1012
  bool reset_at_resume = false;    // every resume point is refused
  std::size_t page_events = 50;
};

class FaultyServer final : private net::ServerHandler {
 public:
  explicit FaultyServer(Faults faults);
  ~FaultyServer();
  FaultyServer(const FaultyServer&) = delete;
  FaultyServer& operator=(const FaultyServer&) = delete;

  [[nodiscard]] std::string url() const;
  [[nodiscard]] int hellos() const { return hellos_.load(); }

 private:
  struct Message {
    Seq seq = 0;
    bool from_agent = false;
    std::optional<ClientId> client_id;  // none: a change of state
    std::string text;
  };
  struct Conversation {
    std::vector<Message> log;
    std::set<net::ConnectionId> watchers;
  };
  struct Peer {
    bool agent = false;
    bool late = false;  // a visitor with a token and nothing to resume
    ConversationId conv;
  };

  void on_request(net::ConnectionId id, const http::Request& request) override;
  net::UpgradeDecision on_upgrade(net::ConnectionId id, const http::Request& request,
                                  const ws::Upgrade& upgrade) override;
  void on_open(net::Connection& connection) override;
  void on_message(net::Connection& connection, ws::MessageKind kind, std::string_view payload) override;
  void on_end(net::ConnectionId id, void* user, const ws::End& end) override;

  void handle(net::Connection& connection, const wire::Hello& hello);
  void handle(net::Connection& connection, const wire::Send& send);
  void handle(net::Connection& connection, const wire::Watch& watch);
  void handle(net::Connection& connection, const wire::Unwatch& unwatch);
  void handle(net::Connection& connection, const wire::History& history);
  void handle(net::Connection& connection, const wire::Ping& ping);
  template <typename Other>
  void handle(net::Connection& /*connection*/, const Other& /*command*/) {}

  void start_watching(net::Connection& connection, ConversationId conv, std::optional<wire::RequestId> id,
                      std::optional<Seq> after);
  void store(Conversation& conversation, const wire::Send& send, bool from_agent);
  void fan_out(const net::Connection& sender, ConversationId conv, const Message& message);
  void say_farewell();
  [[nodiscard]] std::string event_json(const Message& message, bool for_history) const;
  [[nodiscard]] std::vector<std::string> events_json(const Conversation& conversation, Seq after, Seq before,
                                                     bool late) const;
  // Whether the fault is meant for this text and has not happened yet.
  [[nodiscard]] bool once(const std::string& fault, std::string_view text);

  Faults faults_;
  std::set<const std::string*> happened_;
  std::unique_ptr<net::Loop> loop_;
  std::unique_ptr<net::Server> server_;
  std::map<ConversationId, Conversation> conversations_;
  std::unordered_map<net::ConnectionId, Peer> peers_;
  std::int64_t next_conversation_ = 1;
  std::atomic<int> hellos_ = 0;
  std::thread thread_;
};

}  // namespace clearline::test
