// UTF-8 validation (RFC 3629) of text messages and close reasons, whole or piece by piece as the bytes arrive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace clearline::ws {

[[nodiscard]] bool is_valid_utf8(std::span<const std::byte> text);

// Fails at the first byte that no valid text can have at its place, even when the sequence it belongs to is not
// complete: "F4 90" is known to be wrong at its second byte (fail fast; RFC 6455 section 8.1).
class Utf8Validator {
 public:
  // Nothing if all is well so far; else the offset within `piece` of the first bad byte. After a failure the validator
  // must be reset.
  [[nodiscard]] std::optional<std::size_t> feed(std::span<const std::byte> piece);
  // Whether the text may end here: false inside an unfinished sequence.
  [[nodiscard]] bool complete() const { return state_ == 0; }
  void reset() { state_ = 0; }

 private:
  std::uint8_t state_ = 0;  // of the automaton in utf8.cc; 0 is "between two code points"
};

// The longest prefix of at most `bytes_max` bytes that does not cut a code point. The text must be valid UTF-8.
[[nodiscard]] std::string_view cut_at_code_point(std::string_view text, std::size_t bytes_max);

}  // namespace clearline::ws
