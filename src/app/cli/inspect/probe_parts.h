// What the catalogue's probes are put together from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/inspect/probe.h"
#include "registry/registry.h"

namespace clearline::app::inspect {

[[nodiscard]] Step send(std::string bytes);
[[nodiscard]] Step pause();
[[nodiscard]] Step await_answers();

// Has to fail the connection with the status that the registry has for the cause; `also` are codes that fit as well.
[[nodiscard]] Expectation fails_with(registry::Cause cause, std::vector<std::uint16_t> also = {});
// Has to answer, and to answer our Close with its code.
[[nodiscard]] Expectation answers_with(std::vector<ExpectedAnswer> answers,
                                       std::optional<std::uint16_t> close_code = registry::normal_closure);

// Bytes that the server has to fail for. A ping follows, by which acceptance shows.
struct Offence {
  std::string_view name;
  std::string_view section;
  std::string_view sent;
  registry::Cause cause;
  std::string bytes;
};
[[nodiscard]] Probe offence_probe(Group group, const Offence& offence);

// Frames that an echo server sends back as `answers`; then Close with normal_closure.
struct Exchange {
  std::string_view name;
  std::string_view section;
  std::string_view sent;
  std::string bytes;
  std::vector<ExpectedAnswer> answers;
};
// Of a server that echoes messages.
[[nodiscard]] Probe echo_probe(Group group, const Exchange& exchange);
// Of any server: what is answered are pings.
[[nodiscard]] Probe exchange_probe(Group group, const Exchange& exchange);

[[nodiscard]] ExpectedAnswer text_answer(std::string_view payload);
[[nodiscard]] ExpectedAnswer pong_answer(std::string_view payload);

}  // namespace clearline::app::inspect
