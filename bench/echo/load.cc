#include "load.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "process_clock.h"

namespace clearline::bench {

namespace {

constexpr std::size_t receive_bytes = std::size_t{256} << 10;
constexpr int events_per_turn_max = 1024;
// No answer for so long: the server has lost one.
constexpr int stall_ms = 20'000;
constexpr std::size_t connects_at_once = 64;
// Of requests under way, and about as much of answers: more than the kernel's limit for all of TCP (tcp_mem) would have
// it drop packets. Beyond it, connections take turns.
constexpr std::size_t under_way_bytes_max = std::size_t{256} << 20;

StreamSettings stream_settings(const LoadSettings& settings) {
  return {settings.payload_bytes, settings.in_flight, receive_bytes};
}

Result<void> shake_hands(Socket& socket, const LoadSettings& settings) {
  if (settings.wire == Wire::raw) return {};
  CLEARLINE_CHECK(socket.send_all(upgrade_request(settings.host, settings.port)));
  CLEARLINE_TRY(const std::string head, socket.receive_head());
  return check_upgrade_response(head);
}

}  // namespace

Load::Load(const LoadSettings& settings)
    : settings_(settings),
      streams_(settings.wire == Wire::raw ? raw_streams(stream_settings(settings))
                                          : websocket_streams(stream_settings(settings))),
      buffer_(receive_bytes),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  connections_.reserve(settings.connections);  // epoll holds their addresses
}

Result<Load> Load::open(const LoadSettings& settings) {
  Load load(settings);
  if (!load.epoll_) return fail(ErrorCode::io, std::string("epoll_create1: ") + std::strerror(errno));
  for (std::size_t i = 0; i < settings.connections; ++i) {
    if (auto added = load.add(i); !added) {
      return tl::unexpected(added.error().at("connection " + std::to_string(i + 1)));
    }
  }
  return load;
}

Result<void> Load::add(std::size_t index) {
  CLEARLINE_TRY(Socket socket, Socket::connect(settings_.host, settings_.port));
  CLEARLINE_CHECK(shake_hands(socket, settings_));
  socket.set_non_blocking();
  // Neighbours begin at different messages: what was meant for another connection is not the expected answer.
  const std::size_t first = settings_.fan_out ? 0 : index % messages_per_period;
  connections_.push_back({std::move(socket), first * streams_.requests.message_bytes(), 0,
                          first * streams_.answers.message_bytes(), 0, 0, false});
  Connection& connection = connections_.back();
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = &connection;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connection.socket.fd(), &event) == 0) return {};
  return fail(ErrorCode::io, std::string("epoll_ctl: ") + std::strerror(errno));
}

Result<Slice> Load::run(std::int64_t duration_ns) {
  const std::int64_t start_ns = monotonic_ns();
  const std::uint64_t answers_before = answers_;
  running_ = true;
  CLEARLINE_CHECK(start());
  while (awaited_ > 0) {
    CLEARLINE_CHECK(turn());
    if (running_) running_ = monotonic_ns() - start_ns < duration_ns;
  }
  return Slice{answers_ - answers_before, monotonic_ns() - start_ns};
}

Result<void> Load::start() {
  if (settings_.fan_out) return ask(connections_.front(), 1);
  const std::size_t connection_bytes = settings_.in_flight * streams_.requests.message_bytes();
  const std::size_t active = std::max<std::size_t>(under_way_bytes_max / connection_bytes, 1);
  take_turns_ = active < connections_.size();
  for (std::size_t i = 0; i < std::min(active, connections_.size()); ++i) CLEARLINE_CHECK(ask_next());
  return {};
}

Result<void> Load::ask_next() {
  Connection& connection = connections_[next_];
  next_ = (next_ + 1) % connections_.size();
  return ask(connection, settings_.in_flight);
}

Result<void> Load::turn() {
  std::array<epoll_event, events_per_turn_max> events;
  const int count = ::epoll_wait(epoll_.get(), events.data(), events_per_turn_max, stall_ms);
  if (count == 0) return fail(ErrorCode::io, std::to_string(awaited_) + " answers did not come");
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    auto& connection = *static_cast<Connection*>(event.data.ptr);
    if ((event.events & EPOLLOUT) != 0) CLEARLINE_CHECK(send(connection));
    if ((event.events & ~EPOLLOUT) != 0) CLEARLINE_CHECK(receive(connection));
  }
  return {};
}

Result<void> Load::ask(Connection& connection, std::size_t messages) {
  awaited_ += settings_.fan_out ? connections_.size() : messages;
  connection.awaited += messages;
  connection.unsent_bytes += messages * streams_.requests.message_bytes();
  return send(connection);
}

Result<void> Load::send(Connection& connection) {
  const auto bytes = streams_.requests.view(connection.send_offset, connection.unsent_bytes);
  CLEARLINE_TRY(const std::size_t sent, connection.socket.send(bytes));
  connection.send_offset = streams_.requests.advance(connection.send_offset, sent);
  connection.unsent_bytes -= sent;
  watch_writable(connection, connection.unsent_bytes > 0);
  return {};
}

void Load::watch_writable(Connection& connection, bool wanted) {
  if (connection.wants_writable == wanted) return;
  connection.wants_writable = wanted;
  epoll_event event{};
  event.events = wanted ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.ptr = &connection;
  CLEARLINE_ASSERT(::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, connection.socket.fd(), &event) == 0);
}

Result<void> Load::receive(Connection& connection) {
  CLEARLINE_TRY(const std::size_t count, connection.socket.receive(buffer_));
  const auto expected = streams_.answers.view(connection.receive_offset, count);
  if (std::memcmp(buffer_.data(), expected.data(), count) != 0) {
    return fail(ErrorCode::corrupt, "an answer is not what was sent");
  }
  connection.receive_offset = streams_.answers.advance(connection.receive_offset, count);
  const std::size_t bytes = connection.partial_bytes + count;
  connection.partial_bytes = bytes % streams_.answers.message_bytes();
  return answered(connection, bytes / streams_.answers.message_bytes());
}

Result<void> Load::answered(Connection& connection, std::size_t answers) {
  if (answers == 0) return {};
  if (answers > awaited_) return fail(ErrorCode::corrupt, "more answers than messages");
  awaited_ -= answers;
  answers_ += answers;
  if (settings_.fan_out) return running_ && awaited_ == 0 ? ask(connections_.front(), 1) : Result<void>{};
  if (answers > connection.awaited) return fail(ErrorCode::corrupt, "more answers than messages on a connection");
  connection.awaited -= answers;
  if (!running_) return {};
  if (!take_turns_) return ask(connection, answers);
  return connection.awaited == 0 ? ask_next() : Result<void>{};
}

Result<Slice> connect_repeatedly(const LoadSettings& settings, std::size_t count) {
  const std::int64_t start_ns = monotonic_ns();
  Slice slice;
  while (slice.answers < count) {
    std::vector<Socket> sockets;
    while (sockets.size() < std::min<std::size_t>(connects_at_once, count - slice.answers)) {
      CLEARLINE_TRY(Socket socket, Socket::connect(settings.host, settings.port));
      CLEARLINE_CHECK(socket.send_all(upgrade_request(settings.host, settings.port)));
      sockets.push_back(std::move(socket));
    }
    for (Socket& socket : sockets) {
      CLEARLINE_TRY(const std::string head, socket.receive_head());
      CLEARLINE_CHECK(check_upgrade_response(head));
      socket.reset();
    }
    slice.answers += sockets.size();
  }
  slice.wall_ns = monotonic_ns() - start_ns;
  return slice;
}

}  // namespace clearline::bench
