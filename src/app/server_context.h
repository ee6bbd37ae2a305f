// What the shards of one server share. Everything here is immutable after start-up or thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/accounts.h"
#include "app/directory_snapshot.h"
#include "app/id_source.h"
#include "app/log_writer.h"
#include "app/presence.h"
#include "app/rate_limit.h"
#include "app/unsaved_rows.h"
#include "app/visitor_token.h"
#include "app/worker.h"
#include "base/random.h"
#include "bus/bus.h"
#include "chat/store.h"

namespace clearline::app {

class Shard;

// Limits and times of the product; docs/reference/protocol.md promises them to clients.
struct Policy {
  std::int64_t hello_timeout_ms = 10'000;
  std::int64_t heartbeat_ms = 20'000;                 // what clients are told
  std::int64_t heartbeat_timeout_ms = 40'000;         // without any message
  std::int64_t hidden_heartbeat_timeout_ms = 90'000;  // browsers slow down the timers of hidden tabs
  std::int64_t presence_grace_ms = 5'000;             // a reload is no departure
  std::int64_t inbox_collect_ms = 200;
  std::size_t first_page_events = 50;
  std::size_t resume_events_max = 1'000;
  std::size_t watched_max = 200;
  std::size_t errors_max = 50;  // within errors_window_ms; then the connection ends
  std::int64_t errors_window_ms = 10'000;
  RateLimit visitor_sends{.per_second = 10, .burst = 60};
  std::int64_t hsts_max_age_s = 0;                   // Strict-Transport-Security (RFC 6797) with TLS; 0: not sent
  RateLimit signals{.per_second = 20, .burst = 60};  // typing, and visitors' receipts; what is above is dropped
};

struct ServerContext {
  Policy policy;
  Epoch epoch;
  std::string version;
  bool tls = false;  // the port speaks HTTPS and wss only
  IdSource ids{random_u64()};
  DirectoryCache directory;
  Presence presence;
  UnsavedRows unsaved;
  std::unique_ptr<VisitorTokens> visitor_tokens;
  std::unique_ptr<bus::Bus> bus;
  std::unique_ptr<Accounts> accounts;
  std::unique_ptr<chat::Reader> reader;  // of the reading thread
  std::unique_ptr<Worker> reading;
  std::unique_ptr<LogWriter> writer;
  std::vector<Shard*> shards;
  std::atomic<bool> draining = false;
};

}  // namespace clearline::app
