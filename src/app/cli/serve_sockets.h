// The values of `serve --listen`: addresses, and sockets that the service manager passed.
#pragma once

#include <string>
#include <vector>

#include "app/server.h"
#include "base/result.h"
#include "net/systemd.h"

namespace clearline::app {

// "systemd" takes every passed socket, "systemd:NAME" those of that FileDescriptorName=, each with the options of an
// address behind commas. Errors name what is wrong in which value; a passed socket that no value asks for is an error
// too, for whoever connects to it would wait for ever.
[[nodiscard]] Result<void> set_listeners(const std::vector<std::string>& listen, std::vector<net::PassedSocket> passed,
                                         ServerSettings& settings);

}  // namespace clearline::app
