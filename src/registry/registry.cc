#include "registry/registry.h"

namespace clearline::registry {

// What the rest of the tree relies on, checked where a wrong entry stops the build.
static_assert(lookup(0).is_range());
static_assert(lookup(65535).code_last == 65535);
static_assert(lookup(service_restart).name == "Service Restart");
static_assert(may_be_sent(mandatory_extension, Role::client) && !may_be_sent(mandatory_extension, Role::server));
static_assert(!valid_on_wire_when_received(no_status_received) && !valid_on_wire_when_received(abnormal_closure) &&
              !valid_on_wire_when_received(tls_handshake));

}  // namespace clearline::registry
