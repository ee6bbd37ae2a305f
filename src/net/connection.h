// One WebSocket connection as the application sees it, server's or client's. Bound to its loop's thread.
//
// A Connection& is valid for the whole callback that hands it over, whatever the callback does to it: what ends is
// destroyed at the end of the turn. Between callbacks keep the ConnectionId and ask find() of the Server or Client; the
// id of a connection that ended finds nobody.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/strong_id.h"
#include "net/loop.h"
#include "net/socket_address.h"
#include "registry/registry.h"
#include "ws/deflate_negotiation.h"
#include "ws/end.h"
#include "ws/extensions.h"
#include "ws/frame.h"
#include "ws/protocol.h"
#include "ws/shared_frame.h"

namespace clearline::net {

class Connection;
class Endpoint;
class OutputQueue;
class TlsSession;

// Generation (32 bits), shard (8), slot (24): no two connections of a process have the same one at a time, and a slot's
// next connection has another.
using ConnectionId = StrongId<struct ConnectionTag, std::uint64_t>;

// What both sides agreed upon in the opening handshake.
struct Negotiated {
  std::string_view subprotocol = {};               // empty for none
  std::span<const ws::Extension> extensions = {};  // as they stand in the server's answer
  std::optional<ws::DeflateParameters> deflate = {};
};

// The application's side of connections. Everything is called on the loop's thread. Any callback may send, close, and
// open connections; none may destroy the Server, Client or Loop that calls it.
class ConnectionHandler {
 public:
  // The opening handshake is done; frames may be sent from now on. Connection::negotiated() has its results.
  virtual void on_open(Connection& /*connection*/) {}
  // A whole message; text is valid UTF-8. The payload lives as long as the call.
  virtual void on_message(Connection& connection, ws::MessageKind kind, std::string_view payload) = 0;
  // The pong has been sent already.
  virtual void on_ping(Connection& /*connection*/, std::string_view /*payload*/) {}
  virtual void on_pong(Connection& /*connection*/, std::string_view /*payload*/) {}
  // The time given to set_deadline has passed (up to 250 ms ago). The deadline is cleared before the call.
  virtual void on_deadline(Connection& /*connection*/) {}
  // The outgoing queue had grown above Limits::outgoing_low_bytes and has fallen under it.
  virtual void on_drained(Connection& /*connection*/) {}
  // The outgoing queue reached Limits::outgoing_bytes_max. Called at the end of the turn; may send a last word. The
  // connection is closed with slow_consumer after it, unless it did so itself.
  virtual void on_slow_consumer(Connection& /*connection*/) {}
  // Exactly once for every connection that opened (and for every Client::connect): as soon as the peer's Close arrived,
  // the peer broke the protocol, the transport failed, or close()'s handshake was completed or timed out. find() knows
  // the id no more. The TCP connection is still flushed and drained behind the scenes.
  virtual void on_end(ConnectionId id, void* user, const ws::End& end) = 0;

 protected:
  ~ConnectionHandler() = default;
};

struct Limits {
  // Of a whole message, after decompression; a longer one ends the connection with message_too_big.
  std::uint64_t message_bytes_max = std::uint64_t{1} << 20;
  // Where permessage-deflate was agreed, shorter messages go uncompressed: they would hardly shrink.
  std::size_t compressed_bytes_min = 256;
  // What the kernel would not take yet. Reaching it ends the connection as a slow consumer; one message more than the
  // limit can be held at a time.
  std::size_t outgoing_bytes_max = std::size_t{4} << 20;
  std::size_t outgoing_low_bytes = std::size_t{64} << 10;
  // From the TCP connection to the end of the opening handshake (and, of a server, to the end of a slow HTTP request).
  std::int64_t handshake_timeout_ms = 10'000;
  // From our Close to the peer's, and again for flushing and draining the transport behind both.
  std::int64_t close_timeout_ms = 5'000;
  // How long a peer that receives an HTTP response may take nothing of it.
  std::int64_t write_stall_timeout_ms = 60'000;
  // Read and thrown away behind our last byte, so that the kernel's reset does not destroy our Close on its way.
  std::size_t drain_bytes_max = std::size_t{16} << 20;
};

class Connection final : private ws::Handler, private Watcher {
 public:
  Connection();
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] ConnectionId id() const;

  // All output of a turn leaves together at its end. False, and nothing sent, once a Close went either way or the queue
  // reached its limit. Text must be valid UTF-8.
  bool send_text(std::string_view text);
  bool send_binary(std::string_view payload);
  // Framed once for many receivers and never copied; compressed once for all those with the same window. Where a
  // context is taken over from message to message, each connection compresses for itself. A client frames it anew, for
  // its mask.
  bool send(const ws::SharedFrame& frame);
  // At most 125 bytes.
  bool send_ping(std::string_view payload = {});
  bool send_pong(std::string_view payload = {});

