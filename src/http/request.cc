#include "http/request.h"

#include <algorithm>

namespace clearline::http {

namespace {

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

bool equal_without_case(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return to_lower(a) == to_lower(b); });
}

bool list_contains_token(std::string_view list, std::string_view token) {
  while (true) {
    const auto comma = list.find(',');
    if (equal_without_case(trim(list.substr(0, comma)), token)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

bool entity_tag_matches(std::string_view if_none_match, std::string_view etag) {
  // Our own tags hold no comma, so a tag that is cut at one of its own cannot be taken for one of them.
  while (!if_none_match.empty()) {
    const auto comma = if_none_match.find(',');
    std::string_view tag = trim(if_none_match.substr(0, comma));
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag == etag || tag == "*") return true;
    if (comma == std::string_view::npos) return false;
    if_none_match.remove_prefix(comma + 1);
  }
  return false;
}

std::string_view find_header(std::span<const HeaderView> headers, std::string_view name) {
  const auto found =
      std::find_if(headers.begin(), headers.end(), [&](const auto& h) { return equal_without_case(h.name, name); });
  return found == headers.end() ? std::string_view{} : found->value;
}

std::string_view Request::header(std::string_view name) const {
  return find_header(headers, name);
}

bool Request::has_header(std::string_view name) const {
  return std::any_of(headers.begin(), headers.end(), [&](const auto& h) { return equal_without_case(h.name, name); });
}

}  // namespace clearline::http
