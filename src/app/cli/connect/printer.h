// What `clearline connect` shows: messages on standard output, everything else on standard error; or, with --json, one
// object a line on standard output for every event. The end's line is on standard error always.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

#include "app/cli/connect/line_editor.h"
#include "net/connection.h"
#include "ws/end.h"

namespace clearline::app::connect {

struct PrinterOptions {
  bool json = false;
  bool out_is_terminal = false;
};

class Printer {
 public:
  // The streams outlive it. With an editor its line is kept out of the way of what is printed.
  Printer(std::ostream& out, std::ostream& err, const PrinterOptions& options, const LineEditor* editor = nullptr);

  void opened(std::string_view url, const net::Negotiated& negotiated);
  void message(ws::MessageKind kind, std::string_view payload);
  void ping(std::string_view payload);
  // With the round-trip time if it answers a ping of ours.
  void pong(std::string_view payload, std::optional<std::int64_t> round_trip_us);
  void ended(const ws::End& end);
  // A sentence about something else, on standard error.
  void say(std::string_view text);

  // Draws the editor's line again, if something was printed or typed since.
  void draw();
  void line_changed() { drawn_ = false; }
  // False when standard output takes no more.
  [[nodiscard]] bool flush();

 private:
  void erase();
  void print(std::string_view line);

  std::ostream& out_;
  std::ostream& err_;
  PrinterOptions options_;
  const LineEditor* editor_;
  bool drawn_ = false;  // the editor's line is on the screen as it is now
  bool on_screen_ = false;
};

// Lower case, two digits a byte.
[[nodiscard]] std::string hexadecimal(std::string_view bytes);

}  // namespace clearline::app::connect
