// All probes, by group: data, no I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "app/cli/inspect/probe.h"

namespace clearline::app::inspect {

// The group `limits` needs the server's message limit, for it sends more than that; without it the probes are listed
// but have nothing to send.
inline constexpr std::uint64_t message_limit_max = std::uint64_t{16} << 20;

[[nodiscard]] std::vector<Probe> all_probes(std::optional<std::uint64_t> message_bytes_max);

// At most this much is sent by one probe, and by all of them together.
[[nodiscard]] std::uint64_t sent_bytes(const Probe& probe);

// A group each; internal to the catalogue.
void append_handshake_probes(std::vector<Probe>& probes);
void append_framing_probes(std::vector<Probe>& probes);
void append_control_probes(std::vector<Probe>& probes);
void append_message_probes(std::vector<Probe>& probes);
void append_utf8_probes(std::vector<Probe>& probes);
void append_close_code_probes(std::vector<Probe>& probes);
void append_closing_probes(std::vector<Probe>& probes);
void append_compression_probes(std::vector<Probe>& probes);
void append_limit_probes(std::vector<Probe>& probes, std::optional<std::uint64_t> message_bytes_max);

}  // namespace clearline::app::inspect
