// The server under inspection, and the opening handshakes that go to it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/inspect/observation.h"
#include "app/cli/inspect/probe.h"
#include "base/result.h"
#include "http/parser.h"
#include "ws/deflate_negotiation.h"

namespace clearline::net {
class TlsClientContext;
}

namespace clearline::app::inspect {

struct Target {
  std::string host = {};  // to connect to
  std::uint16_t port = 80;
  std::string host_field = {};  // as in the Host field
  std::string path = "/";       // and query
  std::optional<std::string> origin = {};
  std::vector<std::string> subprotocols = {};
  std::vector<http::Header> headers = {};
  std::shared_ptr<const net::TlsClientContext> tls = {};  // of a wss URL
};

// An opening handshake as it goes out: the request, and what is needed to judge its answer.
struct ProbeRequest {
  std::string text = {};
  std::vector<http::Header> fields = {};

  // Of the first field of this name; empty when there is none.
  [[nodiscard]] std::string_view field(std::string_view name) const;
};

// What ws::make_request writes for the target, with the probe's edits. Fails with invalid_argument if what the target
// says cannot stand in a request.
[[nodiscard]] Result<ProbeRequest> make_probe_request(const Target& target, const Probe& probe, std::string_view key);

struct OpeningAnswer {
  HttpAnswer http = {};
  std::optional<ws::DeflateParameters> deflate = {};  // agreed, if the probe offers compression
};
// By the checks of ws::check_response and ws::agree_deflate.
[[nodiscard]] OpeningAnswer read_answer(const http::ReceivedResponse& response, const ProbeRequest& request);

}  // namespace clearline::app::inspect
