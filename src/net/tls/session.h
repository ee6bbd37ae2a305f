// One TLS connection, server's or client's, without I/O: ciphertext in, plaintext out, and the other way round.
//
// A session answers in the handshake, to a key update or to a failure by itself: what it has to send then waits in
// unsent(). Not part of the public interface.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "net/tls/client_context.h"
#include "net/tls/failure.h"
#include "net/tls/handles.h"
#include "net/tls/server_context.h"
#include "net/tls/transport.h"

namespace clearline::net {

class TlsSession {
 public:
  enum class Status : std::uint8_t {
    more,    // goes on
    closed,  // the peer's close_notify: it sends nothing more, and nothing was cut off
    failed,  // failure() says why; unsent() may hold our alert
  };
  struct Received {
    std::size_t plaintext_bytes = 0;  // at the front of the caller's buffer
    Status status = Status::more;
  };

  // A record's plaintext, its header, tag and padding (RFC 8446 section 5.2, RFC 5246 section 6.2.3).
  static constexpr std::size_t record_bytes_max = 16384 + 2048 + 5;

  // The transport must outlive the session. Null if memory ran out.
  [[nodiscard]] static std::unique_ptr<TlsSession> accept(std::shared_ptr<const TlsServerContext> context,
                                                          TlsTransport& transport);
  // The certificate must be for `host`, a name or a numeric address. unsent() has the first flight.
  [[nodiscard]] static std::unique_ptr<TlsSession> connect(std::shared_ptr<const TlsClientContext> context,
                                                           const std::string& host, TlsTransport& transport);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  // Takes all of the input. `plaintext` must have room for as many bytes and a record.
  [[nodiscard]] Received receive(std::span<const std::byte> ciphertext, std::span<std::byte> plaintext);
  // Only when established. Appends the records; false when the session has failed.
  bool seal(std::span<const std::byte> plaintext, std::string& ciphertext);
  // Appends our close_notify, once; nothing before the handshake is done or after a failure.
  void close(std::string& ciphertext);

  [[nodiscard]] bool established() const { return established_; }
  [[nodiscard]] bool close_received() const { return close_received_; }
  [[nodiscard]] bool failed() const { return failure_ != nullptr; }
  // Once failed.
  [[nodiscard]] const TlsFailure& failure() const { return *failure_; }

  // Ciphertext that waits to be sent: what the session said by itself, and what the caller puts back.
  [[nodiscard]] std::string& unsent() { return unsent_; }
  [[nodiscard]] std::size_t unsent_bytes() const { return unsent_.size(); }

  // "TLSv1.3", "TLS_AES_256_GCM_SHA384"; once established.
  [[nodiscard]] const char* version_name() const;
  [[nodiscard]] const char* cipher_name() const;

  // For OpenSSL's callbacks.
  struct Handshake;
  [[nodiscard]] static TlsSession& of(const ssl_st* ssl);
  [[nodiscard]] Handshake* handshake() const { return handshake_.get(); }
  void note_alert(std::uint8_t description) { alert_received_ = description; }

 private:
  TlsSession(SslHandle ssl, TlsTransport& transport, std::unique_ptr<Handshake> handshake);

  // False when it is not done.
  bool advance_handshake();
  [[nodiscard]] bool is_tls(std::span<const std::byte> ciphertext);
  void fail();

  SslHandle ssl_;
  TlsTransport& transport_;
  std::string unsent_;
  std::unique_ptr<Handshake> handshake_;  // until it is done
  std::unique_ptr<TlsFailure> failure_;
  std::optional<std::uint8_t> alert_received_;
  bool established_ = false;
  bool close_received_ = false;
};

// What only the handshake needs.
struct TlsSession::Handshake {
  std::shared_ptr<const TlsServerContext> server;
  std::shared_ptr<const TlsClientContext> client;
  std::string host;
  bool input_seen = false;
  std::unique_ptr<TlsFailure> verification;  // the first check that the certificate failed
};

}  // namespace clearline::net
