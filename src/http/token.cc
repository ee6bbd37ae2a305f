#include "http/token.h"

#include <algorithm>

namespace clearline::http {

bool is_token(std::string_view text) {
  static constexpr std::string_view punctuation = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           punctuation.find(c) != std::string_view::npos;
  });
}

}  // namespace clearline::http
