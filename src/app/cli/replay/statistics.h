// What a replay counts while it runs.
#pragma once

#include <cstddef>
#include <cstdint>

#include "app/cli/replay/checker.h"
#include "app/cli/replay/latency.h"

namespace clearline::app::replay {

struct Statistics {
  std::size_t dialogues_done = 0;
  std::size_t messages_done = 0;  // acknowledged and delivered
  FaultCounts faults{};           // of the dialogues that are done
  std::size_t reconnects = 0;     // connections that ended although the replay still needed them
  std::size_t resends = 0;        // messages sent again, after a reconnect or because the server was busy
  std::size_t busy_replies = 0;   // retryable errors
  std::size_t gap_repairs = 0;    // events that came before one that was missing
  std::size_t bad_messages = 0;   // texts of the server that are not of the protocol
  LatencyHistogram ack;           // first send to acknowledgement
  LatencyHistogram delivery;      // first send to the other side
};

}  // namespace clearline::app::replay
