#include "net/unix_socket_file.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "net/file_descriptor.h"
#include "net/system_error.h"

namespace clearline::net {

namespace {

constexpr std::size_t name_entry_bytes_max = std::size_t{64} << 10;

std::optional<std::uint32_t> as_number(const std::string& text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Result<uid_t> find_user(const std::string& name) {
  if (const auto number = as_number(name)) return uid_t{*number};
  std::vector<char> buffer(name_entry_bytes_max);
  passwd entry{};
  passwd* found = nullptr;
  const int error = ::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (error != 0) return tl::unexpected(system_error("user '" + name + "'", error));
  if (found == nullptr) return fail(ErrorCode::not_found, "there is no user '" + name + "'");
  return found->pw_uid;
}

Result<gid_t> find_group(const std::string& name) {
  if (const auto number = as_number(name)) return gid_t{*number};
  std::vector<char> buffer(name_entry_bytes_max);
  group entry{};
  group* found = nullptr;
  const int error = ::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (error != 0) return tl::unexpected(system_error("group '" + name + "'", error));
  if (found == nullptr) return fail(ErrorCode::not_found, "there is no group '" + name + "'");
  return found->gr_gid;
}

struct Owner {
  uid_t user = static_cast<uid_t>(-1);  // as chown(2): leave it
  gid_t group = static_cast<gid_t>(-1);
};

Result<Owner> find_owner(const ListenOptions& options) {
  Owner owner;
  if (options.user) {
    CLEARLINE_TRY(owner.user, find_user(*options.user));
  }
  if (options.group) {
    CLEARLINE_TRY(owner.group, find_group(*options.group));
  }
  return owner;
}

// Two servers that start at once must not each take the other's new socket for a stale one: who looks, replaces and
// listens holds the directory's lock. The kernel drops it with the descriptor.
Result<FileDescriptor> lock_directory(const std::string& path) {
  std::string directory = std::filesystem::path(path).parent_path().string();
  if (directory.empty()) directory = ".";
  FileDescriptor fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return tl::unexpected(system_error("cannot listen on unix:" + path + ": " + directory));
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    return fail(ErrorCode::unavailable, "cannot listen on unix:" + path + ": another process has locked " + directory);
  }
  return fd;
}

// Makes way for a new socket, if what is there is a socket that nobody listens on.
Result<void> remove_stale(const SocketAddress& address) {
  const std::string path = address.unix_path();
  const std::string failed = "cannot listen on " + address.text();
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return tl::unexpected(system_error(failed));
  }
  if (!S_ISSOCK(status.st_mode)) {
    return fail(ErrorCode::already_exists, failed + ": the file there is not a socket, so it is left alone");
  }
  const FileDescriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!probe) return tl::unexpected(system_error("socket"));
  if (::connect(probe.get(), address.data(), address.size()) == 0 || errno == EAGAIN) {
    return fail(ErrorCode::already_exists, failed + ": a running process listens there already");
  }
  if (errno != ECONNREFUSED) return tl::unexpected(system_error(failed + ": is the socket there in use? connect"));
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return tl::unexpected(system_error(failed + ": the stale socket there cannot be removed"));
  }
  return {};
}

}  // namespace

UnixSocketFile::UnixSocketFile(UnixSocketFile&& other) noexcept
    : path_(std::exchange(other.path_, {})), device_(other.device_), inode_(other.inode_) {}

UnixSocketFile& UnixSocketFile::operator=(UnixSocketFile&& other) noexcept {
  if (this != &other) {
    remove();
    path_ = std::exchange(other.path_, {});
    device_ = other.device_;
    inode_ = other.inode_;
  }
  return *this;
}

Result<UnixSocketFile> UnixSocketFile::bind_and_listen(int fd, const ListenOptions& options) {
  const std::string path = options.address.unix_path();
  const std::string failed = "cannot listen on " + options.address.text();
  CLEARLINE_TRY(const Owner owner, find_owner(options));
  CLEARLINE_TRY(const FileDescriptor lock, lock_directory(path));
  CLEARLINE_CHECK(remove_stale(options.address));
  // Linux gives the file the mode of the socket itself, less the umask: so nobody can connect before the owner and the
  // mode are what they shall be, and no umask is changed behind the back of other threads.
  if (::fchmod(fd, 0) != 0) return tl::unexpected(system_error(failed + ": fchmod"));
  if (::bind(fd, options.address.data(), options.address.size()) != 0) return tl::unexpected(system_error(failed));
  UnixSocketFile file;
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return tl::unexpected(system_error(failed + ": lstat"));
  file.path_ = path;
  file.device_ = status.st_dev;
  file.inode_ = status.st_ino;
  const bool has_owner = options.user || options.group;
  if (has_owner && ::lchown(path.c_str(), owner.user, owner.group) != 0) {
    return tl::unexpected(system_error(failed + ": the owner of the file cannot be set"));
  }
  if (::chmod(path.c_str(), options.mode) != 0) {
    return tl::unexpected(system_error(failed + ": the mode of the file cannot be set"));
  }
  if (::listen(fd, options.backlog) != 0) return tl::unexpected(system_error(failed));
  return file;
}

void UnixSocketFile::remove() {
  const std::string path = std::exchange(path_, {});
  struct stat status {};
  if (path.empty() || ::lstat(path.c_str(), &status) != 0) return;
  if (status.st_dev == device_ && status.st_ino == inode_) ::unlink(path.c_str());
}

}  // namespace clearline::net
