// RFC 6455 section 7.4 and IANA's registry: which codes a Close frame may carry. What each demands is the registry's
// word (src/registry), not written here.
#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "app/cli/inspect/catalogue.h"
#include "app/cli/inspect/probe_parts.h"
#include "app/cli/inspect/raw_frame.h"
#include "registry/registry.h"

namespace clearline::app::inspect {

namespace {

// Every registered code, and the first and last of every range. Clearline's own assignments lie within the range that
// is everyone's own, of which the ends are enough.
std::set<std::uint16_t> codes_to_try() {
  std::set<std::uint16_t> codes;
  const registry::Entry* first_private = nullptr;
  const registry::Entry* last_private = nullptr;
  for (const registry::Entry& entry : registry::entries()) {
    if (entry.source == "IANA") {
      codes.insert({entry.code_first, entry.code_last});
    } else {
      if (first_private == nullptr || entry.code_first < first_private->code_first) first_private = &entry;
      if (last_private == nullptr || entry.code_last > last_private->code_last) last_private = &entry;
    }
  }
  if (first_private != nullptr) codes.insert({first_private->code_first, last_private->code_last});
  return codes;
}

Probe close_code_probe(std::uint16_t code) {
  Probe probe{.name = fmt::format("close-{}", code), .group = Group::close_codes, .section = "RFC 6455 7.4"};
  probe.sent = fmt::format("Close {} ({})", code, registry::lookup(code).name);
  probe.steps = {send(close_frame(code))};
  if (registry::valid_on_wire_when_received(code)) {
    probe.expect = answers_with({}, code);
  } else {
    probe.expect = fails_with(registry::Cause::invalid_close_code);
    probe.expect.close_code = code;
  }
  return probe;
}

}  // namespace

void append_close_code_probes(std::vector<Probe>& probes) {
  for (const std::uint16_t code : codes_to_try()) probes.push_back(close_code_probe(code));
}

}  // namespace clearline::app::inspect
