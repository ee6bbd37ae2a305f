// When a client connects again, by the registry's policies alone. Pure: time and randomness are arguments.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "registry/registry.h"

namespace clearline::app::replay {

// How a connection, or the attempt to open one, ended: the bye's code if there was a bye, else the End's status.
struct Ending {
  std::uint16_t status = 0;
  bool said_by_bye = false;
  std::optional<std::int64_t> retry_after_ms;  // of the bye
  std::optional<std::int64_t> spread_ms;
};

struct NextStep {
  bool stop = false;
  std::int64_t delay_ms = 0;
  bool renew_credential = false;
  bool resync = false;  // forget the resume points
};

// Uniform in [0, bound); bound > 0.
using RandomBelow = std::uint32_t (*)(std::uint32_t bound);

class Reconnect {
 public:
  explicit Reconnect(RandomBelow random) : random_(random) {}

  [[nodiscard]] NextStep after(const Ending& ending, MonotonicTime now);
  // The server said welcome.
  void welcomed(MonotonicTime now);

 private:
  [[nodiscard]] std::int64_t delay_ms(const registry::AgainPolicy& policy, const Ending& ending);
  [[nodiscard]] std::int64_t random_within(std::int64_t bound_ms);

  RandomBelow random_;
  unsigned attempt_ = 0;        // since the last welcome
  unsigned limited_tries_ = 0;  // under policies that allow only a few
  std::optional<MonotonicTime> welcomed_at_;
  std::optional<MonotonicTime> last_end_at_;
  std::uint16_t last_status_ = 0;
};

}  // namespace clearline::app::replay
