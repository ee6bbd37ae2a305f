#include "app/cli/replay/session.h"

#include <fmt/core.h>

#include <utility>
#include <vector>

#include "app/cli/replay/client_message.h"
#include "registry/registry.h"
#include "wire/commands.h"

namespace clearline::app::replay {

namespace {

// docs/reference/protocol.md, section 8: silence after a ping, and the same patience for the welcome.
constexpr std::int64_t silence_ms_max = 15'000;
// Pages of a long history are larger than what the server accepts.
constexpr std::uint64_t message_bytes_max = std::uint64_t{64} << 20;

net::ClientOptions client_options() {
  net::ClientOptions options;
  options.limits.message_bytes_max = message_bytes_max;
  return options;
}

std::string ending_words(std::uint16_t status, std::string_view cause, std::string_view reason) {
  std::string words = fmt::format("{} {}, {}", status, registry::lookup(status).name, cause);
  if (!reason.empty()) words += fmt::format(": {}", reason);
  return words;
}

}  // namespace

SessionRouter::SessionRouter(net::Loop& the_loop, net::ConnectOptions the_server, RandomBelow the_random)
    : loop(the_loop), server(std::move(the_server)), random(the_random), client_(the_loop, client_options(), *this) {
  server.target = "/ws";
  server.subprotocols = {std::string(wire::subprotocol)};
}

void SessionRouter::on_open(net::Connection& connection) {
  const auto found = sessions_.find(connection.id());
  if (found == sessions_.end()) return connection.close(registry::Cause::purpose_fulfilled);
  found->second->handle_open(connection);
}

void SessionRouter::on_message(net::Connection& connection, ws::MessageKind kind, std::string_view payload) {
  const auto found = sessions_.find(connection.id());
  if (found == sessions_.end()) return;
  if (kind != ws::MessageKind::text)
    return found->second->handle_bad_message(connection, "the server sent a binary message");
  found->second->handle_text(connection, payload);
}

void SessionRouter::on_end(net::ConnectionId id, void* /*user*/, const ws::End& end) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  Session& session = *found->second;
  sessions_.erase(found);
  session.handle_end(end);
}

void SessionRouter::heartbeat() {
  // A beat may end a session, and with it change the table.
  std::vector<net::ConnectionId> ids;
  ids.reserve(sessions_.size());
  for (const auto& [id, session] : sessions_) ids.push_back(id);
  for (const net::ConnectionId id : ids) {
    if (const auto found = sessions_.find(id); found != sessions_.end()) found->second->beat(loop.now());
  }
}

Session::Session(SessionRouter& router, std::string name)
    : router_(router), name_(std::move(name)), reconnect_(router.random) {}

Session::~Session() {
  finish();
}

void Session::start() {
  get_credential(false);
}

void Session::get_credential(bool /*renew*/) {
  connect();
}

void Session::connect() {
  state_ = State::connecting;
  has_bye_ = false;
  awaits_pong_ = false;
  last_heard_ = router_.loop.now();
  auto id = router_.client_.connect(router_.server);
  // Out of descriptors, say: others will be given back.
  if (!id) return reconnect_after({registry::abnormal_closure, false, {}, {}}, id.error().message);
  connection_ = *id;
  router_.sessions_.emplace(connection_, this);
}

void Session::credential_failed() {
  reconnect_after({registry::abnormal_closure, false, {}, {}}, "no ticket");
}

void Session::finish() {
  state_ = State::stopped;
  detach();
}

void Session::detach() {
  if (timer_) router_.loop.cancel(std::exchange(timer_, net::TimerId{}));
  if (!connection_) return;
  const net::ConnectionId id = std::exchange(connection_, net::ConnectionId{});
  router_.sessions_.erase(id);
  if (net::Connection* open = router_.client_.find(id)) {
    open->close(registry::Cause::purpose_fulfilled);
  } else {
    router_.client_.abort(id);
  }
}

void Session::stop(const std::string& why) {
  finish();
  on_stopped(why);
}

void Session::send(std::string_view text) {
  if (state_ != State::live) return;
  if (net::Connection* open = router_.client_.find(connection_)) open->send_text(text);
}

void Session::handle_open(net::Connection& connection) {
  last_heard_ = router_.loop.now();
  state_ = State::opening;
  write_hello(router_.out_);
  connection.send_text(router_.out_);
}

void Session::handle_text(net::Connection& connection, std::string_view text) {
  last_heard_ = router_.loop.now();
  awaits_pong_ = false;
  const Result<ServerMessage> message = router_.reader_.read(text);
  if (!message) return handle_bad_message(connection, message.error().message);
  if (const auto* bye = std::get_if<Bye>(&*message)) {
    has_bye_ = true;
    bye_ = Ending{bye->code, true, bye->retry_after_ms, bye->spread_ms};
    bye_words_ = ending_words(bye->code, bye->cause, bye->message);
  } else if (const auto* welcome = std::get_if<Welcome>(&*message)) {
    state_ = State::live;
    heartbeat_ms_ = welcome->heartbeat_ms;
    last_ping_ = router_.loop.now();
    reconnect_.welcomed(router_.loop.now());
    on_welcome(*welcome);
  } else {
    on_server_message(*message);
  }
}

void Session::handle_bad_message(net::Connection& connection, const std::string& why) {
  if (router_.statistics.bad_messages++ == 0) router_.say(fmt::format("{}: {}", name_, why));
  connection.close(registry::Cause::bad_frame);
}

void Session::handle_end(const ws::End& end) {
  connection_ = net::ConnectionId{};
  if (state_ == State::opening || state_ == State::live) ++router_.statistics.reconnects;
  if (has_bye_) return reconnect_after(bye_, bye_words_);
  reconnect_after({end.status, false, {}, {}}, ending_words(end.status, registry::cause_name(end.cause), end.reason));
}

void Session::reconnect_after(const Ending& ending, const std::string& words) {
  const NextStep step = reconnect_.after(ending, router_.loop.now());
  state_ = State::waiting;
  on_disconnected(step);
  if (step.stop) return stop(words);
  timer_ = router_.loop.after(step.delay_ms, [this, renew = step.renew_credential] {
    timer_ = net::TimerId{};
    state_ = State::credential;
    get_credential(renew);
  });
}

void Session::beat(MonotonicTime now) {
  net::Connection* open = router_.client_.find(connection_);
  if (open == nullptr) return;  // connecting; net/ has a deadline for that
  const bool silent = now.ms - last_heard_.ms > silence_ms_max;
  if (state_ == State::opening && silent) return open->close(registry::Cause::heartbeat_lost);
  if (state_ != State::live) return;
  if (awaits_pong_ && now.ms - last_ping_.ms > silence_ms_max) return open->close(registry::Cause::heartbeat_lost);
  if (awaits_pong_ || now.ms - last_ping_.ms < heartbeat_ms_) return;
  awaits_pong_ = true;
  last_ping_ = now;
  write_ping(router_.out_, ++ping_number_);
  open->send_text(router_.out_);
}

}  // namespace clearline::app::replay
