#include "ws/http_lists.h"

#include <algorithm>

namespace clearline::ws {
namespace {

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// tchar of RFC 9110 section 5.6.2.
constexpr bool is_token_char(char c) {
  const char lower = to_lower(c);
  if ((lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9')) return true;
  return std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

template <typename Function>
void for_each_element(std::span<const HeaderView> headers, std::string_view name, Function function) {
  for (const HeaderView& header : headers) {
    if (!equals_ignoring_case(header.name, name)) continue;
    std::string_view rest = header.value;
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      const std::string_view element = trim(rest.substr(0, comma));
      if (!element.empty()) function(element);
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
}

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return to_lower(x) == to_lower(y); });
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

std::string_view trim(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

FieldCount count_field(std::span<const HeaderView> headers, std::string_view name) {
  FieldCount field;
  for (const HeaderView& header : headers) {
    if (!equals_ignoring_case(header.name, name)) continue;
    if (field.count++ == 0) field.first_value = trim(header.value);
  }
  return field;
}

std::vector<std::string_view> list_elements(std::span<const HeaderView> headers, std::string_view name) {
  std::vector<std::string_view> elements;
  for_each_element(headers, name, [&](std::string_view element) { elements.push_back(element); });
  return elements;
}

bool list_contains(std::span<const HeaderView> headers, std::string_view name, std::string_view token) {
  bool found = false;
  for_each_element(headers, name, [&](std::string_view element) { found |= equals_ignoring_case(element, token); });
  return found;
}

}  // namespace clearline::ws
