// A RawPeer that speaks TLS: what a NetTest sends and sees is plaintext.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/tls/session.h"
#include "support/net/net_fixture.h"

namespace clearline::net {

class TlsPeer {
 public:
  TlsPeer(std::uint16_t port, std::shared_ptr<const TlsClientContext> context, const std::string& host = "localhost",
          int receive_buffer_bytes = 0)
      : raw_(port, receive_buffer_bytes), session_(TlsSession::connect(std::move(context), host, transport_)) {
    flush();
  }

  // Takes part in the handshake; to be called until it is established, or failed.
  bool established() {
    received();
    return session_->established();
  }
  [[nodiscard]] TlsSession& session() { return *session_; }
  [[nodiscard]] RawPeer& raw() { return raw_; }

  void send(std::string_view plaintext) {
    std::string ciphertext;
    EXPECT_TRUE(session_->seal(std::as_bytes(std::span(plaintext)), ciphertext));
    raw_.send(ciphertext);
  }
  void send_close_notify() {
    std::string ciphertext;
    session_->close(ciphertext);
    raw_.send(ciphertext);
  }
  std::string& received() {
    const std::string ciphertext = std::exchange(raw_.received(), {});
    std::vector<std::byte> buffer(ciphertext.size() + TlsSession::record_bytes_max);
    const auto got = session_->receive(std::as_bytes(std::span(ciphertext)), buffer);
    plaintext_.append(reinterpret_cast<const char*>(buffer.data()), got.plaintext_bytes);
    flush();
    return plaintext_;
  }

 private:
  void flush() { raw_.send(std::exchange(session_->unsent(), {})); }

  TlsTransport transport_;
  RawPeer raw_;
  std::unique_ptr<TlsSession> session_;
  std::string plaintext_;
};

}  // namespace clearline::net
