#include "app/cli/connect/unix_url.h"

#include <fmt/core.h>

#include <algorithm>

namespace clearline::app::connect {

Result<UnixUrl> parse_unix_url(std::string_view url) {
  UnixUrl parsed;
  const std::string_view rest = url.substr(std::min(unix_scheme.size(), url.size()));
  const std::size_t colon = std::min(rest.find(':'), rest.size());
  parsed.path = rest.substr(0, colon);
  if (!parsed.path.starts_with('/') && !parsed.path.starts_with('@')) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("{}: write ws+unix:/PATH/OF/SOCKET or ws+unix:/PATH/OF/SOCKET:/TARGET", url));
  }
  if (colon == rest.size()) return parsed;
  parsed.target = rest.substr(colon + 1);
  const bool printable =
      std::all_of(parsed.target.begin(), parsed.target.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (!parsed.target.starts_with('/') || !printable) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("{}: '{}' is not a path; it begins with '/' and is percent-encoded", url, parsed.target));
  }
  return parsed;
}

}  // namespace clearline::app::connect
