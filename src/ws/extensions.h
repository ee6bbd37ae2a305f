// Sec-WebSocket-Extensions (RFC 6455 section 9.1):
//
//   extension-list  = 1#extension
//   extension       = extension-token *( ";" extension-param )
//   extension-param = token [ "=" (token | quoted-string) ]    ; the unquoted string must be a token
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace clearline::ws {

struct Extension {
  struct Parameter {
    std::string name;
    std::optional<std::string> value = {};  // quotes removed
    friend bool operator==(const Parameter&, const Parameter&) = default;
  };
  std::string name = {};
  std::vector<Parameter> parameters = {};
  friend bool operator==(const Extension&, const Extension&) = default;
};

// In the sender's order of preference. Nothing if the value breaks the grammar.
[[nodiscard]] std::optional<std::vector<Extension>> parse_extensions(std::string_view header_value);
[[nodiscard]] std::string format_extensions(std::span<const Extension> extensions);

}  // namespace clearline::ws
