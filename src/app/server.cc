#include "app/server.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <future>

#include "app/current_reader.h"
#include "app/data_directory.h"
#include "app/password.h"
#include "base/log.h"
#include "base/random.h"
#include "base/version.h"
#include "store/sqlite/sqlite_database.h"

namespace clearline::app {

namespace {

constexpr std::string_view visitor_key_fact = "visitor_token_key";
constexpr std::size_t reading_queue_max = 4096;
constexpr std::int64_t directory_refresh_ms = 1000;

// Runs on the shard's thread and waits for the value.
template <typename Function>
auto on_loop(Shard& shard, Function function) {
  auto promise = std::make_shared<std::promise<decltype(function())>>();
  auto future = promise->get_future();
  shard.loop().post([promise, function = std::move(function)]() mutable {
    if constexpr (std::is_void_v<decltype(function())>) {
      function();
      promise->set_value();
    } else {
      promise->set_value(function());
    }
  });
  return future.get();
}

Result<VisitorTokens::Key> load_visitor_key(chat::Directory& directory) {
  VisitorTokens::Key key;
  CLEARLINE_TRY(const std::optional<std::string> stored, directory.fact(visitor_key_fact));
  if (stored) {
    if (stored->size() != key.size())
      return fail(ErrorCode::corrupt, "the key of the visitors' tokens has a wrong size");
    std::ranges::copy(std::as_bytes(std::span(*stored)), key.begin());
    return key;
  }
  random_bytes(key);
  CLEARLINE_CHECK(directory.set_fact(visitor_key_fact, {reinterpret_cast<const char*>(key.data()), key.size()}));
  return key;
}

}  // namespace

Result<std::unique_ptr<Server>> Server::start(const ServerSettings& settings) {
  std::unique_ptr<Server> server(new Server(settings));
  CLEARLINE_CHECK(server->open());
  return server;
}

Server::~Server() {
  // Without threads start() has failed, perhaps before every shard had its loop.
  if (!threads_.empty())
    for (auto& shard : shards_) shard->loop().stop();
  for (std::thread& thread : threads_) thread.join();
  // The workers' last tasks post to loops that no longer run; the loops' destructors drop them. What came from the
  // database goes before it.
  listeners_.clear();
  context_.writer.reset();
  context_.reading.reset();
  context_.accounts.reset();
  context_.reader.reset();
}

Result<void> Server::open() {
  context_.version = version;
  context_.policy = settings_.policy;
  context_.tls = !settings_.tls.certificates.empty();
  if (context_.tls) CLEARLINE_CHECK(load_tls());
  CLEARLINE_CHECK(open_store());
  auto bus = std::make_unique<bus::LocalBus>();
  CLEARLINE_CHECK(open_shards(*bus));
  CLEARLINE_CHECK(open_listeners());
  context_.bus = std::move(bus);

  CLEARLINE_TRY(auto log, database_->open_log());
  const auto deliver_outcomes = [this](std::uint8_t shard, std::vector<Outcome> outcomes) {
    Shard& target = *shards_[shard];
    target.loop().post([&target, outcomes = std::move(outcomes)] { target.deliver_outcomes(outcomes); });
  };
  context_.writer = std::make_unique<LogWriter>(
      LogWriter::Ports{std::move(log), context_.epoch, *context_.bus, context_.directory, context_.presence,
                       context_.unsaved, deliver_outcomes, settings_.shards, wall_now},
      LogWriterOptions{});
  start_threads();
  return {};
}

Result<void> Server::load_tls() {
  CLEARLINE_TRY(tls_, net::TlsServerContext::load(settings_.tls));
  for (const std::string& warning : tls_->warnings()) log_warning("tls: {}", warning);
  for (const net::TlsCertificateInfo& certificate : tls_->certificates()) {
    log_info("tls certificate file={} names={} expires={}", certificate.file, fmt::join(certificate.names, ","),
             certificate.expires);
  }
  return {};
}

Result<void> Server::open_shards(bus::LocalBus& bus) {
  net::ServerOptions options;
  options.tls = tls_;
  options.limits.message_bytes_max = wire::message_bytes_max;
  options.http.body_bytes_max = 16 * 1024;
  options.trusted_proxies = settings_.trusted_proxies;
  options.proxy_headers = settings_.proxy_headers;
  for (std::uint8_t i = 0; i < settings_.shards; ++i) {
    Shard& shard = *shards_.emplace_back(std::make_unique<Shard>(context_, i));
    CLEARLINE_CHECK(shard.open(options));
    context_.shards.push_back(&shard);
    bus.add_endpoint([&shard](std::function<void()> task) { shard.loop().post(std::move(task)); },
                     [&shard](const bus::Messages& messages) { shard.deliver(messages); });
  }
  return {};
}

Result<void> Server::open_listeners() {
  std::vector<net::ListenOptions> all = settings_.listen;
  if (all.empty() && settings_.passed.empty()) {
    CLEARLINE_TRY(all.emplace_back().address, net::SocketAddress::parse(settings_.address, settings_.port));
  }
  std::vector<net::Server*> servers;
  for (auto& shard : shards_) servers.push_back(&shard->net_server());
  for (const net::ListenOptions& options : all) {
    CLEARLINE_TRY(auto listener, net::Listener::listen(shards_.front()->loop(), options, servers));
    listeners_.push_back(std::move(listener));
  }
  for (const PassedListener& passed : settings_.passed) {
    CLEARLINE_TRY(auto listener, net::Listener::adopt(shards_.front()->loop(), net::FileDescriptor(passed.fd),
                                                      passed.options, servers));
    listeners_.push_back(std::move(listener));
  }
  return {};
}

std::vector<net::SocketAddress> Server::addresses() const {
  std::vector<net::SocketAddress> all;
  for (const auto& listener : listeners_) all.push_back(listener->address());
  return all;
}

std::uint16_t Server::port() const {
  for (const auto& listener : listeners_)
    if (listener->address().port() != 0) return listener->address().port();
  return 0;
}

Result<void> Server::reload_tls() {
  CLEARLINE_CHECK(load_tls());
  for (auto& shard : shards_) shard->loop().post([&shard = *shard, tls = tls_] { shard.set_tls(tls); });
  return {};
}

Result<void> Server::open_store() {
  CLEARLINE_CHECK(create_data_directory(settings_.data_directory));
  CLEARLINE_TRY(data_lock_, DataLock::acquire(settings_.data_directory));
  CLEARLINE_TRY(database_, store::open_sqlite_database(database_path(settings_.data_directory), {}));
  CLEARLINE_TRY(auto directory, database_->open_directory());
  CLEARLINE_TRY(context_.epoch, directory->epoch());
  CLEARLINE_TRY(const VisitorTokens::Key key, load_visitor_key(*directory));
  context_.visitor_tokens = std::make_unique<VisitorTokens>(key);
  CLEARLINE_CHECK(make_first_site(*directory));
  context_.accounts = std::make_unique<Accounts>(std::move(directory), context_.directory, [this] {
    for (auto& shard : shards_) shard->loop().post([&shard = *shard] { shard.directory_changed(); });
  });
  CLEARLINE_CHECK(context_.accounts->refresh());
  CLEARLINE_TRY(auto reader, database_->open_reader());
  context_.reader = std::make_unique<CurrentReader>(std::move(reader), context_.unsaved);
  context_.reading = std::make_unique<Worker>(reading_queue_max);
  return {};
}

// A first start leaves a shop owner with something that works: a site for the demo pages, and an agent to sign in.
Result<void> Server::make_first_site(chat::Directory& directory) {
  const WallTime now = wall_now();
  CLEARLINE_TRY(const auto sites, directory.sites());
  if (!sites.empty()) return {};
  return directory.create_site({SiteId{make_id(now, random_u64())}, "demo", "Demo shop", {"self"}, false, now});
}

// Hashing the password takes longer than all the rest of a start, so it is done while the server serves already.
void Server::make_first_agent() {
  if (!context_.directory.get()->agents.empty()) return;
  const WallTime now = wall_now();
  first_agent_ = FirstAgent{"admin", generate_password(random_bytes)};
  context_.accounts->create_agent_soon(
      {AgentId{make_id(now, random_u64())}, first_agent_->name, "Admin", {}, chat::AgentRole::admin, false, {}, now},
      first_agent_->password);
}

void Server::start_threads() {
  make_first_agent();
  for (auto& shard : shards_) threads_.emplace_back([&shard = *shard] { shard.run(); });
  shards_.front()->loop().post([this] { refresh_directory(); });
}

// clearline admin writes to the same database; its changes are seen within this time.
void Server::refresh_directory() {
  context_.accounts->refresh_soon();
  shards_.front()->loop().after(directory_refresh_ms, [this] { refresh_directory(); });
}

std::size_t Server::count(std::size_t (Shard::*counter)() const) {
  std::size_t sum = 0;
  for (auto& shard : shards_) sum += on_loop(*shard, [&shard = *shard, counter] { return (shard.*counter)(); });
  return sum;
}

// Waits until nothing is left to count, and returns what is left when it may wait no longer.
std::size_t Server::wait_for_none(std::size_t (Shard::*counter)() const, MonotonicTime deadline) {
  std::size_t left = count(counter);
  while (left > 0 && monotonic_now() < deadline && !hurried_.load()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    left = count(counter);
  }
  return left;
}

std::size_t Server::drain() {
  context_.draining.store(true);
  for (auto& shard : shards_) on_loop(*shard, [&shard = *shard] { shard.begin_drain(); });
  context_.writer->stop();  // what was received is committed, and its acknowledgements are posted before the farewells

  const std::size_t connections = count(&Shard::open_count);
  Farewell words{.cause = registry::Cause::drain, .retry_after_ms = 500};
  words.spread_ms = std::clamp<std::int64_t>(static_cast<std::int64_t>(connections), 1'000, 30'000);
  for (auto& shard : shards_) on_loop(*shard, [&shard = *shard, words] { shard.say_farewell_to_all(words); });

  // The port is kept until the last WebSocket has ended: who asks for the status meanwhile hears of the drain.
  const MonotonicTime deadline{monotonic_now().ms + settings_.drain_timeout_ms};
  wait_for_none(&Shard::open_count, deadline);
  on_loop(*shards_.front(), [this] {
    for (auto& listener : listeners_) listener->stop();
  });
  for (auto& shard : shards_) on_loop(*shard, [&shard = *shard] { shard.stop_accepting(); });
  return wait_for_none(&Shard::connection_count, deadline);
}

}  // namespace clearline::app
