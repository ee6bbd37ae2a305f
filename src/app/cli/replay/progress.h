// What the person sees while a replay runs: a bar on a terminal, a line every few seconds elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string>

namespace clearline::app::replay {

struct ProgressSample {
  std::size_t dialogues = 0;
  std::size_t dialogues_all = 0;
  std::size_t messages = 0;
  std::size_t anomalies = 0;
  std::size_t reconnects = 0;
  double seconds = 0;
};

class Progress {
 public:
  enum class Mode : std::uint8_t { bar, lines, none };

  Progress(std::ostream& out, Mode mode) : out_(out), mode_(mode) {}

  void show(const ProgressSample& sample);
  // A line of its own, above the bar.
  void say(const std::string& line);
  // Leaves the terminal's line clean.
  void end();

 private:
  [[nodiscard]] std::string rate_text(const ProgressSample& sample) const;
  void erase_bar();

  std::ostream& out_;
  Mode mode_;
  bool bar_shown_ = false;
  ProgressSample before_;
  double next_line_seconds_ = 0;
};

}  // namespace clearline::app::replay
