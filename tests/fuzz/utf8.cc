// The validator against the naive decoder, whole and in three pieces. Two bytes choose the cuts, the rest is the text.
#include "ws/utf8.h"

#include <algorithm>

#include "fuzz/fuzz.h"
#include "support/ws/naive_utf8.h"

using namespace clearline;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::size_t first_choice = input.take_byte();
  const std::size_t second_choice = input.take_byte();
  const auto text = input.rest();
  const auto expected = ws::testing::naive_utf8({text.begin(), text.end()});
  const bool valid = !expected.wrong_at && expected.complete;
  FUZZ_CHECK(ws::is_valid_utf8(text) == valid);

  const std::size_t first = std::min(first_choice, text.size());
  const std::size_t second = std::min(first + second_choice, text.size());
  const std::size_t ends[] = {first, second, text.size()};
  ws::Utf8Validator validator;
  std::size_t from = 0;
  std::optional<std::size_t> wrong_at;
  for (const std::size_t end : ends) {
    // A copy of exactly this size, so that a sanitizer sees a byte read beyond it.
    const ws::testing::Bytes piece(text.begin() + static_cast<std::ptrdiff_t>(from),
                                   text.begin() + static_cast<std::ptrdiff_t>(end));
    if (const auto wrong = validator.feed(piece)) {
      wrong_at = from + *wrong;
      break;
    }
    from = end;
  }
  FUZZ_CHECK(wrong_at == expected.wrong_at);
  if (!wrong_at) FUZZ_CHECK(validator.complete() == expected.complete);

  if (!valid) return 0;
  const std::string_view view(reinterpret_cast<const char*>(text.data()), text.size());
  const std::string_view cut = ws::cut_at_code_point(view, first_choice);
  FUZZ_CHECK(cut.size() <= first_choice && cut.size() + 4 > std::min(first_choice, view.size()));
  FUZZ_CHECK(ws::is_valid_utf8(text.first(cut.size())));
  return 0;
}
