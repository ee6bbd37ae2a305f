// One connection of `clearline connect`: input to messages, events to the printer, and when to close.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "app/cli/connect/input_reader.h"
#include "app/cli/connect/line_editor.h"
#include "app/cli/connect/line_splitter.h"
#include "app/cli/connect/printer.h"
#include "app/cli/interrupt.h"
#include "net/client.h"
#include "net/loop.h"

namespace clearline::app::connect {

struct CloseWish {
  std::uint16_t code = registry::normal_closure;
  std::string reason;
};

struct Plan {
  std::string url;  // as it is shown
  net::ClientOptions client;
  net::ConnectOptions connect;
  bool read_input = true;
  bool binary = false;                // lines go as binary messages
  std::optional<CloseWish> close;     // without input: as soon as it is open
  std::int64_t ping_interval_ms = 0;  // 0: no heartbeat
  std::int64_t wait_ms = 1000;        // for further messages when the input has ended
  std::size_t receive_max = 0;        // close after so many messages; 0: no limit
};

class Session final : private net::ConnectionHandler {
 public:
  // All outlive it. With an editor the input is a terminal's.
  Session(net::Loop& loop, Interrupt& interrupt, const Plan& plan, Printer& printer, LineEditor* editor);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Until the connection has ended; the exit status. An error: the options are wrong, nothing was done.
  [[nodiscard]] Result<int> run();

 private:
  // net::ConnectionHandler
  void on_open(net::Connection& connection) override;
  void on_message(net::Connection& connection, ws::MessageKind kind, std::string_view payload) override;
  void on_ping(net::Connection& connection, std::string_view payload) override;
  void on_pong(net::Connection& connection, std::string_view payload) override;
  void on_end(net::ConnectionId id, void* user, const ws::End& end) override;

  void start_reading();
  void take_input(const Input& input);
  void take_typed(std::string_view bytes);
  void take_piped(const Input& input);
  void send_line(std::string_view line);
  void refuse_input(const std::string& why);
  void read_on();
  // The input's end closes: at once, or when nothing has come for a while.
  void close_for_input();
  void wait_for_last_messages();

  void ping();
  void check_interrupt();
  void close();
  void close_after(std::int64_t delay_ms);
  [[nodiscard]] net::Connection* connection() { return client_.find(id_); }
  [[nodiscard]] bool done() const;
  [[nodiscard]] int exit_status() const;

  net::Loop& loop_;
  Interrupt& interrupt_;
  const Plan& plan_;
  Printer& printer_;
  LineEditor* editor_;
  LineSplitter splitter_;
  net::Client client_;
  net::ConnectionId id_;
  std::unique_ptr<InputReader> reader_;
  std::optional<ws::End> end_;
  MonotonicTime ended_at_;

  std::size_t received_ = 0;
  std::size_t interrupts_seen_ = 0;
  net::TimerId close_timer_;
  std::uint64_t pings_sent_ = 0;
  std::string ping_payload_;  // of the ping that waits for its pong; empty: none does
  std::chrono::steady_clock::time_point ping_sent_at_;
  bool input_ended_ = false;
  bool input_bad_ = false;
  bool input_taken_ = false;  // the reader waits for us
  bool output_failed_ = false;
};

}  // namespace clearline::app::connect
