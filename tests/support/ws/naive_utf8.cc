#include "support/ws/naive_utf8.h"

namespace clearline::ws::testing {
namespace {

std::size_t length_by_lead(unsigned lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

// The second byte already shows an overlong form, a surrogate, and what is above U+10FFFF.
bool second_is_possible(unsigned lead, unsigned second) {
  if (lead == 0xE0) return second >= 0xA0;
  if (lead == 0xED) return second <= 0x9F;
  if (lead == 0xF0) return second >= 0x90;
  if (lead == 0xF4) return second <= 0x8F;
  return true;
}

}  // namespace

Utf8Verdict naive_utf8(const Bytes& bytes) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned>(bytes[i]); };
  for (std::size_t i = 0; i < bytes.size();) {
    const unsigned lead = at(i);
    const std::size_t length = length_by_lead(lead);
    if (length == 0) return {i, true};
    for (std::size_t k = 1; k < length; ++k) {
      if (i + k == bytes.size()) return {std::nullopt, false};
      const unsigned byte = at(i + k);
      if (byte < 0x80 || byte > 0xBF || (k == 1 && !second_is_possible(lead, byte))) return {i + k, true};
    }
    i += length;
  }
  return {};
}

}  // namespace clearline::ws::testing
