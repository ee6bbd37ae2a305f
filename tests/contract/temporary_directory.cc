#include "contract/temporary_directory.h"

#include <stdlib.h>
#include <unistd.h>

#include <string>
#include <system_error>

#include "base/result.h"

namespace clearline {

TemporaryDirectory::TemporaryDirectory(Kind kind) {
  constexpr const char* memory = "/dev/shm";
  const bool use_memory = kind == Kind::in_memory && ::access(memory, W_OK | X_OK) == 0;
  const std::filesystem::path above = use_memory ? memory : std::filesystem::temp_directory_path();
  std::string name = (above / "clearline-test-XXXXXX").string();
  CLEARLINE_ASSERT(::mkdtemp(name.data()) != nullptr);
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace clearline
