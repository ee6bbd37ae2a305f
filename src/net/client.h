// WebSocket clients on one loop, thousands of them if need be. The same Connection as a server's; its frames are
// masked.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "http/response.h"
#include "net/connection.h"
#include "net/loop.h"

namespace clearline::net {

class ClientEndpoint;
class TlsClientContext;

struct ClientOptions {
  std::uint8_t shard_index = 255;  // part of every ConnectionId
  Limits limits;
};

struct ConnectOptions {
  std::string host = "127.0.0.1";  // a name or a numeric address
  std::uint16_t port = 80;
  // Connects to this Unix socket ("/run/x.sock", or "@name" in the abstract namespace); host and port then only make
  // the Host field.
  std::optional<std::string> unix_path;
  std::string target = "/";  // path and query
  std::optional<std::string> origin;
  std::vector<std::string> subprotocols;  // in order of preference
  std::vector<http::Header> headers;      // more fields for the handshake
  // wss instead of ws; net/tls/client_context.h makes it. The certificate must be for `host`.
  std::shared_ptr<const TlsClientContext> tls;
  // Offers permessage-deflate.
  std::optional<ws::DeflateOptions> deflate = {};
  // More offers, of extensions that the application implements itself: such as need no reserved bit or opcode.
  std::vector<ws::Extension> extensions;
  // Names of extensions without which the connection is of no use: it is then ended with missing_extension (1010), and
  // on_end comes without on_open. One that is not offered above is offered without parameters (permessage-deflate: with
  // the defaults of DeflateOptions).
  std::vector<std::string> required_extensions;
  void* user = nullptr;
};

class Client {
 public:
  // Loop and handler must outlive the client.
  Client(Loop& loop, const ClientOptions& options, ConnectionHandler& handler);
  // Drops what is left of the connections, without callbacks. Waits for name look-ups under way.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Begins to connect; on_open or on_end follows, never inside this call. Every later failure is an End:
  // connect_failed, name_not_resolved, handshake_timeout, handshake_refused (the HTTP status and the beginning of the
  // body are in its reason), handshake_invalid, missing_extension (the names are in its reason), and those of the
  // registry's group tls (status 1015, the details in the reason). An error here means that the options are wrong or
  // descriptors have run out.
  [[nodiscard]] Result<ConnectionId> connect(const ConnectOptions& options);

  // Null before it opened and after it ended.
  [[nodiscard]] Connection* find(ConnectionId id) const;
  // Gives up a connection in any phase, connecting included; on_end follows.
  void abort(ConnectionId id);
  void for_each(const std::function<void(Connection&)>& function);
  [[nodiscard]] std::size_t open_count() const;
  [[nodiscard]] std::size_t connection_count() const;

 private:
  std::unique_ptr<ClientEndpoint> endpoint_;
};

}  // namespace clearline::net
