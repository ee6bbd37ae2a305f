#include "net/systemd.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "net/system_error.h"

namespace clearline::net {

namespace {

constexpr int first_passed_fd = 3;  // SD_LISTEN_FDS_START
constexpr long passed_sockets_max = 1024;

Result<long> parse_number(const char* variable, std::string_view text) {
  long number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) {
    return fail(ErrorCode::invalid_argument, std::string(variable) + " is not a number: '" + std::string(text) + "'");
  }
  return number;
}

std::vector<std::string> split_at_colons(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t colon = text.find(':');
    parts.emplace_back(text.substr(0, colon));
    if (colon == text.npos) return parts;
    text.remove_prefix(colon + 1);
  }
}

}  // namespace

Result<std::vector<std::string>> passed_socket_names(const ActivationVariables& variables, long own_pid) {
  if (variables.listen_pid == nullptr || variables.listen_fds == nullptr) return std::vector<std::string>();
  CLEARLINE_TRY(const long pid, parse_number("LISTEN_PID", variables.listen_pid));
  if (pid != own_pid) return std::vector<std::string>();
  CLEARLINE_TRY(const long count, parse_number("LISTEN_FDS", variables.listen_fds));
  if (count > passed_sockets_max) {
    return fail(ErrorCode::invalid_argument, "LISTEN_FDS is above " + std::to_string(passed_sockets_max));
  }
  const auto expected = static_cast<std::size_t>(count);
  if (variables.listen_fdnames == nullptr) return std::vector<std::string>(expected, "unknown");
  auto names = split_at_colons(variables.listen_fdnames);
  if (expected == 0) return std::vector<std::string>();
  if (names.size() != expected) {
    return fail(ErrorCode::invalid_argument, "LISTEN_FDNAMES has " + std::to_string(names.size()) +
                                                 " names, and LISTEN_FDS says " + std::to_string(count));
  }
  return names;
}

Result<std::vector<PassedSocket>> take_passed_sockets() {
  const auto names = passed_socket_names(
      {std::getenv("LISTEN_PID"), std::getenv("LISTEN_FDS"), std::getenv("LISTEN_FDNAMES")}, ::getpid());
  std::vector<PassedSocket> sockets;
  if (names) {
    for (std::size_t i = 0; i < names->size(); ++i) {
      const int fd = first_passed_fd + static_cast<int>(i);
      // Whatever they turn out to be, no child may inherit them.
      if (::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
        return tl::unexpected(system_error("LISTEN_FDS: descriptor " + std::to_string(fd)));
      }
      sockets.push_back({FileDescriptor(fd), (*names)[i]});
    }
  }
  for (const char* variable : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(variable);
  if (!names) return tl::unexpected(names.error());
  return sockets;
}

Result<void> notify_service_manager(std::string_view state) {
  const char* const path = std::getenv("NOTIFY_SOCKET");
  if (path == nullptr || *path == '\0') return {};
  const std::string what = std::string("NOTIFY_SOCKET ") + path;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::size_t length = std::strlen(path);
  if ((*path != '/' && *path != '@') || length > sizeof address.sun_path) {
    return fail(ErrorCode::invalid_argument, what + " is no address of a Unix socket");
  }
  std::memcpy(address.sun_path, path, length);
  if (*path == '@') address.sun_path[0] = '\0';  // an abstract name
  const FileDescriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return tl::unexpected(system_error(what));
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
  if (::sendto(socket.get(), state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address),
               size) < 0) {
    return tl::unexpected(system_error(what));
  }
  return {};
}

}  // namespace clearline::net
