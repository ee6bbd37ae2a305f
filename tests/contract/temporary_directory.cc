#include "contract/temporary_directory.h"

#include <stdlib.h>

#include <string>
#include <system_error>

#include "base/result.h"

namespace clearline {

TemporaryDirectory::TemporaryDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "clearline-test-XXXXXX").string();
  CLEARLINE_ASSERT(::mkdtemp(name.data()) != nullptr);
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace clearline
