#include "app/data_directory.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

namespace clearline::app {

namespace {

namespace fs = std::filesystem;

// An empty variable is as good as none (XDG Base Directory Specification says so of its own).
std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

bool is_source_tree(const fs::path& directory) {
  return is_there(directory / "CMakeLists.txt") && is_there(directory / "src/registry/registry.json");
}

}  // namespace

DataDirectoryEnvironment data_directory_environment() {
  std::error_code error;
  return {variable("CLEARLINE_DATA"), variable("XDG_DATA_HOME"), variable("HOME"), fs::current_path(error)};
}

Result<fs::path> default_data_directory(const DataDirectoryEnvironment& environment) {
  const fs::path& here = environment.working_directory;
  if (environment.clearline_data) return (here / *environment.clearline_data).lexically_normal();
  if (!here.empty() && (is_there(here / "var" / database_file_name) || is_source_tree(here))) return here / "var";
  // The specification calls a relative path here invalid and to be ignored.
  if (environment.xdg_data_home && fs::path(*environment.xdg_data_home).is_absolute())
    return fs::path(*environment.xdg_data_home) / "clearline";
  if (environment.home && fs::path(*environment.home).is_absolute())
    return fs::path(*environment.home) / ".local/share/clearline";
  return fail(ErrorCode::not_found,
              "no data directory: give --data DIR, or set CLEARLINE_DATA, XDG_DATA_HOME or HOME to an absolute path");
}

Result<fs::path> choose_data_directory(const std::string& given) {
  const DataDirectoryEnvironment environment = data_directory_environment();
  if (given.empty()) return default_data_directory(environment);
  return (environment.working_directory / given).lexically_normal();
}

Result<void> create_data_directory(const fs::path& directory) {
  fs::path so_far;
  for (const fs::path& part : directory) {
    so_far /= part;
    if (::mkdir(so_far.c_str(), 0700) == 0 || errno == EEXIST || is_there(so_far)) continue;
    return fail(ErrorCode::io, fmt::format("cannot create the directory {}: {}", so_far.string(),
                                           std::generic_category().message(errno)));
  }
  std::error_code error;
  if (fs::is_directory(directory, error)) return {};
  return fail(ErrorCode::io, fmt::format("{} is not a directory", directory.string()));
}

fs::path database_path(const fs::path& data_directory) {
  return data_directory / database_file_name;
}

}  // namespace clearline::app
