// A client's checks of the server's certificate, with the exact cause when one fails. Not part of the public interface.
#pragma once

#include "net/tls/handles.h"

namespace clearline::net {

// Verification of the chain, the host and the stapled OCSP answer (RFC 6066 section 8) for all sessions of the context.
// The cause is left in TlsSession::Handshake::verification.
void verify_servers(ssl_ctx_st* context);

}  // namespace clearline::net
