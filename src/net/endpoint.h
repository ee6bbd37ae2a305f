// What Server and Client have in common: the connections of one loop and one role, their way from the first byte to the
// last, the output of a turn and the end of each. Not part of the public interface.
//
// Reentrance: the application is called from three places only, none of them inside another callback: input (on_ready),
// deadlines (the sweep), and the end of the turn (tell). What a send or close finds out about the transport is noted
// and told there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "net/connection.h"
#include "net/connection_table.h"
#include "net/loop.h"
#include "net/output_queue.h"
#include "net/reply_buffer.h"
#include "net/task.h"
#include "net/tls/failure.h"
#include "ws/frame.h"
#include "ws/protocol.h"
#include "ws/shared_compression.h"

namespace clearline::net {

struct TlsBuffers;

class Endpoint : private TurnEndHook {
 public:
  Endpoint(Loop& loop, ws::Role role, std::uint8_t shard_index, const Limits& limits, ConnectionHandler& handler);
  virtual ~Endpoint();
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  [[nodiscard]] Loop& loop() const { return loop_; }
  [[nodiscard]] const Limits& limits() const { return limits_; }
  [[nodiscard]] Connection* find_open(ConnectionId id) const;
  [[nodiscard]] Connection* find_any(ConnectionId id) const { return table_.find(id); }
  [[nodiscard]] ConnectionId id_of(const Connection& connection) const { return table_.id_of(connection); }
  void for_each_open(const std::function<void(Connection&)>& function);
  [[nodiscard]] std::size_t open_count() const { return open_count_; }
  [[nodiscard]] std::size_t connection_count() const { return connection_count_; }
  // Posted to the loop when no connection is left, at once if there is none; replaces the task before.
  void when_empty(Task task);

  // --- For Connection -----------------------------------------------------------------------------------------------
  void on_ready(Connection& connection, std::uint32_t epoll_events);
  void on_message(Connection& connection, ws::MessageKind kind, std::span<const std::byte> payload);
  void on_ping(Connection& connection, std::span<const std::byte> payload);
  void on_pong(Connection& connection, std::span<const std::byte> payload);
  [[nodiscard]] const Negotiated& negotiated(const Connection& connection) const;
  void write(Connection& connection, std::span<const std::byte> head, std::span<const std::byte> body);
  // As Protocol::shareable().
  [[nodiscard]] const ws::SharedFrame* shareable(Connection& connection, const ws::SharedFrame& frame);
  void write_frame(Connection& connection, const ws::SharedFrame& frame);
  void close_begun(Connection& connection);
  void fail_later(Connection& connection, registry::Cause cause);
  void update_interest(Connection& connection);
  void set_deadline_at(Connection& connection, MonotonicTime deadline) { table_.set_deadline(connection, deadline); }
  void clear_deadline(Connection& connection) { table_.clear_deadline(connection); }
  // Of this turn, and not in the connection's queue.
  [[nodiscard]] std::size_t reply_bytes(const Connection& connection) const {
    return replying_ == &connection ? replies_.bytes() : 0;
  }
  [[nodiscard]] std::uint32_t next_mask_key();

 protected:
  using Phase = Connection::Phase;

  // Before a connection opens it is the server's or the client's own business.
  virtual void early_input(Connection& connection, std::span<char> bytes) = 0;
  // Not read yet: whoever is called reads the socket.
  virtual void early_readable(Connection& /*connection*/) {}
  virtual void early_writable(Connection& /*connection*/) {}
  virtual void early_deadline(Connection& connection) = 0;
  virtual void early_end(Connection& connection, registry::Cause cause) = 0;
  // The kernel took everything; may note(), must not call the application.
  virtual void early_flushed(Connection& /*connection*/) {}
  virtual void early_resume(Connection& /*connection*/) {}
  // The first byte of a connection with TLS has arrived. False if it is not to be taken as TLS: that was dealt with.
  [[nodiscard]] virtual bool begin_tls(Connection& /*connection*/, std::span<char> /*bytes*/) { return true; }
  // The TLS handshake is done.
  virtual void early_secured(Connection& /*connection*/) {}
  // The TLS handshake failed. The connection is ended after the call.
  virtual void early_tls_failed(Connection& connection, const TlsFailure& failure) = 0;
  // So many connections are gone for good.
  virtual void released(std::size_t /*connections*/) {}
  // The peer has shut down its sending. True if there is still something for it.
  [[nodiscard]] virtual bool early_eof(Connection& /*connection*/) { return false; }

