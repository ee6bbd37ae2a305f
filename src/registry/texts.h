// What people are told when a connection ends or a message is refused: plain sentences by language and audience,
// from src/registry/texts/<language>.json.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace clearline::registry {

enum class Audience : std::uint8_t { visitor, agent };

struct Language {
  std::string_view tag;   // "zh"
  std::string_view name;  // in the language itself
};

// English first. Every language has every text: the generator refuses one that has not.
[[nodiscard]] std::span<const Language> languages();

// The language for a BCP 47 tag by its primary subtag: "zh-CN" and "ZH" find "zh".
[[nodiscard]] std::optional<Language> find_language(std::string_view tag);

// The sentence of that id, for instance Entry::told or ErrorEntry::told. Empty for an empty id. A language or an id
// that does not exist is a bug of the caller and gives English, or nothing.
[[nodiscard]] std::string_view told(std::string_view text_id, Audience audience, std::string_view language);

struct Placeholder {
  std::string_view name;  // seconds, id, detail
  std::string_view value;
};

// "Trying again[ in {seconds} s]." gives "Trying again in 7 s.", or "Trying again." without the value.
[[nodiscard]] std::string fill(std::string_view sentence, std::span<const Placeholder> values);

}  // namespace clearline::registry
