// What all TLS sessions of an endpoint share, so that an idle connection holds none of it. Not part of the public
// interface.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "net/loop.h"
#include "net/tls/session.h"
#include "net/tls/transport.h"

namespace clearline::net {

struct TlsBuffers {
  static constexpr std::size_t plaintext_bytes = Loop::receive_buffer_bytes + TlsSession::record_bytes_max;
  // One record's plaintext, gathered from small pieces (RFC 8446 section 5.1).
  static constexpr std::size_t piece_bytes = 16384;

  TlsTransport transport;
  std::unique_ptr<char[]> plaintext{new char[plaintext_bytes]};  // the next input overwrites it
  std::unique_ptr<std::byte[]> piece{new std::byte[piece_bytes]};
  std::string ciphertext;  // of one connection, on its way to the kernel
};

}  // namespace clearline::net
