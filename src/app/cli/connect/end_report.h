// Why a connection ended: one line for people, one JSON object for programs, one exit status for scripts. All three
// follow from ws::End and the registry.
#pragma once

#include <string>

#include "ws/end.h"

namespace clearline::app::connect {

// docs/reference/cli.md documents these.
enum class ExitStatus : int {
  ok = 0,                 // closed by us as asked and answered, or by the server with 1000, 1001 or no code
  failed = 1,             // standard output is gone
  usage = 2,              // the command line or a line of the input is wrong
  handshake_refused = 3,  // the server answered with an HTTP status other than 101
  not_reached = 4,        // the name, the connection or the time for the opening failed
  tls_failed = 5,
  server_at_fault = 6,    // it broke a protocol, or sent more than --max-message
  lost = 7,               // no Close frame, or none in answer to ours; the heartbeat was not answered
  closed_with_error = 8,  // by the server
  missing_extension = 9,
};

[[nodiscard]] ExitStatus exit_status_of(const ws::End& end);

// "connection ended: 1000 Normal Closure; cause purpose_fulfilled, origin us, clean; sent 1000, received 1000"
[[nodiscard]] std::string end_line(const ws::End& end);
// The members of the end's event, without braces around.
[[nodiscard]] std::string end_json(const ws::End& end);

}  // namespace clearline::app::connect
