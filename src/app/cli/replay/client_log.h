// The client's rule for one conversation (docs/reference/protocol.md, section 4): which event is new, which was there
// before, and when one is missing.
#pragma once

#include <cstdint>

#include "base/ids.h"

namespace clearline::app::replay {

class ClientLog {
 public:
  enum class Verdict : std::uint8_t {
    take,  // the next one
    drop,  // was there before
    gap,   // something before it is missing: ask for everything after last()
  };

  // A new log, or the one that follows a reset: everything after `last` is awaited.
  void restart(Epoch epoch, Seq last) {
    epoch_ = epoch;
    last_ = last;
    repairing_ = false;
  }

  [[nodiscard]] Verdict see(Seq seq) {
    if (seq <= last_) return Verdict::drop;
    if (seq != last_ + 1) return Verdict::gap;
    last_ = seq;
    return Verdict::take;
  }

  [[nodiscard]] Epoch epoch() const { return epoch_; }
  [[nodiscard]] Seq last() const { return last_; }

  // Whether to ask for a repair now: one request at a time is enough.
  [[nodiscard]] bool begin_repair() {
    if (repairing_) return false;
    repairing_ = true;
    return true;
  }
  // The answer came, or the connection ended: ask again if there is a gap again.
  void end_repair() { repairing_ = false; }

 private:
  Epoch epoch_;
  Seq last_ = 0;
  bool repairing_ = false;
};

}  // namespace clearline::app::replay
