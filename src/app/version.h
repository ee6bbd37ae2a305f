#pragma once

#include <string_view>

namespace clearline::app {

// CHANGELOG.md has what each version brings.
inline constexpr std::string_view version = "0.1.0";

}  // namespace clearline::app
