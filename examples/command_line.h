// What the examples share: the reading of options, and nothing about WebSockets.
#pragma once

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

// The arguments from left to right: while (arguments.next()) { if (arguments.is("--port")) … arguments.number(…) … }
// Whatever is wrong ends the program with status 2, names the argument and shows the usage.
class CommandLine {
 public:
  CommandLine(int argc, char** argv, std::string program, std::string_view usage)
      : count_(argc), values_(argv), program_(std::move(program)), usage_("Usage: " + program_ + " ") {
    usage_ += usage;
  }

  bool next() {
    if (++index_ >= count_) return false;
    argument_ = values_[index_];
    if (argument_ == "--help") {
      std::printf("%s\n", usage_.c_str());
      std::exit(0);
    }
    return true;
  }
  [[nodiscard]] bool is(std::string_view name) const { return argument_ == name; }
  [[nodiscard]] std::string_view argument() const { return argument_; }

  // What stands behind the option.
  std::string_view value() {
    if (index_ + 1 >= count_) fail(std::string(argument_) + " needs a value");
    return values_[++index_];
  }
  template <typename Number>
  Number number(Number min, Number max) {
    const std::string option(argument_);
    const std::string_view text = value();
    Number parsed{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
    if (error == std::errc{} && end == text.data() + text.size() && min <= parsed && parsed <= max) return parsed;
    fail(option + " needs a number from " + std::to_string(min) + " to " + std::to_string(max) + ", not \"" +
         std::string(text) + '"');
  }
  [[noreturn]] void fail_unknown() const {
    fail((argument_.starts_with("-") ? "there is no option \"" : "nothing is to be done with \"") +
         std::string(argument_) + '"');
  }
  [[noreturn]] void fail(const std::string& words) const {
    std::fprintf(stderr, "%s: %s\n%s\n", program_.c_str(), words.c_str(), usage_.c_str());
    std::exit(2);
  }

 private:
  int count_;
  char** values_;
  std::string program_;
  std::string usage_;
  int index_ = 0;
  std::string_view argument_;
};
