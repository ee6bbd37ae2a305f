// Ids on the wire: a letter that says what it names, then 13 digits of Crockford's base32 (lower case), for example
// "c01kb3f7q8x2ve". 64-bit numbers do not survive JavaScript's doubles; these do, and they sort like the numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace clearline {

inline constexpr std::size_t id_text_length = 14;

[[nodiscard]] std::string id_to_text(char prefix, std::uint64_t value);
// Nothing unless the text is exactly the prefix and 13 digits of a 64-bit value.
[[nodiscard]] std::optional<std::uint64_t> id_from_text(char prefix, std::string_view text);

}  // namespace clearline
