// How well a server's answer to a probe fits what is demanded. docs/reference/inspect.md explains each.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace clearline::app::inspect {

// From good to bad. A probe that was not made has the last one.
enum class Verdict : std::uint8_t {
  right,           // what the RFC demands, or the best of what it allows
  allowed,         // another answer that the RFC allows
  weak,            // breaks no rule that binds the server, but the client learns less, or waits longer, than it should
  wrong,           // breaks a rule
  not_applicable,  // could not be judged on this server; the note says why
};

inline constexpr std::size_t verdict_count = 5;

[[nodiscard]] constexpr std::string_view verdict_name(Verdict verdict) {
  constexpr std::array<std::string_view, verdict_count> names = {"right", "allowed", "weak", "wrong", "not applicable"};
  return names[static_cast<std::size_t>(verdict)];
}

[[nodiscard]] constexpr Verdict worse_of(Verdict left, Verdict right) {
  return std::max(left, right);
}

}  // namespace clearline::app::inspect
