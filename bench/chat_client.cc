#include "chat_client.h"

#include <fmt/core.h>

#include <charconv>

#include "wire/commands.h"
#include "wire/json.h"

namespace clearline::bench {

namespace {

constexpr std::size_t faults_max = 20;
constexpr std::size_t connecting_max = 200;
constexpr std::int64_t ping_every_ms = 15'000;  // the server gives up who is silent for 40 s

// The server writes members in one order and without spaces, so a search finds them; a full parser here would be what
// is measured.
std::string_view string_member(std::string_view payload, std::string_view name) {
  const std::string key = fmt::format("\"{}\":\"", name);
  const std::size_t at = payload.find(key);
  if (at == std::string_view::npos) return {};
  const std::size_t begin = at + key.size();
  return payload.substr(begin, payload.find('"', begin) - begin);
}

std::int64_t integer_member(std::string_view payload, std::string_view key) {
  const std::size_t at = payload.find(key);
  std::int64_t value = -1;
  if (at != std::string_view::npos)
    std::from_chars(payload.data() + at + key.size(), payload.data() + payload.size(), value);
  return value;
}

float ms_since(std::chrono::steady_clock::time_point then) {
  return std::chrono::duration<float, std::milli>(std::chrono::steady_clock::now() - then).count();
}

}  // namespace

ChatClients::ChatClients(net::Loop& loop, std::uint16_t port)
    : loop_(loop), port_(port), client_(loop, {.shard_index = 255, .limits = {}}, *this) {
  loop_.after(ping_every_ms, [this] { ping_all(); });
}

void ChatClients::ping_all() {
  client_.for_each([](net::Connection& connection) { connection.send_text(R"({"t":"ping"})"); });
  loop_.after(ping_every_ms, [this] { ping_all(); });
}

ChatClients::~ChatClients() {
  ending_ = true;
}

template <typename Done>
void ChatClients::run_until(Done done) {
  while (!done() && faults_.empty()) loop_.run_once(1000);
}

void ChatClients::open(std::size_t count, bool pairs) {
  pairs_ = pairs;
  for (std::size_t i = 0; i < count; ++i) {
    Visitor& visitor = *visitors_.emplace_back(std::make_unique<Visitor>());
    visitor.client_id_prefix = fmt::format("{:08x}-0000-4000-8000-", visitors_.size());
    visitor.sender = {&visitor, true, {}};
    visitor.receiver = {&visitor, false, {}};
    waiting_for_welcome_ += pairs ? 2 : 1;
    connect(visitor.sender);
    run_until([&] { return waiting_for_welcome_ < connecting_max; });
  }
  run_until([&] { return waiting_for_welcome_ == 0; });
}

void ChatClients::connect(Tab& tab) {
  net::ConnectOptions options;
  options.port = port_;
  options.target = "/ws";
  options.subprotocols = {std::string(wire::subprotocol)};
  options.user = &tab;
  const auto id = client_.connect(options);
  if (!id) return fault("connect: " + id.error().message);
  tab.id = *id;
}

void ChatClients::on_open(net::Connection& connection) {
  const Tab& tab = *static_cast<Tab*>(connection.user());
  std::string hello;
  wire::JsonWriter json(hello);
  json.begin_object().member("t", "hello").member("role", "visitor").member("site", "demo");
  if (!tab.visitor->token.empty()) json.member("token", tab.visitor->token);
  json.end_object();
  connection.send_text(hello);
}

void ChatClients::on_message(net::Connection& connection, ws::MessageKind, std::string_view payload) {
  Tab& tab = *static_cast<Tab*>(connection.user());
  if (payload.starts_with(R"({"t":"ack")")) return on_ack(*tab.visitor, payload);
  if (payload.starts_with(R"({"t":"event",)")) return on_event(*tab.visitor, payload);
  if (payload.starts_with(R"({"t":"welcome")")) return on_welcome(tab, payload);
  if (payload.starts_with(R"({"t":"watching")")) {
    --waiting_for_welcome_;
    return;
  }
  if (payload.starts_with(R"({"t":"error")")) fault(std::string(payload));
}

void ChatClients::on_welcome(Tab& tab, std::string_view payload) {
  Visitor& visitor = *tab.visitor;
  if (!tab.sends) return;
  visitor.conv = string_member(payload, "conv");
  visitor.token = string_member(payload, "token");
  if (pairs_) connect(visitor.receiver);
}

void ChatClients::send(Visitor& visitor) {
  net::Connection* connection = client_.find(visitor.sender.id);
  if (connection == nullptr) return;
  const std::int64_t seq = ++visitor.sent;
  visitor.sent_at.emplace(seq, Clock::now());
  connection->send_text(fmt::format(R"({{"t":"send","id":{},"conv":"{}","client_id":"{}{:012x}","text":{}}})", seq,
                                    visitor.conv, visitor.client_id_prefix, seq, text_json_));
  --to_send_;
}

void ChatClients::on_ack(Visitor& visitor, std::string_view payload) {
  const std::int64_t seq = integer_member(payload, R"("seq":)");
  if (seq != ++visitor.acknowledged || integer_member(payload, R"("id":)") != seq ||
      payload.find(R"("duplicate":false)") == std::string_view::npos)
    return fault("wrong acknowledgement: " + std::string(payload));
  const auto sent = visitor.sent_at.find(seq);
  latencies_.ack_ms.push_back(ms_since(sent->second));
  if (!pairs_) visitor.sent_at.erase(sent);
  ++acknowledged_;
  if (closed_loop_ != 0 && to_send_ > 0) send(visitor);
}

void ChatClients::on_event(Visitor& visitor, std::string_view payload) {
  const std::int64_t seq = integer_member(payload, R"("seq":)");
  if (seq != ++visitor.delivered || !payload.ends_with(text_json_ + "}}"))
    return fault("lost, repeated, reordered or altered: " + std::string(payload));
  const auto sent = visitor.sent_at.find(seq);
  latencies_.delivery_ms.push_back(ms_since(sent->second));
  // The acknowledgement comes on the other connection, and may be later.
  if (seq > 64) visitor.sent_at.erase(seq - 64);
  ++delivered_;
}

void ChatClients::run_closed(std::size_t messages, std::size_t in_flight, std::string text) {
  text_json_.clear();
  wire::append_json_string(text_json_, text);
  to_send_ = messages;
  closed_loop_ = in_flight;
  const std::size_t acknowledged = acknowledged_ + messages;
  const std::size_t delivered = delivered_ + (pairs_ ? messages : 0);
  for (std::size_t i = 0; i < in_flight; ++i)
    for (auto& visitor : visitors_)
      if (to_send_ > 0) send(*visitor);
  run_until([&] { return acknowledged_ >= acknowledged && delivered_ >= delivered; });
}

void ChatClients::run_open(std::size_t messages, double per_second, std::string text) {
  text_json_.clear();
  wire::append_json_string(text_json_, text);
  to_send_ = messages;
  closed_loop_ = 0;
  const std::size_t acknowledged = acknowledged_ + messages;
  const std::size_t delivered = delivered_ + (pairs_ ? messages : 0);
  const auto started = Clock::now();
  std::size_t sent = 0;
  while (faults_.empty() && (acknowledged_ < acknowledged || delivered_ < delivered)) {
    const double due = std::chrono::duration<double>(Clock::now() - started).count() * per_second;
    while (sent < messages && static_cast<double>(sent) <= due) send(*visitors_[sent++ % visitors_.size()]);
    loop_.run_once(1);
  }
}

void ChatClients::on_end(net::ConnectionId, void*, const ws::End& end) {
  if (!ending_) fault(fmt::format("a connection ended: {} {}", end.status, end.reason));
}

void ChatClients::fault(std::string what) {
  if (faults_.size() < faults_max) faults_.push_back(std::move(what));
}

}  // namespace clearline::bench
