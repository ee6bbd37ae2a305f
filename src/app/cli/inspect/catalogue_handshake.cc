// RFC 6455 section 4 and RFC 9112: opening handshakes that have to be taken, and such as have to be refused.
#include <utility>

#include "app/cli/inspect/catalogue.h"
#include "app/cli/inspect/probe_parts.h"

namespace clearline::app::inspect {

namespace {

Probe handshake_probe(std::string_view name, std::string_view section, std::string_view sent, RequestEdits request) {
  Probe probe{.name = std::string(name), .group = Group::handshake, .request = std::move(request)};
  probe.section = section;
  probe.sent = sent;
  return probe;
}

Probe accepted(std::string_view name, std::string_view section, std::string_view sent, RequestEdits request) {
  Probe probe = handshake_probe(name, section, sent, std::move(request));
  probe.expect = {.demand = Demand::accept_handshake, .words = "101"};
  return probe;
}

Probe refused(std::string_view name, std::string_view section, std::string_view sent, RequestEdits request,
              std::vector<int> statuses = {400}) {
  Probe probe = handshake_probe(name, section, sent, std::move(request));
  probe.expect = {.demand = Demand::refuse_handshake, .statuses = std::move(statuses)};
  probe.expect.words = "HTTP " + std::to_string(probe.expect.statuses.front());
  return probe;
}

RequestEdits without(std::string name) {
  return {.without = {std::move(name)}};
}

// The field with another value, or with several.
RequestEdits with(std::string name, const std::vector<std::string>& values) {
  RequestEdits edits{.without = {name}};
  for (const std::string& value : values) edits.with.push_back({name, value});
  return edits;
}

// --- To be taken ----------------------------------------------------------------------------------------------------

void append_accepted(std::vector<Probe>& probes) {
  probes.push_back(accepted("ordinary", "RFC 6455 4.2.2", "an ordinary opening handshake", {}));
  probes.push_back(
      accepted("field-names-lower-case", "RFC 6455 4.2.1", "upgrade: and connection: in lower case",
               {.without = {"Upgrade", "Connection"}, .with = {{"upgrade", "websocket"}, {"connection", "upgrade"}}}));
  probes.push_back(
      accepted("values-other-case", "RFC 6455 4.2.1", "Upgrade: WebSocket, Connection: UPGRADE",
               {.without = {"Upgrade", "Connection"}, .with = {{"Upgrade", "WebSocket"}, {"Connection", "UPGRADE"}}}));
  probes.push_back(accepted("connection-list", "RFC 6455 4.2.1", "Connection: keep-alive, Upgrade",
                            with("Connection", {"keep-alive, Upgrade"})));
  probes.push_back(accepted("connection-twice", "RFC 9110 5.3", "Connection: keep-alive and Connection: Upgrade",
                            with("Connection", {"keep-alive", "Upgrade"})));
  probes.push_back(accepted("white-space", "RFC 9112 5.1", "spaces and tabs around values",
                            with("Sec-WebSocket-Version", {" \t 13 \t "})));
  probes.push_back(accepted("absolute-target", "RFC 9112 3.2.2", "GET http://HOST/PATH", {.absolute_target = true}));
  probes.push_back(accepted("unknown-extension", "RFC 6455 9.1", "offer of an extension that nobody has",
                            {.with = {{"Sec-WebSocket-Extensions", "x-clearline-unknown; a=1"}}}));
  probes.back().expect.extension = ExtensionRule::not_granted;
  probes.push_back(accepted("unknown-subprotocol", "RFC 6455 4.2.2", "subprotocol that nobody has",
                            with("Sec-WebSocket-Protocol", {"x-clearline-unknown"})));
  probes.back().expect.refused_subprotocol = "x-clearline-unknown";
}

// --- To be refused: the request line and HTTP's own fields ----------------------------------------------------------

void append_refused_http(std::vector<Probe>& probes) {
  probes.push_back(
      refused("http-1.0", "RFC 6455 4.2.1", "GET with HTTP/1.0", {.version = "HTTP/1.0"}, {400, 426, 505}));
  probes.push_back(refused("post", "RFC 6455 4.2.1", "POST", {.method = "POST"}, {405, 400, 501}));
  probes.push_back(refused("host-missing", "RFC 9112 3.2", "no Host", without("Host")));
  probes.push_back(refused("host-twice", "RFC 9112 3.2", "two Hosts", {.with = {{"Host", "other.invalid"}}}));

  const auto append_ordinary = [&](Probe probe) {
    probe.expect.ordinary_http = true;
    probe.expect.words = "no 101";
    probes.push_back(std::move(probe));
  };
  append_ordinary(refused("upgrade-missing", "RFC 6455 4.2.1", "no Upgrade", without("Upgrade")));
  append_ordinary(refused("upgrade-other", "RFC 6455 4.2.1", "Upgrade: other", with("Upgrade", {"other"})));
  append_ordinary(refused("connection-missing", "RFC 6455 4.2.1", "no Connection", without("Connection")));
  append_ordinary(
      refused("connection-other", "RFC 6455 4.2.1", "Connection: keep-alive", with("Connection", {"keep-alive"})));
}

// Limits that a server should have; one that takes these has none or larger ones.
void append_refused_size(std::vector<Probe>& probes) {
  constexpr std::size_t long_bytes = std::size_t{64} << 10;
  constexpr std::size_t many_fields = 2'000;
  const auto append = [&](Probe probe) {
    probe.expect.upgraded = Verdict::allowed;
    probe.expect.words += ", or 101";
    probes.push_back(std::move(probe));
  };
  append(refused("target-too-long", "RFC 9110 15.5.15", "a target of 64 KiB", {.target_padding_bytes = long_bytes},
                 {414, 431}));
  append(refused("field-too-long", "RFC 6585 5", "a field of 64 KiB", {.padding_bytes = long_bytes}, {431}));
  append(refused("too-many-fields", "RFC 6585 5", "2,000 fields", {.padding_fields = many_fields}, {431}));
}

// --- To be refused: the WebSocket's fields --------------------------------------------------------------------------

void append_refused_keys(std::vector<Probe>& probes) {
  const std::string_view section = "RFC 6455 4.2.1";
  const std::string name = "Sec-WebSocket-Key";
  probes.push_back(refused("key-missing", section, "no Sec-WebSocket-Key", without(name)));
  probes.push_back(refused("key-empty", section, "an empty key", with(name, {""})));
  probes.push_back(refused("key-15-bytes", section, "a key of 15 bytes", with(name, {"MTIzNDU2Nzg5MDEyMzQ1"})));
  probes.push_back(refused("key-17-bytes", section, "a key of 17 bytes", with(name, {"MTIzNDU2Nzg5MDEyMzQ1Njc="})));
  probes.push_back(
      refused("key-no-base64", section, "a key that is no base64", with(name, {"!!!!!!!!!!!!!!!!!!!!!!=="})));
  probes.push_back(refused("key-twice", "RFC 6455 11.3.1", "two keys",
                           with(name, {"dGhlIHNhbXBsZSBub25jZQ==", "x3JJHMbDL1EzLkh9GBhXDw=="})));
}

// 4.4: "an appropriate HTTP error code (such as 426 Upgrade Required) and a Sec-WebSocket-Version header field".
void append_refused_versions(std::vector<Probe>& probes) {
  const std::string name = "Sec-WebSocket-Version";
  const auto append = [&](Probe probe) {
    probe.expect.statuses = {426, 400};
    probe.expect.required_field = name;
    probe.expect.words = "HTTP 426, " + name;
    probes.push_back(std::move(probe));
  };
  append(refused("version-missing", "RFC 6455 4.2.1", "no Sec-WebSocket-Version", without(name)));
  probes.back().expect.required_field.clear();
  probes.back().expect.words = "HTTP 426 or 400";
  for (const char* version : {"8", "12", "14"}) {
    append(refused(std::string("version-") + version, "RFC 6455 4.4", std::string("version ") + version,
                   with(name, {version})));
    // A draft of the protocol that was spoken for a while: whoever still does may say so.
    if (version == std::string_view("8")) probes.back().expect.upgraded = Verdict::allowed;
  }
}

void append_refused_lists(std::vector<Probe>& probes) {
  const std::string extensions = "Sec-WebSocket-Extensions";
  const std::string subprotocols = "Sec-WebSocket-Protocol";
  probes.push_back(refused("extension-no-name", "RFC 6455 9.1", "Sec-WebSocket-Extensions: ; a=1",
                           {.with = {{extensions, "; a=1"}}}));
  probes.push_back(refused("extension-bad-value", "RFC 6455 9.1", "Sec-WebSocket-Extensions: x; a=\"b c\"",
                           {.with = {{extensions, "x; a=\"b c\""}}}));
  probes.push_back(
      refused("subprotocol-no-token", "RFC 6455 4.1", "Sec-WebSocket-Protocol: a b", with(subprotocols, {"a b"})));
  probes.back().expect.upgraded = Verdict::weak;
  probes.push_back(
      refused("subprotocol-twice", "RFC 6455 4.1", "Sec-WebSocket-Protocol: a, a", with(subprotocols, {"a, a"})));
  probes.back().expect.upgraded = Verdict::weak;
}

}  // namespace

void append_handshake_probes(std::vector<Probe>& probes) {
  append_accepted(probes);
  append_refused_http(probes);
  append_refused_keys(probes);
  append_refused_versions(probes);
  append_refused_lists(probes);
  append_refused_size(probes);
}

}  // namespace clearline::app::inspect
