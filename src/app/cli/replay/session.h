// One client of the protocol, over as many connections as it takes: hello, heartbeat, reconnect by the registry's
// policies. Visitors, agents and late readers differ in what they say in hello and do with messages.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "app/cli/replay/reconnect.h"
#include "app/cli/replay/server_message.h"
#include "app/cli/replay/statistics.h"
#include "net/client.h"
#include "net/connection.h"
#include "net/loop.h"
#include "ws/end.h"

namespace clearline::app::replay {

class Session;

// What all sessions of a run share. Gives each connection's callbacks to the session that it belongs to.
class SessionRouter final : public net::ConnectionHandler {
 public:
  SessionRouter(net::Loop& loop, net::ConnectOptions server, RandomBelow random);

  void on_open(net::Connection& connection) override;
  void on_message(net::Connection& connection, ws::MessageKind kind, std::string_view payload) override;
  void on_end(net::ConnectionId id, void* user, const ws::End& end) override;

  // Once a second: pings, and lines that went silent.
  void heartbeat();

  net::Loop& loop;
  net::ConnectOptions server;
  RandomBelow random;
  Statistics statistics;
  // A line for the person at the terminal.
  std::function<void(const std::string&)> say = [](const std::string&) {};

 private:
  friend class Session;
  // An entry of its own for every connection of a session that still cares.
  std::unordered_map<net::ConnectionId, Session*> sessions_;
  MessageReader reader_;
  std::string out_;  // what is written next; shared, since it is sent at once
  net::Client client_;
};

class Session {
 public:
  // `name` is for people: "visitor of dialogue 7".
  Session(SessionRouter& router, std::string name);
  virtual ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void start();
  // Says goodbye (1000) and stays closed.
  void finish();

  // Only while live; what is not sent then is sent after the next welcome by whoever wants it sent.
  void send(std::string_view text);
  // Where to write what is sent next.
  [[nodiscard]] std::string& out() { return router_.out_; }
  [[nodiscard]] std::int64_t next_request_id() { return ++last_request_id_; }

  [[nodiscard]] bool is_live() const { return state_ == State::live; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] SessionRouter& router() const { return router_; }

 protected:
  virtual void write_hello(std::string& out) = 0;
  virtual void on_welcome(const Welcome& welcome) = 0;
  virtual void on_server_message(const ServerMessage& message) = 0;
  // The connection is gone; a new one follows unless on_stopped is called next.
  virtual void on_disconnected(const NextStep& /*step*/) {}
  // The server, or the policy for how it ended the connection, says that there is no way back.
  virtual void on_stopped(const std::string& why) = 0;
  // Called before every connection; ends in connect(), credential_failed() or stop(). `renew`: the server refused the
  // one there is. The base connects at once.
  virtual void get_credential(bool renew);
  void connect();
  // A credential could not be had for now: try again later, as after a connection that failed.
  void credential_failed();

  // Ends the session without the server's doing.
  void stop(const std::string& why);

 private:
  friend class SessionRouter;
  enum class State : std::uint8_t { idle, waiting, credential, connecting, opening, live, stopped };

  void handle_open(net::Connection& connection);
  void handle_text(net::Connection& connection, std::string_view text);
  void handle_end(const ws::End& end);
  void handle_bad_message(net::Connection& connection, const std::string& why);
  void beat(MonotonicTime now);
  void reconnect_after(const Ending& ending, const std::string& words);
  void detach();

  SessionRouter& router_;
  std::string name_;
  Reconnect reconnect_;
  State state_ = State::idle;
  net::ConnectionId connection_;
  net::TimerId timer_;
  bool has_bye_ = false;
  Ending bye_;
  std::string bye_words_;
  std::int64_t heartbeat_ms_ = 20'000;
  std::int64_t ping_number_ = 0;
  std::int64_t last_request_id_ = 0;
  MonotonicTime last_heard_;
  MonotonicTime last_ping_;
  bool awaits_pong_ = false;
};

}  // namespace clearline::app::replay