  [[nodiscard]] Connection* acquire();
  // A descriptor for it; from now on it is closed with the connection.
  [[nodiscard]] Result<void> adopt(Connection& connection, int fd, std::uint32_t epoll_events);
  // The opening handshake is done; `rest` are bytes that came behind it.
  void open(Connection& connection, const Negotiated& negotiated, std::span<char> rest);
  // It is done, but the connection is not what the application requires: a Close goes out at once, and the application
  // hears of the end only.
  void open_and_close(Connection& connection, const Negotiated& negotiated, registry::Cause cause,
                      std::string_view reason, std::span<char> rest);
  void receive(Connection& connection, std::span<char> bytes);

  [[nodiscard]] OutputQueue& output(Connection& connection);
  void flush(Connection& connection);
  void note(Connection& connection);
  void set_deadline_in(Connection& connection, std::int64_t delay_ms);
  void for_each_in(Phase phase, const std::function<void(Connection&)>& function);

  // Nothing more will be written: flush, then end the transport gracefully.
  void close_timed_out(Connection& connection);
  void begin_flushing(Connection& connection);
  void close_transport(Connection& connection);

  // For sessions of this endpoint's connections; made when the first one is.
  [[nodiscard]] TlsBuffers& tls_buffers();
  [[nodiscard]] static bool in_tls_handshake(const Connection& connection);
  // Lets a session that said something by itself send it at the end of the turn.
  void flush_tls(Connection& connection);

  ConnectionHandler& handler_;
  Cork cork_;

 private:
  void start_protocol(Connection& connection, const Negotiated& negotiated);
  bool on_turn_end() override;
  void tell(Connection& connection);
  void tell_overflow(Connection& connection);
  void release_dead();
  void flush_dirty();

  void read(Connection& connection);
  void take_input(Connection& connection, std::span<char> bytes);
  void dispatch(Connection& connection, std::span<char> bytes);
  void decrypt(Connection& connection, std::span<char> bytes);
  void tls_failed(Connection& connection);
  void tls_handshake_cut(Connection& connection, int error);
  void end_tls_handshake(Connection& connection, const TlsFailure& failure);
  [[nodiscard]] SendStatus send_encrypted(Connection& connection);
  void read_ended(Connection& connection, int error);
  [[nodiscard]] static registry::Cause cause_of_eof(const Connection& connection);
  void discard(Connection& connection, std::size_t bytes);
  [[nodiscard]] bool may_reply_directly(const Connection& connection) const;
  void send_replies();
  void queue_replies(Connection& connection);
  [[nodiscard]] OutputQueue& queue_of(Connection& connection);
  void send_output(Connection& connection);
  void recycle_output(Connection& connection);
  void after_flush(Connection& connection);
  void check_marks(Connection& connection);
  void begin_draining(Connection& connection);
  void write_failed(Connection& connection);
  void transport_ended(Connection& connection, registry::Cause cause);
  void deliver_end(Connection& connection, const ws::TransportEnd& transport, std::string_view detail = {});
  [[nodiscard]] bool lies_in_input(std::span<const std::byte> bytes) const;

  void ensure_sweep();
  void sweep();
  void deadline_passed(Connection& connection);

  Loop& loop_;
  ws::Role role_;
  Limits limits_;
  ws::Settings settings_;
  std::unique_ptr<TlsBuffers> tls_buffers_;  // before the table, whose connections' sessions refer to it
  ConnectionTable table_;
  ws::SharedCompression shared_compression_;

  // The connection whose input is being handled, while its output needs no queue.
  Connection* replying_ = nullptr;
  ReplyBuffer replies_;

  std::vector<Connection*> dirty_;  // have output of this turn
  std::vector<Connection*> noted_;  // the application is to be told something
  std::vector<Connection*> dead_;   // their slots are freed at the end of the turn
  std::vector<Connection*> due_;
  std::vector<std::unique_ptr<OutputQueue>> spare_outputs_;
  std::vector<std::uint32_t> mask_keys_;
  const Connection* opening_ = nullptr;  // on_open is running for it
  const Negotiated* negotiated_ = nullptr;
  std::size_t open_count_ = 0;
  std::size_t connection_count_ = 0;
  Task when_empty_;
  TimerId sweep_timer_;
  std::span<const char> input_;     // being handled; it lies in a buffer that the next input overwrites
  bool buffer_referenced_ = false;  // output points into it
};

}  // namespace clearline::net
