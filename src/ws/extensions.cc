#include "ws/extensions.h"

#include <utility>

#include "ws/http_lists.h"

namespace clearline::ws {
namespace {

// Takes pieces off the front of the text; each function leaves the text alone when it finds nothing.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(trim(text)) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_ = trim(rest_.substr(1));
    return true;
  }

  std::optional<std::string> take_token() {
    std::size_t size = 0;
    while (size < rest_.size() && is_token(rest_.substr(size, 1))) ++size;
    if (size == 0) return std::nullopt;
    std::string token(rest_.substr(0, size));
    rest_ = trim(rest_.substr(size));
    return token;
  }

  std::optional<std::string> take_quoted_token() {
    std::string text;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_ = trim(rest_.substr(i + 1));
        return is_token(text) ? std::optional(std::move(text)) : std::nullopt;
      }
      if (rest_[i] == '\\' && ++i == rest_.size()) break;
      text += rest_[i];
    }
    return std::nullopt;
  }

  [[nodiscard]] bool at_quote() const { return !rest_.empty() && rest_.front() == '"'; }

 private:
  std::string_view rest_;
};

std::optional<Extension::Parameter> parse_parameter(Scanner& scanner) {
  auto name = scanner.take_token();
  if (!name) return std::nullopt;
  Extension::Parameter parameter{std::move(*name), std::nullopt};
  if (!scanner.take('=')) return parameter;
  parameter.value = scanner.at_quote() ? scanner.take_quoted_token() : scanner.take_token();
  if (!parameter.value) return std::nullopt;
  return parameter;
}

std::optional<Extension> parse_extension(Scanner& scanner) {
  auto name = scanner.take_token();
  if (!name) return std::nullopt;
  Extension extension{std::move(*name), {}};
  while (scanner.take(';')) {
    auto parameter = parse_parameter(scanner);
    if (!parameter) return std::nullopt;
    extension.parameters.push_back(std::move(*parameter));
  }
  return extension;
}

}  // namespace

std::optional<std::vector<Extension>> parse_extensions(std::string_view header_value) {
  std::vector<Extension> extensions;
  Scanner scanner(header_value);
  while (true) {
    // RFC 9110 section 5.6.1.2: a recipient lets empty list elements pass.
    while (scanner.take(',')) continue;
    if (scanner.at_end()) break;
    auto extension = parse_extension(scanner);
    if (!extension) return std::nullopt;
    extensions.push_back(std::move(*extension));
    if (!scanner.at_end() && !scanner.take(',')) return std::nullopt;
  }
  return extensions;
}

std::string format_extensions(std::span<const Extension> extensions) {
  std::string text;
  for (const Extension& extension : extensions) {
    if (!text.empty()) text += ", ";
    text += extension.name;
    for (const Extension::Parameter& parameter : extension.parameters) {
      text += "; " + parameter.name;
      if (parameter.value) text += "=" + *parameter.value;
    }
  }
  return text;
}

}  // namespace clearline::ws
