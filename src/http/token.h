// RFC 9110 section 5.6.2: the names of methods, fields and parameters.
#pragma once

#include <string_view>

namespace clearline::http {

[[nodiscard]] bool is_token(std::string_view text);

}  // namespace clearline::http
