// The version of the server and of the library, which CMakeLists.txt reads here. Semantic versioning, except that until
// 1.0 a minor version may change the interface.
#pragma once

#include <string_view>

#define CLEARLINE_VERSION_MAJOR 0
#define CLEARLINE_VERSION_MINOR 1
#define CLEARLINE_VERSION_PATCH 0

namespace clearline {

inline constexpr std::string_view version = "0.1.0";

}  // namespace clearline
