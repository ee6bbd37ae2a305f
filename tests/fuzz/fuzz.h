// What every fuzz target has: the entry point, and a check that holds in every build.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>

#include "support/ws/wire.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

#define FUZZ_CHECK(expression)                                                        \
  do {                                                                                \
    if (!(expression)) {                                                              \
      std::fprintf(stderr, "%s:%d: %s is not so\n", __FILE__, __LINE__, #expression); \
      std::abort();                                                                   \
    }                                                                                 \
  } while (false)

namespace clearline::fuzz {

// The input, taken from the front: first what chooses, then what is left.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const std::byte*>(data), size) {}

  [[nodiscard]] bool empty() const { return rest_.empty(); }
  std::uint8_t take_byte() {
    if (rest_.empty()) return 0;
    const auto byte = static_cast<std::uint8_t>(rest_.front());
    rest_ = rest_.subspan(1);
    return byte;
  }
  std::uint16_t take_u16() {
    const unsigned high = take_byte();
    return static_cast<std::uint16_t>(high << 8 | take_byte());
  }
  [[nodiscard]] std::span<const std::byte> rest() const { return rest_; }

 private:
  std::span<const std::byte> rest_;
};

}  // namespace clearline::fuzz
