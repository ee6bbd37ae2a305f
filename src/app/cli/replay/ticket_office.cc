#include "app/cli/replay/ticket_office.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "net/http_client.h"
#include "wire/json.h"

namespace clearline::app::replay {

namespace {

namespace json = boost::json;

constexpr int http_ok = 200;
constexpr int http_unauthorized = 401;

Result<net::HttpReply> post(const ServerUrl& server, const std::string& target, const std::string& cookie,
                            std::string body) {
  net::HttpFetch fetch;
  fetch.host = server.host;
  fetch.port = server.port;
  fetch.tls = server.tls;
  fetch.method = "POST";
  fetch.target = target;
  fetch.headers = {{"Origin", server.origin}, {"Content-Type", "application/json"}};
  if (!cookie.empty()) fetch.headers.push_back({"Cookie", cookie});
  fetch.body = std::move(body);
  return net::http_fetch(fetch);
}

// The text of one member of a JSON object; empty when it is not there.
std::string member(const std::string& body, std::string_view name) {
  json::error_code error;
  const json::value root = json::parse(body, error);
  if (error || !root.is_object()) return {};
  const json::value* value = root.as_object().if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

Result<std::string> ticket_of(const net::HttpReply& reply) {
  std::string ticket = member(reply.body, "ticket");
  if (ticket.empty()) return fail(ErrorCode::unauthorized, "the server's answer has no ticket");
  return ticket;
}

}  // namespace

TicketOffice::TicketOffice(net::Loop& loop, ServerUrl server, std::vector<AgentAccount> accounts)
    : loop_(loop), server_(std::move(server)), accounts_(std::move(accounts)), thread_([this] { work(); }) {}

TicketOffice::~TicketOffice() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void TicketOffice::get_ticket(std::size_t agent, Done done) {
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back({agent, std::move(done)});
  }
  wake_.notify_one();
}

void TicketOffice::work() {
  for (;;) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stopping_ || !requests_.empty(); });
    if (stopping_) return;
    Request request = std::move(requests_.front());
    requests_.pop_front();
    lock.unlock();
    loop_.post([done = std::move(request.done), ticket = fetch(request.agent)]() mutable { done(std::move(ticket)); });
  }
}

Result<std::string> TicketOffice::fetch(std::size_t agent) {
  cookies_.resize(std::max(cookies_.size(), agent + 1));
  if (cookies_[agent].empty()) return sign_in(agent);
  CLEARLINE_TRY(const net::HttpReply reply, post(server_, "/api/v1/tickets", cookies_[agent], "{}"));
  if (reply.status == http_ok) return ticket_of(reply);
  if (reply.status == http_unauthorized) return sign_in(agent);
  return fail(ErrorCode::unavailable, fmt::format("no ticket: HTTP {}", reply.status));
}

Result<std::string> TicketOffice::sign_in(std::size_t agent) {
  const AgentAccount& account = accounts_[agent % accounts_.size()];
  std::string body;
  wire::JsonWriter(body).begin_object().member("name", account.name).member("password", account.password).end_object();
  CLEARLINE_TRY(const net::HttpReply reply, post(server_, "/api/v1/sign-in", {}, std::move(body)));
  if (reply.status == http_unauthorized)
    return fail(ErrorCode::unauthorized,
                fmt::format("the server refused the sign-in of {}: {}", account.name, member(reply.body, "message")));
  if (reply.status != http_ok)
    return fail(ErrorCode::unavailable,
                fmt::format("sign-in of {}: HTTP {} {}", account.name, reply.status, member(reply.body, "message")));
  // RFC 6265 section 4.2.1: name and value go back, the attributes do not.
  const std::string_view cookie = reply.header("Set-Cookie");
  cookies_[agent] = cookie.substr(0, cookie.find(';'));
  return ticket_of(reply);
}

}  // namespace clearline::app::replay
