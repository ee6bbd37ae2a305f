#include "registry/texts.h"

#include <algorithm>
#include <cstddef>

#include "registry/generated/texts.h"

namespace clearline::registry {
namespace {

constexpr std::size_t npos = std::string_view::npos;

constexpr char to_lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter | 0x20) : letter;
}

bool same_ignoring_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, [](char a, char b) { return to_lower(a) == to_lower(b); });
}

std::size_t language_index(std::string_view tag) {
  const auto found = std::ranges::find(generated::languages, tag, &Language::tag);
  return found == generated::languages.end() ? 0 : static_cast<std::size_t>(found - generated::languages.begin());
}

}  // namespace

std::span<const Language> languages() {
  return generated::languages;
}

std::optional<Language> find_language(std::string_view tag) {
  const std::string_view primary = tag.substr(0, tag.find_first_of("-_"));
  for (const Language& language : generated::languages) {
    if (same_ignoring_case(language.tag, primary)) return language;
  }
  return std::nullopt;
}

std::string_view told(std::string_view text_id, Audience audience, std::string_view language) {
  const auto& texts = generated::texts[language_index(language)];
  const auto found = std::ranges::lower_bound(texts, text_id, {}, &generated::Text::id);
  if (found == texts.end() || found->id != text_id) return {};
  return audience == Audience::visitor ? found->visitor : found->agent;
}

std::string fill(std::string_view sentence, std::span<const Placeholder> values) {
  std::string filled;
  for (;;) {
    const std::size_t open = sentence.find('[');
    const std::size_t brace = sentence.find('{', open);
    const std::size_t brace_end = sentence.find('}', brace);
    const std::size_t close = sentence.find(']', brace_end);
    // The generator lets no other form through; a sentence from elsewhere stays as it is.
    if (open == npos || brace == npos || brace_end == npos || close == npos) return filled.append(sentence);

    filled += sentence.substr(0, open);
    const std::string_view name = sentence.substr(brace + 1, brace_end - brace - 1);
    if (const auto value = std::ranges::find(values, name, &Placeholder::name); value != values.end()) {
      filled += sentence.substr(open + 1, brace - open - 1);
      filled += value->value;
      filled += sentence.substr(brace_end + 1, close - brace_end - 1);
    }
    sentence.remove_prefix(close + 1);
  }
}

}  // namespace clearline::registry
