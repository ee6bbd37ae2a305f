// Text of a stranger's server on our terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace clearline::app::inspect {

// As it is where it is printable UTF-8; every other byte as \xNN, so that nothing it holds can move the cursor, change
// colours or turn the reading direction. Cut with "…" behind `bytes_max` bytes of the input.
[[nodiscard]] std::string safe_text(std::string_view bytes, std::size_t bytes_max);

}  // namespace clearline::app::inspect
