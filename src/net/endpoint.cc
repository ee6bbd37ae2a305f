#include "net/endpoint.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/random.h"
#include "net/tls/buffers.h"

namespace clearline::net {

namespace {

// About what a second-level cache can give to it.
constexpr std::size_t cork_bytes = std::size_t{128} << 10;
// What one connection answers to one input; more leaves in portions, from memory that is still in the cache.
constexpr std::size_t reply_bytes_max = std::size_t{64} << 10;
// How late a deadline may be noticed, and what looking costs.
constexpr std::int64_t sweep_interval_ms = 200;
constexpr std::size_t mask_keys_per_refill = 256;
// Callbacks of one turn's end may cause work for another; the rest waits for the next turn.
constexpr int tell_rounds_max = 8;

}  // namespace

Endpoint::Endpoint(Loop& loop, ws::Role role, std::uint8_t shard_index, const Limits& limits,
                   ConnectionHandler& handler)
    : handler_(handler),
      cork_(cork_bytes),
      loop_(loop),
      role_(role),
      limits_(limits),
      settings_{limits.message_bytes_max, limits.compressed_bytes_min},
      table_(*this, shard_index, loop.now()),
      replies_(std::min(reply_bytes_max, limits.outgoing_bytes_max)) {
  loop_.add_turn_end_hook(*this);
}

Endpoint::~Endpoint() {
  loop_.remove_turn_end_hook(*this);
  if (sweep_timer_) loop_.cancel(sweep_timer_);
  for (std::uint32_t slot = 0; slot < table_.slot_count(); ++slot) {
    const Connection& connection = table_.at(slot);
    if (connection.fd_ >= 0) ::close(connection.fd_);
  }
}

Connection* Endpoint::find_open(ConnectionId id) const {
  Connection* connection = table_.find(id);
  return connection != nullptr && connection->phase_ == Phase::open && !connection->ended_ ? connection : nullptr;
}

void Endpoint::for_each_open(const std::function<void(Connection&)>& function) {
  for_each_in(Phase::open, function);
}

void Endpoint::for_each_in(Phase phase, const std::function<void(Connection&)>& function) {
  for (std::uint32_t slot = 0; slot < table_.slot_count(); ++slot) {
    Connection& connection = table_.at(slot);
    if (connection.phase_ == phase && !connection.ended_) function(connection);
  }
}

void Endpoint::when_empty(Task task) {
  if (connection_count_ == 0) return loop_.post(std::move(task));
  when_empty_ = std::move(task);
}

Connection* Endpoint::acquire() {
  Connection* connection = table_.acquire();
  if (connection == nullptr) return nullptr;
  ++connection_count_;
  ensure_sweep();
  return connection;
}

Result<void> Endpoint::adopt(Connection& connection, int fd, std::uint32_t epoll_events) {
  connection.fd_ = fd;
  connection.interest_ = epoll_events;
  return loop_.watch(fd, epoll_events, connection);
}

void Endpoint::start_protocol(Connection& connection, const Negotiated& negotiated) {
  connection.protocol_.emplace(role_, settings_, negotiated.deflate ? &*negotiated.deflate : nullptr);
  connection.phase_ = Phase::open;
  table_.clear_deadline(connection);
  ++open_count_;
}

void Endpoint::open(Connection& connection, const Negotiated& negotiated, std::span<char> rest) {
  start_protocol(connection, negotiated);
  connection.opened_ = true;
  opening_ = &connection;
  negotiated_ = &negotiated;
  handler_.on_open(connection);
  opening_ = nullptr;
  negotiated_ = nullptr;
  if (!rest.empty() && connection.phase_ == Phase::open) receive(connection, rest);
}

void Endpoint::open_and_close(Connection& connection, const Negotiated& negotiated, registry::Cause cause,
                              std::string_view reason, std::span<char> rest) {
  start_protocol(connection, negotiated);
  connection.close(registry::status_for(cause), cause, reason);
  if (!rest.empty()) receive(connection, rest);
}

const Negotiated& Endpoint::negotiated(const Connection& connection) const {
  CLEARLINE_ASSERT(opening_ == &connection);  // nobody keeps it longer
  return *negotiated_;
}

void Endpoint::set_deadline_in(Connection& connection, std::int64_t delay_ms) {
  table_.set_deadline(connection, {loop_.now().ms + delay_ms});
}

std::uint32_t Endpoint::next_mask_key() {
  // RFC 6455 section 10.3: unpredictable to whoever chose the payload. One call to the kernel serves many frames.
  if (mask_keys_.empty()) {
    mask_keys_.resize(mask_keys_per_refill);
    random_bytes(std::as_writable_bytes(std::span(mask_keys_)));
  }
  const std::uint32_t key = mask_keys_.back();
  mask_keys_.pop_back();
  return key;
}

void Endpoint::note(Connection& connection) {
  if (connection.noted_) return;
  connection.noted_ = true;
  noted_.push_back(&connection);
  loop_.want_turn_end();
}

bool Endpoint::on_turn_end() {
  bool called_the_application = false;
  for (int round = 0; round < tell_rounds_max; ++round) {
    flush_dirty();
    if (noted_.empty()) break;
    called_the_application = true;
    for (Connection* connection : std::exchange(noted_, {})) tell(*connection);
  }
  flush_dirty();
  shared_compression_.clear();
  if (noted_.empty()) release_dead();
  return called_the_application;
}

void Endpoint::tell(Connection& connection) {
  connection.noted_ = false;
  if (connection.failure_ && connection.phase_ != Phase::dead) transport_ended(connection, *connection.failure_);
  if (std::exchange(connection.drained_, false) && connection.phase_ == Phase::open) handler_.on_drained(connection);
  if (connection.overflowed_ && connection.phase_ == Phase::open) tell_overflow(connection);
  if (std::exchange(connection.resume_http_, false) && connection.phase_ == Phase::http) early_resume(connection);
}

void Endpoint::tell_overflow(Connection& connection) {
  if (!connection.protocol_->may_send()) return;
  connection.last_word_ = true;
  handler_.on_slow_consumer(connection);
  connection.last_word_ = false;
  connection.close(registry::Cause::slow_consumer);
}

void Endpoint::release_dead() {
  for (Connection* connection : dead_) {
    --connection_count_;
    table_.release(*connection);
  }
  if (!dead_.empty()) released(dead_.size());
  dead_.clear();
  if (connection_count_ == 0 && when_empty_) loop_.post(std::exchange(when_empty_, {}));
}

void Endpoint::deliver_end(Connection& connection, const ws::TransportEnd& transport, std::string_view detail) {
  if (std::exchange(connection.ended_, true)) return;
  --open_count_;
  ws::End end = connection.protocol_->end(transport);
  // Without a Close frame the transport's own words say more than the cause's.
  if (!detail.empty() && end.cause == transport.cause) end.reason = detail;
  handler_.on_end(id_of(connection), connection.user_, end);
}

void Endpoint::ensure_sweep() {
  if (sweep_timer_) return;
  sweep_timer_ = loop_.after(sweep_interval_ms, [this] { sweep(); });
}

void Endpoint::sweep() {
  sweep_timer_ = {};
  if (connection_count_ == 0) return;  // an idle loop sleeps
  ensure_sweep();
  table_.take_due(loop_.now(), due_);
  for (Connection* connection : due_) {
    // A callback for another one may have given this one a new deadline.
    if (!table_.has_deadline(*connection)) deadline_passed(*connection);
  }
  due_.clear();
}

void Endpoint::deadline_passed(Connection& connection) {
  switch (connection.phase_) {
    case Phase::free:
    case Phase::dead:
      return;
    case Phase::proxy:
    case Phase::http:
    case Phase::connecting:
    case Phase::handshake:
      return early_deadline(connection);
    case Phase::open:
      if (connection.close_started_) return close_timed_out(connection);
      return handler_.on_deadline(connection);
    case Phase::flushing:
    case Phase::draining:
      return close_transport(connection);
  }
}

}  // namespace clearline::net
