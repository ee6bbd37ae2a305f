#include "app/cli/inspect/probe_run.h"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/cli/inspect/judge.h"
#include "app/cli/inspect/raw_frame.h"
#include "app/cli/inspect/reply_reader.h"
#include "base/clock.h"
#include "base/random.h"
#include "http/parser.h"
#include "net/blocking_stream.h"
#include "ws/handshake.h"

namespace clearline::app::inspect {

namespace {

using Status = net::BlockingStream::Status;

constexpr std::size_t buffer_bytes = std::size_t{64} << 10;
constexpr std::int64_t tcp_end_wait_ms = 1'000;  // behind a Close, where nothing depends on it
constexpr std::int64_t reset_wait_ms = 1'000;    // for the reset that answers input to a closed socket

MonotonicTime in(std::int64_t ms) {
  return {monotonic_now().ms + ms};
}

// What a server may send: answers to everything, and some of its own.
std::size_t reply_bytes_max(const Probe& probe) {
  std::size_t bytes = std::size_t{1} << 20;
  for (const Step& step : probe.steps) bytes += 2 * (step.bytes.size() + static_cast<std::size_t>(step.fill_bytes));
  return bytes;
}

http::ParserLimits answer_limits() {
  return {.header_bytes_max = std::size_t{64} << 10, .body_bytes_max = std::size_t{1} << 20};
}

std::string random_key() {
  std::array<std::byte, 16> nonce;
  random_bytes(nonce);
  return ws::make_key(nonce);
}

Result<net::BlockingStream> connect(const Target& target, MonotonicTime deadline) {
  CLEARLINE_TRY(net::BlockingStream stream, net::BlockingStream::connect(target.host, target.port, deadline));
  if (target.tls) CLEARLINE_CHECK(stream.start_tls(target.tls, target.host, deadline));
  return stream;
}

class ProbeRun {
 public:
  ProbeRun(const Probe& probe, const Target& target, const RunTimes& times)
      : probe_(probe), target_(target), times_(times), buffer_(buffer_bytes), parser_(answer_limits()) {}

  Observation run() {
    if (open()) perform();
    if (reader_) seen_.reply = reader_->reply();
    return std::move(seen_);
  }

 private:
  [[nodiscard]] bool open();
  void take_answer();
  void perform();
  void perform(const Step& step);
  void put(const Step& step);
  void pause();
  void hold();
  void reset();
  void finish();

  // Sends what is queued and takes what comes, until it is done, TCP ends or the deadline passes.
  void pump(MonotonicTime deadline, const std::function<bool()>& done);
  void send_queued();
  void receive();
  void take(std::span<std::byte> bytes);
  [[nodiscard]] bool ended() const {
    if (seen_.tcp != TcpEnd::none) return true;
    return reader_ && (reader_->reply().close || reader_->reply().violation || reader_->reply().too_much);
  }
  [[nodiscard]] bool nothing_queued() const { return outgoing_.empty() && fill_bytes_ == 0; }
  [[nodiscard]] std::int64_t elapsed_ms() const { return monotonic_now().ms - opened_at_.ms; }

