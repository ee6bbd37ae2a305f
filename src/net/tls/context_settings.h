// What the TLS contexts of both roles have in common. Not part of the public interface.
#pragma once

#include "base/result.h"
#include "net/tls/handles.h"
#include "net/tls/version.h"

namespace clearline::net {

// A server's or a client's context: versions, ciphers, no renegotiation, no compression, no buffers while idle, and the
// peer's alerts noted in the session.
[[nodiscard]] Result<SslContextHandle> make_ssl_context(bool server, TlsVersion version_min, TlsVersion version_max);

}  // namespace clearline::net
