// UTF-8 as the standard's table reads, one code point after the other, to compare the fast validator with.
#pragma once

#include <cstddef>
#include <optional>

#include "support/ws/wire.h"

namespace clearline::ws::testing {

struct Utf8Verdict {
  std::optional<std::size_t> wrong_at = {};  // the first byte that no valid text can have there
  bool complete = true;                      // false: the text ends inside a code point
  friend bool operator==(const Utf8Verdict&, const Utf8Verdict&) = default;
};

[[nodiscard]] Utf8Verdict naive_utf8(const Bytes& bytes);

}  // namespace clearline::ws::testing
