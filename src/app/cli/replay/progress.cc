#include "app/cli/replay/progress.h"

#include <fmt/core.h>

#include <ostream>

#include "app/cli/replay/report.h"

namespace clearline::app::replay {

namespace {

constexpr std::size_t bar_columns = 24;
constexpr double line_every_seconds = 5;

std::string bar(const ProgressSample& sample) {
  const std::size_t filled =
      sample.dialogues_all == 0 ? bar_columns : bar_columns * sample.dialogues / sample.dialogues_all;
  return "[" + std::string(filled, '#') + std::string(bar_columns - filled, '.') + "]";
}

}  // namespace

void Progress::show(const ProgressSample& sample) {
  if (mode_ == Mode::none) return;
  if (mode_ == Mode::lines && sample.seconds < next_line_seconds_) return;
  const std::string text = fmt::format("{} of {} dialogues, {}, {} anomalies, {} reconnects",
                                       with_separators(sample.dialogues), with_separators(sample.dialogues_all),
                                       rate_text(sample), sample.anomalies, with_separators(sample.reconnects));
  if (mode_ == Mode::bar) {
    // Carriage return, and "erase to the end of the line".
    out_ << '\r' << bar(sample) << ' ' << text << "\x1b[K" << std::flush;
    bar_shown_ = true;
  } else {
    out_ << fmt::format("{:.0f} s: {}\n", sample.seconds, text) << std::flush;
    next_line_seconds_ = sample.seconds + line_every_seconds;
  }
  before_ = sample;
}

// Of the time since the last sample shown.
std::string Progress::rate_text(const ProgressSample& sample) const {
  const double seconds = sample.seconds - before_.seconds;
  const double rate = seconds > 0 ? static_cast<double>(sample.messages - before_.messages) / seconds : 0;
  return with_separators(static_cast<std::size_t>(rate)) + " messages/s";
}

void Progress::say(const std::string& line) {
  erase_bar();
  out_ << line << '\n' << std::flush;
}

void Progress::end() {
  erase_bar();
}

void Progress::erase_bar() {
  if (bar_shown_) out_ << "\r\x1b[K" << std::flush;
  bar_shown_ = false;
}

}  // namespace clearline::app::replay
