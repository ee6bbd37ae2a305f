// Owners of OpenSSL's objects, without its headers. For the classes of this folder alone.
#pragma once

#include <memory>

struct bio_st;
struct ssl_ctx_st;
struct ssl_st;
struct x509_st;

namespace clearline::net {

struct OpenSslDeleter {
  void operator()(bio_st* bio) const;
  void operator()(ssl_ctx_st* context) const;
  void operator()(ssl_st* ssl) const;
  void operator()(x509_st* certificate) const;
};

using BioHandle = std::unique_ptr<bio_st, OpenSslDeleter>;
using SslContextHandle = std::unique_ptr<ssl_ctx_st, OpenSslDeleter>;
using SslHandle = std::unique_ptr<ssl_st, OpenSslDeleter>;
using CertificateHandle = std::unique_ptr<x509_st, OpenSslDeleter>;

}  // namespace clearline::net
