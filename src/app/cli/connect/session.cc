#include "app/cli/connect/session.h"

#include <fmt/core.h>
#include <unistd.h>

#include <utility>

#include "app/cli/arguments.h"
#include "app/cli/connect/end_report.h"
#include "app/cli/connect/raw_terminal.h"
#include "ws/utf8.h"

namespace clearline::app::connect {

namespace {

// How long Ctrl-C may go unnoticed.
constexpr int turn_ms_max = 50;
// Behind the end, for the server to close TCP first (RFC 6455 section 7.1.1).
constexpr std::int64_t linger_ms = 1000;
constexpr std::size_t line_bytes_max = std::size_t{16} << 20;

}  // namespace

Session::Session(net::Loop& loop, Interrupt& interrupt, const Plan& plan, Printer& printer, LineEditor* editor)
    : loop_(loop),
      interrupt_(interrupt),
      plan_(plan),
      printer_(printer),
      editor_(editor),
      splitter_(line_bytes_max),
      client_(loop, plan.client, *this) {}

Session::~Session() = default;

Result<int> Session::run() {
  CLEARLINE_TRY(id_, client_.connect(plan_.connect));
  while (!done()) {
    loop_.run_once(turn_ms_max);
    read_on();
    check_interrupt();
    if (!printer_.flush() && !std::exchange(output_failed_, true)) {
      printer_.say("clearline connect: standard output takes no more");
      if (net::Connection* open = connection()) {
        open->close(registry::going_away, registry::Cause::application_closed, "the reader is gone");
      }
    }
    if (editor_ != nullptr && connection() != nullptr) {
      editor_->set_columns(terminal_columns(STDERR_FILENO));
      printer_.draw();
    }
  }
  return exit_status();
}

bool Session::done() const {
  return end_ && (client_.connection_count() == 0 || loop_.now().ms - ended_at_.ms > linger_ms);
}

int Session::exit_status() const {
  if (interrupts_seen_ > 0) return exit_interrupted;
  if (output_failed_) return exit_failed;
  const int status = static_cast<int>(exit_status_of(*end_));
  return status == exit_ok && input_bad_ ? exit_usage : status;
}

// --- The connection
// ---------------------------------------------------------------------------------------------------

void Session::on_open(net::Connection& connection) {
  id_ = connection.id();
  printer_.opened(plan_.url, connection.negotiated());
  if (plan_.ping_interval_ms > 0) ping();
  if (plan_.read_input) {
    start_reading();
  } else if (plan_.close && plan_.receive_max == 0) {
    close();
  }
}

void Session::on_message(net::Connection& /*connection*/, ws::MessageKind kind, std::string_view payload) {
  printer_.message(kind, payload);
  ++received_;
  if (plan_.receive_max > 0 && received_ >= plan_.receive_max) return close();
  if (close_timer_) close_after(plan_.wait_ms);
}

void Session::on_ping(net::Connection& /*connection*/, std::string_view payload) {
  printer_.ping(payload);
}

void Session::on_pong(net::Connection& /*connection*/, std::string_view payload) {
  if (ping_payload_.empty() || payload != ping_payload_) return printer_.pong(payload, std::nullopt);
  const auto waited = std::chrono::steady_clock::now() - ping_sent_at_;
  printer_.pong(payload, std::chrono::duration_cast<std::chrono::microseconds>(waited).count());
  ping_payload_.clear();
}

void Session::on_end(net::ConnectionId /*id*/, void* /*user*/, const ws::End& end) {
  end_ = end;
  ended_at_ = loop_.now();
  printer_.ended(end);
}

void Session::ping() {
  net::Connection* open = connection();
  if (open == nullptr || !open->is_open()) return;
  if (!ping_payload_.empty()) {
    printer_.say(fmt::format("no pong within {} s", static_cast<double>(plan_.ping_interval_ms) / 1000));
    return open->close(registry::Cause::heartbeat_lost);
  }
  ping_payload_ = std::to_string(++pings_sent_);
  ping_sent_at_ = std::chrono::steady_clock::now();
  open->send_ping(ping_payload_);
  loop_.after(plan_.ping_interval_ms, [this] { ping(); });
}

void Session::check_interrupt() {
  const std::size_t interrupts = interrupt_.times();
  if (interrupts == interrupts_seen_) return;
  const bool again = interrupts_seen_ > 0 || interrupts > 1;
  interrupts_seen_ = interrupts;
  net::Connection* open = connection();
  // A second one does not wait for the server's answer; before the connection is open there is none to wait for.
  if (again || open == nullptr) return client_.abort(id_);
  open->close(registry::going_away, registry::Cause::application_closed, "interrupted");
}

void Session::close() {
  net::Connection* open = connection();
  if (open == nullptr) return;
  if (!plan_.close) return open->close(registry::normal_closure, registry::Cause::purpose_fulfilled, {});
  open->close(plan_.close->code, registry::Cause::application_closed, plan_.close->reason);
}

void Session::close_after(std::int64_t delay_ms) {
  if (close_timer_) loop_.cancel(close_timer_);
  close_timer_ = loop_.after(delay_ms, [this] {
    close_timer_ = {};
    close();
  });
}

// --- Input
// ------------------------------------------------------------------------------------------------------------

void Session::start_reading() {
  auto started = InputReader::start(loop_, STDIN_FILENO, [this](const Input& input) { take_input(input); });
  if (!started) return refuse_input(started.error().message);
  reader_ = std::move(*started);
}

void Session::take_input(const Input& input) {
  const net::Connection* open = connection();
  if (open == nullptr || !open->is_open() || input_ended_) return;  // too late
  if (!input.error.empty()) return refuse_input("standard input: " + input.error);
  if (editor_ != nullptr) {
    take_typed(input.bytes);
  } else {
    take_piped(input);
  }
  if (input.ended && editor_ != nullptr) return close_for_input();
  if (input.ended) return wait_for_last_messages();
  input_taken_ = !input_ended_;
}

void Session::take_typed(std::string_view bytes) {
  const LineEditor::Typed typed = editor_->feed(bytes);
  printer_.line_changed();
  for (const std::string& line : typed.lines) send_line(line);
  if (typed.ended) close_for_input();
}

void Session::take_piped(const Input& input) {
  const auto send = [this](std::string_view line) { send_line(line); };
  if (!splitter_.feed(input.bytes, send)) {
    return refuse_input(
        fmt::format("line {} of the input is longer than {} bytes", splitter_.line_number(), line_bytes_max));
  }
  if (input.ended) splitter_.finish(send);
}

void Session::send_line(std::string_view line) {
  net::Connection* open = connection();
  if (open == nullptr || input_ended_) return;
  if (plan_.binary) {
    open->send_binary(line);
    return;
  }
  if (ws::is_valid_utf8(ws::as_payload(line))) {
    open->send_text(line);
    return;
  }
  if (editor_ != nullptr) return printer_.say("not sent: it is not UTF-8");
  refuse_input(fmt::format("line {} of the input is not UTF-8; --binary sends any bytes", splitter_.line_number()));
}

void Session::refuse_input(const std::string& why) {
  input_bad_ = true;
  printer_.say("clearline connect: " + why);
  close_for_input();
}

// When what was read has left, or nearly: a fast producer must not fill our memory. Asked at the end of every turn,
// when its output has been offered to the kernel.
void Session::read_on() {
  const net::Connection* open = connection();
  if (!input_taken_ || open == nullptr || open->queued_bytes() > plan_.client.limits.outgoing_low_bytes) return;
  input_taken_ = false;
  reader_->resume();
}

void Session::close_for_input() {
  input_ended_ = true;
  close();
}

void Session::wait_for_last_messages() {
  if (std::exchange(input_ended_, true) || plan_.receive_max > 0) return;
  close_after(plan_.wait_ms);
}

}  // namespace clearline::app::connect
