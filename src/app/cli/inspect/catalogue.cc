#include "app/cli/inspect/catalogue.h"

namespace clearline::app::inspect {

std::vector<Probe> all_probes(std::optional<std::uint64_t> message_bytes_max) {
  std::vector<Probe> probes;
  append_handshake_probes(probes);
  append_framing_probes(probes);
  append_control_probes(probes);
  append_message_probes(probes);
  append_utf8_probes(probes);
  append_close_code_probes(probes);
  append_closing_probes(probes);
  append_compression_probes(probes);
  append_limit_probes(probes, message_bytes_max);
  return probes;
}

std::uint64_t sent_bytes(const Probe& probe) {
  const RequestEdits& request = probe.request;
  constexpr std::uint64_t request_bytes = 512;  // more than the ordinary opening handshake has
  constexpr std::uint64_t field_bytes = 16;
  std::uint64_t bytes = request_bytes + request.target_padding_bytes + request.padding_bytes;
  bytes += request.padding_fields * field_bytes;
  for (const Step& step : probe.steps) bytes += step.bytes.size() + step.fill_bytes;
  return bytes;
}

}  // namespace clearline::app::inspect
