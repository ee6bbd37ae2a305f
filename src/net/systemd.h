// What systemd gives to a service that it starts: sockets that listen already (sd_listen_fds(3)), and a socket on which
// the service says how it is (sd_notify(3)). Both are environment variables and one datagram of a documented, stable
// form, so libsystemd is not needed. Not part of the public interface.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/file_descriptor.h"

namespace clearline::net {

struct PassedSocket {
  FileDescriptor fd;
  std::string name;  // FileDescriptorName= of the .socket unit; "unknown" if the service manager gave none
};

// The variables as they are; null where one is not set.
struct ActivationVariables {
  const char* listen_pid = nullptr;
  const char* listen_fds = nullptr;
  const char* listen_fdnames = nullptr;
};

// The names of the sockets, the first of which is descriptor 3. Empty when they are meant for another process. Errors
// name the variable that is wrong.
[[nodiscard]] Result<std::vector<std::string>> passed_socket_names(const ActivationVariables& variables, long own_pid);

// Takes what was passed to this process, once: the variables are removed, so that no child takes the same descriptors
// for its own. To be called before there are threads.
[[nodiscard]] Result<std::vector<PassedSocket>> take_passed_sockets();

// Tells the service manager, as in "READY=1". Without NOTIFY_SOCKET nobody wants to know. Errors name the address.
[[nodiscard]] Result<void> notify_service_manager(std::string_view state);

}  // namespace clearline::net
