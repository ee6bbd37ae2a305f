#include "fuzz/codec.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  clearline::fuzz::fuzz_codec(clearline::ws::Role::client, {data, size});
  return 0;
}
