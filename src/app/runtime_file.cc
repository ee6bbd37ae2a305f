#include "app/runtime_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <system_error>
#include <utility>

#include "net/file_descriptor.h"
#include "wire/json.h"

namespace clearline::app {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using net::FileDescriptor;

constexpr std::size_t file_bytes_max = 16 * 1024;

Error system_error(std::string_view what, const fs::path& path) {
  return {ErrorCode::io, fmt::format("cannot {} {}: {}", what, path.string(), std::generic_category().message(errno))};
}

// In /tmp anybody may have made the directory before us: what is not ours alone is not believed.
Result<void> check_directory(const fs::path& directory) {
  struct stat status {};
  if (::lstat(directory.c_str(), &status) != 0) return tl::unexpected(system_error("look at", directory));
  if (!S_ISDIR(status.st_mode))
    return fail(ErrorCode::forbidden, fmt::format("{} is not a directory", directory.string()));
  if (status.st_uid != ::geteuid())
    return fail(ErrorCode::forbidden, fmt::format("{} belongs to another user", directory.string()));
  if ((status.st_mode & 077) != 0)
    return fail(ErrorCode::forbidden, fmt::format("{} is open to other users (mode {:o}, 700 is needed)",
                                                  directory.string(), static_cast<unsigned>(status.st_mode & 0777)));
  return {};
}

Result<void> own_directory(const fs::path& directory) {
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
    return tl::unexpected(system_error("create", directory));
  return check_directory(directory);
}

fs::path file_path(const fs::path& directory, std::uint16_t port) {
  return directory / fmt::format("{}.json", port);
}

// Nobody holds the lock, so nobody lives behind the file.
bool is_stale(int fd) {
  if (::flock(fd, LOCK_SH | LOCK_NB) != 0) return false;
  ::flock(fd, LOCK_UN);
  return true;
}

std::string to_json(const RuntimeInfo& info) {
  std::string text;
  wire::JsonWriter(text)
      .begin_object()
      .member("pid", info.pid)
      .member("port", info.port)
      .member("address", info.address)
      .member("data_dir", info.data_dir)
      .member("started_at", info.started_at.ms)
      .end_object();
  text += '\n';
  return text;
}

std::optional<std::int64_t> integer(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_int64() ? std::optional(value->as_int64()) : std::nullopt;
}

std::optional<std::string> text(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::optional(std::string(value->as_string())) : std::nullopt;
}

std::optional<RuntimeInfo> from_json(std::string_view source) {
  json::error_code error;
  const json::value root = json::parse(source, error);
  if (error || !root.is_object()) return std::nullopt;
  const json::object& object = root.as_object();
  const auto pid = integer(object, "pid");
  const auto port = integer(object, "port");
  const auto address = text(object, "address");
  const auto data_dir = text(object, "data_dir");
  const auto started_at = integer(object, "started_at");
  if (!pid || !port || *port < 1 || *port > 65535 || !address || !data_dir || !started_at) return std::nullopt;
  return RuntimeInfo{static_cast<pid_t>(*pid), static_cast<std::uint16_t>(*port), *address, *data_dir,
                     WallTime{*started_at}};
}

Result<RuntimeInfo> read_info(int fd, const fs::path& path) {
  std::string content(file_bytes_max, '\0');
  const ssize_t got = ::pread(fd, content.data(), content.size(), 0);
  if (got < 0) return tl::unexpected(system_error("read", path));
  content.resize(static_cast<std::size_t>(got));
  if (auto info = from_json(content)) return *std::move(info);
  return fail(ErrorCode::corrupt, fmt::format("{} is not a runtime file of Clearline", path.string()));
}

// Written beside its place and locked before it gets its name: whoever opens it finds it whole and locked.
Result<FileDescriptor> write_locked(const fs::path& path, const std::string& content) {
  FileDescriptor fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd) return tl::unexpected(system_error("create", path));
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return tl::unexpected(system_error("lock", path));
  if (::write(fd.get(), content.data(), content.size()) != static_cast<ssize_t>(content.size()))
    return tl::unexpected(system_error("write", path));
  return fd;
}

}  // namespace

Result<RuntimeFile> RuntimeFile::create(const RuntimeInfo& info) {
  Error last{ErrorCode::not_found, "no directory for runtime files"};
  for (const fs::path& directory : runtime_directories()) {
    auto file = create(info, directory);
    if (file || file.error().code == ErrorCode::already_exists) return file;
    last = file.error();
  }
  return tl::unexpected(std::move(last));
}

Result<RuntimeFile> RuntimeFile::create(const RuntimeInfo& info, const fs::path& directory) {
  CLEARLINE_CHECK(own_directory(directory));
  const fs::path path = file_path(directory, info.port);
  if (const FileDescriptor present(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
      present && !is_stale(present.get()))
    return fail(
        ErrorCode::already_exists,
        fmt::format("{} belongs to a server that runs: is it on the same port of another address?", path.string()));
  const fs::path draft = directory / fmt::format("{}.{}.draft", info.port, ::getpid());
  ::unlink(draft.c_str());
  CLEARLINE_TRY(FileDescriptor fd, write_locked(draft, to_json(info)));
  if (::rename(draft.c_str(), path.c_str()) != 0) {
    const Error error = system_error("create", path);
    ::unlink(draft.c_str());
    return tl::unexpected(error);
  }
  return RuntimeFile(path, fd.release());
}

RuntimeFile::RuntimeFile(fs::path path, int fd) : path_(std::move(path)), fd_(fd) {}

RuntimeFile::RuntimeFile(RuntimeFile&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

RuntimeFile& RuntimeFile::operator=(RuntimeFile&& other) noexcept {
  if (this != &other) {
    remove();
    path_ = std::move(other.path_);
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

RuntimeFile::~RuntimeFile() {
  remove();
}

void RuntimeFile::remove() {
  if (fd_ < 0) return;
  // The name first: while we hold the lock nobody else can have put another file in its place.
  ::unlink(path_.c_str());
  ::close(std::exchange(fd_, -1));
}

std::vector<fs::path> runtime_directories() {
  std::vector<fs::path> directories;
  const char* xdg = std::getenv("XDG_RUNTIME_DIR");
  if (xdg != nullptr && *xdg == '/') directories.push_back(fs::path(xdg) / "clearline");
  if (::geteuid() == 0) directories.emplace_back("/run/clearline");
  directories.emplace_back(fmt::format("/tmp/clearline-{}", ::geteuid()));
  return directories;
}

Result<RuntimeInfo> find_runtime(std::uint16_t port) {
  return find_runtime(port, runtime_directories());
}

Result<RuntimeInfo> find_runtime(std::uint16_t port, const std::vector<fs::path>& directories) {
  std::string places;
  for (const fs::path& directory : directories) {
    const fs::path path = file_path(directory, port);
    places += (places.empty() ? "" : ", ") + path.string();
    const FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd || is_stale(fd.get())) continue;
    if (const auto trusted = check_directory(directory); !trusted) {
      places += ", refused: " + trusted.error().message;
      continue;
    }
    return read_info(fd.get(), path);
  }
  return fail(ErrorCode::not_found,
              fmt::format("no server of this user is running on port {} (looked at {})", port, places));
}

}  // namespace clearline::app
