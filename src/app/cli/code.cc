#include "app/cli/code.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string_view>
#include <system_error>

#include "app/cli/code_output.h"
#include "base/result.h"
#include "registry/texts.h"

namespace clearline::app {
namespace {

constexpr int exit_ok = 0;
constexpr int exit_output_failed = 1;
constexpr int exit_usage = 2;

constexpr std::string_view usage = R"(Usage: clearline code [CODE] [--json] [--lang TAG]

How WebSocket connections end: every close code from 0 to 65535.

  CODE        Explain this code: name, meaning, who may send it, whether it is
              valid on the wire, what Clearline does and what people are told.
              A code without an entry of its own gets its range's.
              Without CODE: the table of all codes.
  --json      Print JSON for programs instead; without CODE also the policies
              by which a client returns, the causes and the error names.
              A text may hold parts like "[ in {seconds} s]", which are left out
              where the value is not known.
  --lang TAG  The language of what people are told: )";

constexpr std::string_view usage_end = R"(.
              English unless given.
  --help      Print this.

Exit status: 0 done, 1 the output could not be written, 2 wrong arguments.
)";

struct Options {
  std::optional<std::uint16_t> code;
  std::string_view code_text;
  std::string_view language = "en";
  bool json = false;
  bool help = false;
};

std::string language_tags() {
  std::string tags;
  for (const registry::Language& language : registry::languages()) {
    if (!tags.empty()) tags += ", ";
    tags += language.tag;
  }
  return tags;
}

std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

tl::unexpected<Error> refuse(std::string message) {
  return fail(ErrorCode::invalid_argument, std::move(message));
}

Result<std::uint16_t> parse_code(std::string_view text) {
  if (text.empty()) return refuse("the code is empty; expected a number from 0 to 65535");
  std::string_view digits = text;
  const bool negative = digits.starts_with('-');
  if (negative) digits.remove_prefix(1);
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) {
    return refuse(quoted(text) + " is not a code; expected a number from 0 to 65535");
  }
  if (negative) return refuse(quoted(text) + " is negative; expected a number from 0 to 65535");
  std::uint16_t code = 0;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), code).ec != std::errc()) {
    return refuse(quoted(text) + " is too large; a close code has 16 bits, so 65535 is the last");
  }
  return code;
}

bool is_option(std::string_view argument) {
  // "-1" is a bad code, not an option: the answer should speak of codes.
  return argument.size() > 1 && argument[0] == '-' && (argument[1] < '0' || argument[1] > '9');
}

Result<void> take_language(Options& options, std::string_view tag) {
  const std::optional<registry::Language> language = registry::find_language(tag);
  if (!language) return refuse("there is no language " + quoted(tag) + "; known are " + language_tags());
  options.language = language->tag;
  return {};
}

Result<void> take_code(Options& options, std::string_view text) {
  if (options.code) {
    return refuse("one code at a time: " + quoted(options.code_text) + " and " + quoted(text) + " were given");
  }
  CLEARLINE_TRY(options.code, parse_code(text));
  options.code_text = text;
  return {};
}

Result<Options> parse(std::span<const std::string> arguments) {
  Options options;
  for (std::size_t index = 0; index < arguments.size(); ++index) {
    const std::string_view argument = arguments[index];
    if (argument == "--json") {
      options.json = true;
    } else if (argument == "--help" || argument == "-h") {
      options.help = true;
    } else if (argument == "--lang") {
      if (index + 1 == arguments.size()) return refuse("--lang needs a language: " + language_tags());
      CLEARLINE_CHECK(take_language(options, arguments[++index]));
    } else if (argument.starts_with("--lang=")) {
      CLEARLINE_CHECK(take_language(options, argument.substr(std::string_view("--lang=").size())));
    } else if (is_option(argument)) {
      return refuse("unknown option " + quoted(argument) + "; known are --json, --lang and --help");
    } else {
      CLEARLINE_CHECK(take_code(options, argument));
    }
  }
  return options;
}

std::string help_text() {
  return std::string(usage) + language_tags() + std::string(usage_end);
}

std::string answer(const Options& options) {
  if (options.help) return help_text();
  if (options.json) {
    return options.code ? code_entry_json(*options.code, options.language) : code_table_json(options.language);
  }
  return options.code ? code_entry_text(*options.code, options.language) : code_table_text();
}

}  // namespace

int run_code(std::span<const std::string> arguments, std::ostream& out, std::ostream& err) {
  const Result<Options> options = parse(arguments);
  if (!options) {
    err << "clearline code: " << options.error().message << "\nTry: clearline code --help\n";
    return exit_usage;
  }
  if (!(out << answer(*options) << std::flush)) {
    err << "clearline code: the output could not be written\n";
    return exit_output_failed;
  }
  return exit_ok;
}

}  // namespace clearline::app
