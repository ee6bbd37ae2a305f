// The whole server: opens the store, starts the shards' threads, and drains them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "app/data_lock.h"
#include "app/server_context.h"
#include "app/shard.h"
#include "bus/local/local_bus.h"
#include "chat/store.h"
#include "net/address_range.h"
#include "net/listen_options.h"
#include "net/listener.h"
#include "net/request_source.h"
#include "net/socket_address.h"
#include "net/tls/server_context.h"

namespace clearline::app {

// A socket that listens already, passed by the service manager.
struct PassedListener {
  int fd = -1;  // the server's own from start() on
  net::ListenOptions options;
};

struct ServerSettings {
  // Where to listen when `listen` and `passed` are empty.
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;  // 0: any free one
  std::vector<net::ListenOptions> listen;
  std::vector<PassedListener> passed;
  std::uint8_t shards = 1;
  // Whose words about the client count, and which header fields they write (net::ServerOptions).
  std::vector<net::AddressRange> trusted_proxies;
  net::ProxyHeaders proxy_headers = net::ProxyHeaders::x_forwarded;
  std::filesystem::path data_directory;
  std::int64_t drain_timeout_ms = 10'000;
  // With certificates the port speaks HTTPS and wss only.
  net::TlsServerOptions tls;
  Policy policy;
};

// What the first start made, to be shown once.
struct FirstAgent {
  std::string name;
  std::string password;
};

class Server {
 public:
  // Listens when it returns. Errors name what could not be opened.
  [[nodiscard]] static Result<std::unique_ptr<Server>> start(const ServerSettings& settings);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Where it listens, in the order of the settings: `listen`, then `passed`.
  [[nodiscard]] std::vector<net::SocketAddress> addresses() const;
  // Of the first that has one; 0 when there are Unix sockets only.
  [[nodiscard]] std::uint16_t port() const;
  // Null without TLS.
  [[nodiscard]] const net::TlsServerContext* tls() const { return tls_.get(); }
  // Reads the certificates' files again. New connections get what they hold now, old ones go on as they are; after an
  // error, which names the file, everything stays as it was.
  [[nodiscard]] Result<void> reload_tls();
  [[nodiscard]] const std::optional<FirstAgent>& first_agent() const { return first_agent_; }

  // Takes no new WebSockets, answers what was received, tells everybody to come back (1012), waits for the connections
  // to end, at most drain_timeout_ms. Returns how many were cut off. Call once; hurry() shortens it from another
  // thread.
  std::size_t drain();
  void hurry() { hurried_.store(true); }

 private:
  explicit Server(const ServerSettings& settings) : settings_(settings) {}
  Result<void> open();
  Result<void> open_shards(bus::LocalBus& bus);
  Result<void> open_listeners();
  Result<void> open_store();
  Result<void> load_tls();
  Result<void> make_first_site(chat::Directory& directory);
  void make_first_agent();
  void start_threads();
  void refresh_directory();
  [[nodiscard]] std::size_t count(std::size_t (Shard::*counter)() const);
  std::size_t wait_for_none(std::size_t (Shard::*counter)() const, MonotonicTime deadline);

  const ServerSettings settings_;
  std::optional<DataLock> data_lock_;
  std::shared_ptr<const net::TlsServerContext> tls_;
  ServerContext context_;
  std::unique_ptr<chat::Database> database_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<std::unique_ptr<net::Listener>> listeners_;  // on the first shard's loop
  std::vector<std::thread> threads_;
  std::optional<FirstAgent> first_agent_;
  std::atomic<bool> hurried_ = false;
};

}  // namespace clearline::app
