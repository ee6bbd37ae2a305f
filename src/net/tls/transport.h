// What OpenSSL reads from and writes to: memory that the caller lends it for one call. All sessions of a loop share
// one, so that an idle connection holds none. Not part of the public interface.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "net/tls/handles.h"

namespace clearline::net {

class TlsTransport {
 public:
  TlsTransport();
  ~TlsTransport();
  TlsTransport(const TlsTransport&) = delete;
  TlsTransport& operator=(const TlsTransport&) = delete;

  // Input and output of the calls into OpenSSL that happen during its life. One at a time.
  class Lease {
   public:
    Lease(TlsTransport& transport, std::span<const std::byte> input, std::string& output);
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

   private:
    TlsTransport& transport_;
  };

  // To be given to SSL_set_bio; the transport must outlive the session that has it.
  [[nodiscard]] bio_st* new_reference() const;

  // For OpenSSL's callbacks.
  std::size_t read(std::span<std::byte> place);
  bool write(std::span<const std::byte> bytes);

 private:
  BioHandle bio_;
  std::span<const std::byte> input_;
  std::string* output_ = nullptr;
};

}  // namespace clearline::net
