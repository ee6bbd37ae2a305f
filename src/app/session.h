// What one WebSocket is to the application: nobody until its hello, then a visitor or an agent.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "app/accounts.h"
#include "app/outcome.h"
#include "app/rate_limit.h"
#include "app/visitor_token.h"
#include "chat/types.h"
#include "net/connection.h"

namespace clearline::app {

// Known at the upgrade, needed at the hello, then dropped.
struct Opening {
  std::string origin;  // empty: not a browser
  std::string host;
};

enum class SessionPhase : std::uint8_t { awaiting_hello, ready, ending };

// An idle visitor costs one of these; keep it small (bench/idle_footprint measures it).
struct Session {
  Session(net::ConnectionId connection_id, RateLimit sends, RateLimit signals_limit)
      : id(connection_id), send_bucket(sends), signal_bucket(signals_limit) {}

  net::ConnectionId id;
  SessionPhase phase = SessionPhase::awaiting_hello;
  bool visible = true;
  bool expires_first = false;  // the connection's deadline is the end of its sign-in, not of the heartbeat's wait
  std::uint16_t errors = 0;    // since errors_since
  chat::Sender sender;
  std::shared_ptr<const Rights> rights;
  VisitorIdentity visitor;                // visitors
  std::unique_ptr<TicketHolder> sign_in;  // agents
  std::unique_ptr<Opening> opening;
  MonotonicTime errors_since;
  TokenBucket send_bucket;
  TokenBucket signal_bucket;

  [[nodiscard]] bool is_agent() const { return sender.role == chat::Role::agent; }
};

static_assert(sizeof(Session) <= 168);

}  // namespace clearline::app
