// tests/data/invalid-utf8.jsonl: ill-formed sequences and well-formed controls, with the byte that gives each away.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "support/ws/wire.h"

namespace clearline::ws::testing {

struct Utf8Row {
  std::string id;
  Bytes bytes;
  bool valid = false;
  bool incomplete = false;    // ill-formed only because it ends
  std::size_t detect_at = 0;  // of the rows that are neither valid nor incomplete
};

[[nodiscard]] std::vector<Utf8Row> read_utf8_rows(const std::string& path);

}  // namespace clearline::ws::testing
