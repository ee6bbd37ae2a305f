// The comma-separated lists of HTTP fields (RFC 9110 section 5.6) as the opening handshake uses them.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/header.h"

namespace clearline::ws {

// ASCII letters alike; field names and most tokens are compared so.
[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b);
[[nodiscard]] bool is_token(std::string_view text);
[[nodiscard]] std::string_view trim(std::string_view text);

// How often the field occurs, and its first value.
struct FieldCount {
  std::size_t count = 0;
  std::string_view first_value;
};
[[nodiscard]] FieldCount count_field(std::span<const HeaderView> headers, std::string_view name);

// The elements of all fields of this name, in order, empty ones left out.
[[nodiscard]] std::vector<std::string_view> list_elements(std::span<const HeaderView> headers, std::string_view name);
[[nodiscard]] bool list_contains(std::span<const HeaderView> headers, std::string_view name, std::string_view token);

}  // namespace clearline::ws
