// The operating system's refusal as an Error. Not part of the public interface.
#pragma once

#include <cerrno>
#include <string>
#include <system_error>

#include "base/result.h"

namespace clearline::net {

// "bind: Permission denied", from errno unless another number is given.
[[nodiscard]] inline Error system_error(const std::string& what, int number = errno) {
  return {ErrorCode::io, what + ": " + std::generic_category().message(number)};
}

}  // namespace clearline::net
