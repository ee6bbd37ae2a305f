// `clearline admin`: sites and agents, straight in the database; works while the server runs.
#pragma once

#include <iosfwd>
#include <span>
#include <string>

#include "app/password.h"

namespace clearline::app {

// `arguments` are those behind "admin". Returns the exit status.
[[nodiscard]] int run_admin(std::span<const std::string> arguments, std::ostream& out, std::ostream& err);

// The same with what it takes from the process, for tests.
struct AdminStreams {
  std::istream& in;  // --password-stdin
  std::ostream& out;
  std::ostream& err;
};
[[nodiscard]] int run_admin(std::span<const std::string> arguments, const AdminStreams& streams, RandomSource random);

}  // namespace clearline::app