  const Probe& probe_;
  const Target& target_;
  const RunTimes& times_;
  std::vector<std::byte> buffer_;
  net::BlockingStream stream_;
  http::ResponseParser parser_;
  ProbeRequest request_;
  std::optional<ReplyReader> reader_;  // from the opening handshake on
  Observation seen_;
  std::string outgoing_;
  std::uint64_t fill_bytes_ = 0;  // behind it
  bool reading_ = true;
  bool write_failed_ = false;
  bool received_ = false;
  MonotonicTime opened_at_;
  MonotonicTime deadline_;
};

// --- Opening --------------------------------------------------------------------------------------------------------

bool ProbeRun::open() {
  const MonotonicTime deadline = in(times_.timeout_ms);
  auto request = make_probe_request(target_, probe_, random_key());
  auto stream = connect(target_, deadline);
  if (!request || !stream) {
    seen_.connect_error = request ? stream.error().message : request.error().message;
    return false;
  }
  request_ = std::move(*request);
  stream_ = std::move(*stream);
  outgoing_ = request_.text;
  opened_at_ = monotonic_now();
  pump(deadline, [this] { return parser_.state() != http::ParserState::need_more; });
  outgoing_.clear();
  // A body whose end is the stream's is complete enough; of one that is cut the status line counts.
  if (parser_.state() == http::ParserState::need_more && received_) parser_.finish();
  if (!reader_ && parser_.state() == http::ParserState::complete) take_answer();
  if (parser_.state() == http::ParserState::failed) seen_.not_http = parser_.error().text;
  seen_.waited_ms = elapsed_ms();
  return reader_.has_value();
}

void ProbeRun::take_answer() {
  OpeningAnswer answer = read_answer(parser_.response(), request_);
  if (answer.http.status == 101 && answer.http.invalid.empty())
    reader_.emplace(reply_bytes_max(probe_), answer.deflate);
  seen_.http = std::move(answer.http);
}

// --- Steps ----------------------------------------------------------------------------------------------------------

void ProbeRun::perform() {
  opened_at_ = monotonic_now();
  deadline_ = in(times_.timeout_ms);
  for (const Step& step : probe_.steps) {
    if (step.action != Step::Action::hold && ended()) break;
    perform(step);
  }
  const Demand demand = probe_.expect.demand;
  if (demand == Demand::answer || demand == Demand::fail_connection) {
    pump(deadline_,
         [&] { return ended() || (demand == Demand::fail_connection && shows_acceptance(reader_->reply())); });
  }
  if (probe_.expect.demand != Demand::release) seen_.waited_ms = elapsed_ms();
  finish();
}

void ProbeRun::perform(const Step& step) {
  switch (step.action) {
    case Step::Action::send:
      put(step);
      return pump(deadline_, [this] { return nothing_queued() || ended(); });
    case Step::Action::send_without_reading:
      put(step);
      reading_ = false;
      pump(deadline_, [this] { return nothing_queued(); });
      reading_ = true;
      return;
    case Step::Action::pause:
      return pause();
    case Step::Action::await_answers:
      return pump(deadline_, [this, looked_at = std::size_t{0}]() mutable {
        if (ended()) return true;
        const std::size_t count = reader_->answer_count();
        return std::exchange(looked_at, count) != count && answers_complete(probe_.expect, reader_->reply());
      });
    case Step::Action::await_tcp_end:
      return pump(deadline_, [this] { return seen_.tcp != TcpEnd::none; });
    case Step::Action::shut_down_sending:
      return stream_.shut_down_sending();
    case Step::Action::reset:
      return reset();
    case Step::Action::hold:
      return hold();
  }
}

void ProbeRun::put(const Step& step) {
  outgoing_ = step.bytes;
  fill_bytes_ = step.fill_bytes;
}

void ProbeRun::pause() {
  pump(in(times_.timeout_ms / 2), [this] { return ended(); });
  if (ended()) return;
  ++seen_.pauses_before_end;
  deadline_ = in(times_.timeout_ms);
}

void ProbeRun::reset() {
  stream_.reset();
  const Probe ordinary{};
  const Observation again = run_probe(ordinary, target_, times_);
  seen_.alive_afterwards = again.http && again.http->status == 101;
}

// The server's FIN alone does not show that it let go: it may go on holding the other direction. But a socket whose
// owner has closed it answers input with a reset. That is asked once, at the end, for some servers let go because of
// input.
void ProbeRun::hold() {
  const MonotonicTime start = monotonic_now();
  const MonotonicTime deadline = in(times_.hold_ms);
  pump(deadline, [this] { return seen_.tcp != TcpEnd::none; });
  if (seen_.tcp == TcpEnd::fin) {
    const auto hung_up = stream_.wait({}, deadline);
    if (hung_up && *hung_up) seen_.tcp = TcpEnd::reset;
  }
  seen_.waited_ms = monotonic_now().ms - start.ms;
  for (int i = 0; i < 2 && seen_.tcp == TcpEnd::fin && !write_failed_; ++i) {
    outgoing_ = ping_frame("");
    send_queued();
    static_cast<void>(stream_.wait({}, in(reset_wait_ms)));
  }
  seen_.released = write_failed_ || seen_.tcp == TcpEnd::reset;
}

// A polite end, so that the server's log is not full of ours: its Close is answered, then it is given time to close.
void ProbeRun::finish() {
  if (!stream_.is_open() || seen_.tcp != TcpEnd::none || probe_.expect.demand == Demand::release) return;
  const std::optional<ReceivedClose>& close = reader_->reply().close;
  const bool we_closed = probe_.expect.demand == Demand::answer || probe_.expect.close_code;
  if (!we_closed) outgoing_ = close_frame(registry::normal_closure);
  if (close || !we_closed) {
    pump(in(std::min(tcp_end_wait_ms, times_.timeout_ms)),
         [this, &close] { return seen_.tcp != TcpEnd::none || (!close && nothing_queued()); });
  }
}

// --- Transport ------------------------------------------------------------------------------------------------------

void ProbeRun::pump(MonotonicTime deadline, const std::function<bool()>& done) {
  while (true) {
    send_queued();
    if (reading_) receive();
    if (done() || seen_.tcp != TcpEnd::none || (reader_ && reader_->reply().too_much) || (!reading_ && write_failed_))
      return;
    const auto in_time = stream_.wait({.read = reading_, .write = !nothing_queued()}, deadline);
    if (!in_time || !*in_time) return;
  }
}

void ProbeRun::send_queued() {
  const std::string fill(std::min<std::uint64_t>(fill_bytes_, buffer_bytes), 'x');
  while (!nothing_queued() && !write_failed_) {
    const std::string_view next =
        outgoing_.empty() ? std::string_view(fill).substr(0, static_cast<std::size_t>(fill_bytes_)) : outgoing_;
    const auto sent = stream_.send_some(std::as_bytes(std::span(next.data(), next.size())));
    if (sent.status == Status::would_block) return;
    write_failed_ = sent.status != Status::moved;
    if (outgoing_.empty()) {
      fill_bytes_ -= sent.bytes;
    } else {
      outgoing_.erase(0, sent.bytes);
    }
  }
  // The Close that explains why the server takes no more may still be there to read.
  if (write_failed_) {
    outgoing_.clear();
    fill_bytes_ = 0;
  }
}

void ProbeRun::receive() {
  while (seen_.tcp == TcpEnd::none) {
    const auto received = stream_.receive_some(buffer_);
    if (received.status == Status::would_block) return;
    if (received.status == Status::moved) {
      take(std::span(buffer_).first(received.bytes));
      if (ended()) return;
      continue;
    }
    seen_.tcp = received.status == Status::end_of_stream ? TcpEnd::fin : TcpEnd::reset;
  }
}

void ProbeRun::take(std::span<std::byte> bytes) {
  received_ = true;
  if (!reader_ && parser_.state() == http::ParserState::need_more) {
    const std::size_t taken = parser_.feed(ws::as_text(bytes));
    bytes = bytes.subspan(taken);
    if (parser_.state() == http::ParserState::complete) take_answer();
  }
  if (reader_) reader_->feed(bytes);
}

}  // namespace

Observation run_probe(const Probe& probe, const Target& target, const RunTimes& times) {
  return ProbeRun(probe, target, times).run();
}

}  // namespace clearline::app::inspect
