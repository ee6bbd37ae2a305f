// What `clearline code` prints, once the arguments are understood.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace clearline::app {

// One line a code or range, at most 80 columns.
[[nodiscard]] std::string code_table_text();
// Everything about one code, wrapped at 80 columns. What people are told is in the given language.
[[nodiscard]] std::string code_entry_text(std::uint16_t code, std::string_view language);

// The whole registry as one JSON object: codes, again, causes, errors.
[[nodiscard]] std::string code_table_json(std::string_view language);
// One entry as a JSON object, with the number asked for as "code".
[[nodiscard]] std::string code_entry_json(std::uint16_t code, std::string_view language);

}  // namespace clearline::app