  // Starts the closing handshake; without effect once a Close went either way. on_end follows when the peer has
  // answered, or after Limits::close_timeout_ms.
  void close(std::uint16_t code, registry::Cause cause, std::string_view reason);
  // With the code that the registry has for the cause, and the cause's name as the reason.
  void close(registry::Cause cause);
  // Gives the peer up without a Close frame: the kernel resets the connection. on_end follows at the end of the turn.
  void abort(registry::Cause cause);

  // Whether messages may be sent: no Close went either way yet.
  [[nodiscard]] bool is_open() const;
  // What waits for the kernel, this turn's output included.
  [[nodiscard]] std::size_t queued_bytes() const;

  // One deadline a connection, checked every 250 ms; replaces the one before. Only while the connection is open.
  void set_deadline(MonotonicTime deadline);
  void clear_deadline();

  // Back-pressure towards the peer: while paused nothing is read, Close frames included.
  void pause_reading();
  void resume_reading();

  // The application's own, untouched by the engine.
  [[nodiscard]] void* user() const { return user_; }
  void set_user(void* user) { user_ = user; }

  // Subprotocol and extensions; only while in on_open, for nobody keeps them.
  [[nodiscard]] const Negotiated& negotiated() const;

  // The client's, when a trusted proxy has said it (ServerOptions::trusted_proxies); else the socket's.
  [[nodiscard]] Result<SocketAddress> peer_address() const;
  // "TLSv1.3, TLS_AES_256_GCM_SHA384"; empty without TLS.
  [[nodiscard]] std::string tls_description() const;
  [[nodiscard]] Loop& loop() const;

 private:
  friend class Endpoint;
  friend class ServerEndpoint;
  friend class ClientEndpoint;
  friend class ConnectionTable;

  enum class Phase : std::uint8_t {
    free,        // the slot awaits a connection
    proxy,       // a server's: awaits the header of the PROXY protocol
    http,        // a server's: requests until an upgrade
    connecting,  // a client's: TCP
    handshake,   // a client's: awaits the answer to its request
    open,        // WebSocket; until both Close frames went, or the transport failed
    flushing,    // nothing more to say; the queue leaves, then we shut down sending
    draining,    // input is thrown away until the peer closes
    dead,        // closed; the slot is freed at the end of the turn
  };
  struct HttpExchange;
  struct Proxied;
  struct ClientHandshake;

  void on_ready(std::uint32_t epoll_events) override;

  void on_message(ws::MessageKind kind, std::span<const std::byte> payload) override;
  void on_ping(std::span<const std::byte> payload) override;
  void on_pong(std::span<const std::byte> payload) override;
  void on_closing() override;
  void write(std::span<const std::byte> head, std::span<const std::byte> body) override;
  std::uint32_t next_mask_key() override;

  Endpoint* endpoint_ = nullptr;
  void* user_ = nullptr;
  std::unique_ptr<OutputQueue> output_;         // only while something waits to be sent
  std::unique_ptr<TlsSession> tls_;             // only with TLS
  std::unique_ptr<Proxied> proxied_;            // only when a proxy spoke for somebody else
  std::unique_ptr<HttpExchange> http_;          // only while a request is read or answered
  std::unique_ptr<ClientHandshake> handshake_;  // only before the connection opens
  std::optional<ws::Protocol> protocol_;        // from the opening handshake on
  int fd_ = -1;
  std::uint32_t slot_ = 0;
  std::uint32_t generation_ = 0;
  std::uint32_t interest_ = 0;       // the epoll events asked for
  std::uint32_t drained_bytes_ = 0;  // thrown away since nothing more was to be said
  Phase phase_ = Phase::free;
  std::optional<registry::Cause> failure_;  // the transport is to be ended with this cause at the end of the turn
  bool dirty_ = false;                      // has output of this turn
  bool noted_ = false;                      // in the list of those to tell something at the end of the turn
  bool opened_ = false;                     // on_open was called
  bool ended_ = false;                      // on_end was called
  bool end_due_ = false;                    // the protocol decided the end; on_end follows
  bool close_started_ = false;              // our close() runs against close_timeout_ms
  bool overflowed_ = false;                 // the queue reached its limit
  bool last_word_ = false;                  // on_slow_consumer is running and may send
  bool above_low_ = false;                  // on_drained is owed
  bool drained_ = false;                    // on_drained is due
  bool reading_paused_ = false;
  bool write_failed_ = false;
  bool encrypted_ = false;    // TLS; tls_ exists from the first byte on
  bool eof_ = false;          // the peer has shut down its sending
  bool over_limit_ = false;   // a server's: one connection too many, its request gets 503
  bool served_ = false;       // a server's: a request was answered before
  bool resume_http_ = false;  // a response went out; the next pipelined request is due
};

// The budget for all of an idle connection in user space is 256 bytes; its deadline takes 4 more.
static_assert(sizeof(Connection) <= 200);

}  // namespace clearline::net
