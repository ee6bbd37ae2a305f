// Result<T>: a value or an Error. Input, peers, disk and database fail by value; a broken invariant of our own
// code aborts (CLEARLINE_ASSERT). See docs/adr/0002-errors.md.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace clearline {

// What the caller can do about it; the text says what happened and where.
enum class ErrorCode : std::uint8_t {
  invalid_argument,  // the input itself is wrong; repeating it cannot help
  not_found,         // the thing named does not exist, or not for this caller
  already_exists,    // a unique name is taken
  unauthorized,      // credentials missing, wrong or expired
  forbidden,         // credentials fine, access refused
  too_large,         // a documented limit was exceeded
  unavailable,       // overload or a store that is away; the same call may succeed later
  conflict,          // the state moved on since the caller looked
  io,                // the operating system refused (disk, socket); detail has its words
  corrupt,           // stored data contradicts itself or is of an unknown version
  internal,          // a bug of ours
};

[[nodiscard]] std::string_view error_code_name(ErrorCode code);

// Small on purpose: a code for programs and one sentence for people, which names what is wrong and where.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;

  Error(ErrorCode error_code, std::string error_message) : code(error_code), message(std::move(error_message)) {}

  // Adds the place in front: "config.toml, line 3" + "unknown key" gives "config.toml, line 3: unknown key".
  [[nodiscard]] Error at(std::string_view place) const& { return Error{code, std::string(place) + ": " + message}; }
};

template <typename T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

}  // namespace clearline

// Always on: a broken invariant must not go on writing to the log of a conversation.
#define CLEARLINE_ASSERT(expression) \
  (static_cast<bool>(expression) ? void() : ::clearline::assertion_failed(#expression, __FILE__, __LINE__))

// CLEARLINE_TRY(auto page, store.read(...)): the value, or return the error to our caller.
#define CLEARLINE_CONCAT_(a, b) a##b
#define CLEARLINE_CONCAT(a, b) CLEARLINE_CONCAT_(a, b)
#define CLEARLINE_TRY(declaration, expression)                                                        \
  auto CLEARLINE_CONCAT(try_, __LINE__) = (expression);                                               \
  if (!CLEARLINE_CONCAT(try_, __LINE__))                                                              \
    return ::tl::unexpected<::clearline::Error>(std::move(CLEARLINE_CONCAT(try_, __LINE__)).error()); \
  declaration = std::move(*CLEARLINE_CONCAT(try_, __LINE__))

// The same for Result<void>.
#define CLEARLINE_CHECK(expression)                                                                                  \
  do {                                                                                                               \
    if (auto check_ = (expression); !check_) return ::tl::unexpected<::clearline::Error>(std::move(check_).error()); \
  } while (false)
