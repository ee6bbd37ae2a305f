// What proxies say about their clients. The first byte chooses: a PROXY header, or header fields. A PROXY header means
// the same whatever follows, needs more at every cut before its end, and stays refused once it is.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/fuzz.h"
#include "net/proxy_protocol.h"
#include "net/request_source.h"

using namespace clearline;

namespace {

using Status = net::ProxyParse::Status;

// Of exactly this size, so that a sanitizer sees a byte read beyond it.
net::ProxyParse parse(std::span<const std::byte> bytes) {
  const std::vector<std::byte> copy(bytes.begin(), bytes.end());
  return net::parse_proxy_header(copy);
}

void check_proxy_header(std::span<const std::byte> bytes) {
  const net::ProxyParse whole = parse(bytes);
  FUZZ_CHECK(whole.status != Status::invalid || !whole.error.empty());
  if (whole.status == Status::complete) {
    FUZZ_CHECK(whole.bytes > 0 && whole.bytes <= bytes.size() && whole.bytes <= net::proxy_header_bytes_max);
    FUZZ_CHECK(parse(bytes.first(whole.bytes)).status == Status::complete);
    if (whole.header.source) FUZZ_CHECK(!whole.header.source->text().empty());
  }
  bool refused = false;
  for (std::size_t cut = 0; cut < std::min<std::size_t>(bytes.size(), 300); ++cut) {
    const Status status = parse(bytes.first(cut)).status;
    FUZZ_CHECK(!refused || status == Status::invalid);
    refused = status == Status::invalid;
    if (whole.status == Status::complete) FUZZ_CHECK((status == Status::complete) == (cut >= whole.bytes));
    if (whole.status == Status::need_more) FUZZ_CHECK(status == Status::need_more);
  }
  FUZZ_CHECK(!refused || whole.status == Status::invalid);
}

// Lines are fields. The source is the connection's own, or an address that stands in the fields.
void check_fields(std::string_view text) {
  static const std::vector<net::AddressRange> trusted = {*net::AddressRange::parse("10.0.0.0/8")};
  std::vector<HeaderView> headers;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    headers.push_back({headers.size() % 2 == 0 ? "X-Forwarded-For" : "Forwarded", text.substr(0, end)});
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  const auto peer = *net::SocketAddress::parse("10.0.0.1", 1);
  for (const auto kind : {net::ProxyHeaders::x_forwarded, net::ProxyHeaders::forwarded}) {
    const auto source = net::trace_source({peer, false, {}}, headers, trusted, kind);
    FUZZ_CHECK(!source.address.ip().empty());
    const auto stranger = *net::SocketAddress::parse("192.0.2.1", 1);
    FUZZ_CHECK(net::trace_source({stranger, false, {}}, headers, trusted, kind).address.text() == stranger.text());
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const bool fields = (input.take_byte() & 1) != 0;
  if (fields) {
    check_fields({reinterpret_cast<const char*>(input.rest().data()), input.rest().size()});
  } else {
    check_proxy_header(input.rest());
  }
  return 0;
}
