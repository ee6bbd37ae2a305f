#include "net/request_source.h"

#include <utility>
#include <vector>

#include "net/forwarded.h"

namespace clearline::net {

RequestSource trace_source(RequestSource connection, std::span<const HeaderView> headers,
                           std::span<const AddressRange> trusted, ProxyHeaders kind) {
  if (kind == ProxyHeaders::none || !contains(trusted, connection.address)) return connection;
  auto hops = kind == ProxyHeaders::forwarded ? parse_forwarded(headers) : parse_x_forwarded(headers);
  RequestSource source = std::move(connection);
  for (std::size_t i = hops.size(); i-- > 0;) {
    // This hop was written by source.address, which is trusted.
    ForwardedHop& hop = hops[i];
    if (hop.encrypted) source.encrypted = *hop.encrypted;
    if (!hop.host.empty()) source.host = std::move(hop.host);
    if (!hop.address) break;
    source.address = *hop.address;
    if (!contains(trusted, source.address)) break;
  }
  return source;
}

}  // namespace clearline::net
