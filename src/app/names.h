// The rules for names that people give: site keys, origins, agents. Refusals say what is wrong and show the value.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace clearline::app {

// [a-z0-9-]{1,40}: it stands in the script tag and in URLs.
[[nodiscard]] Result<void> check_site_key(std::string_view key);

// [a-z0-9._-]{1,64}: an agent types it to sign in.
[[nodiscard]] Result<void> check_agent_name(std::string_view name);

// What people read: 1 to 80 code points of valid UTF-8 without control characters, not white space alone.
[[nodiscard]] Result<void> check_display_name(std::string_view name);

// The origin as a browser sends it (RFC 6454 section 6.2: lower case, no default port, no path), or "self" or "*".
// "HTTPS://Shop.example:443/" becomes "https://shop.example".
[[nodiscard]] Result<std::string> normalise_origin(std::string_view origin);

}  // namespace clearline::app
