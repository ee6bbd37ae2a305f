// Where a server keeps its data: one answer for `serve` and for the tools that open the same database.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace clearline::app {

inline constexpr std::string_view database_file_name = "clearline.db";

// What the choice depends on, so that it can be tested.
struct DataDirectoryEnvironment {
  std::optional<std::string> clearline_data;  // $CLEARLINE_DATA
  std::optional<std::string> xdg_data_home;   // $XDG_DATA_HOME
  std::optional<std::string> home;            // $HOME
  std::filesystem::path working_directory;
};
[[nodiscard]] DataDirectoryEnvironment data_directory_environment();

// The first of: $CLEARLINE_DATA; ./var, if it holds a database or the working directory is Clearline's source tree;
// $XDG_DATA_HOME/clearline; $HOME/.local/share/clearline. Absolute. A mere ./var does not count: a service that is
// started in / must not write to /var.
[[nodiscard]] Result<std::filesystem::path> default_data_directory(const DataDirectoryEnvironment& environment);

// `given` (of --data) or, when it is empty, the default of this process.
[[nodiscard]] Result<std::filesystem::path> choose_data_directory(const std::string& given);

// Creates it with its parents where it is missing; what is created is for this user alone (0700).
[[nodiscard]] Result<void> create_data_directory(const std::filesystem::path& directory);

[[nodiscard]] std::filesystem::path database_path(const std::filesystem::path& data_directory);

}  // namespace clearline::app
