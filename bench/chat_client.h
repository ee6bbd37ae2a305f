// Visitors for a measurement: each a pair of connections, one that sends and one (a second tab) that receives. Lean, so
// that the server is what is measured; and every answer is checked, for a wrong answer costs nothing to give.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "net/client.h"
#include "net/loop.h"

namespace clearline::bench {

struct Latencies {
  std::vector<float> ack_ms;
  std::vector<float> delivery_ms;
};

class ChatClients final : private net::ConnectionHandler {
 public:
  explicit ChatClients(net::Loop& loop, std::uint16_t port);
  ~ChatClients();

  // Opens `count` more visitors and waits until they were welcomed. With `pairs`, a second tab each.
  void open(std::size_t count, bool pairs);
  // Every visitor keeps `in_flight` messages under way until `messages` are acknowledged and delivered in all.
  void run_closed(std::size_t messages, std::size_t in_flight, std::string text);
  // `per_second` messages a second over all visitors, evenly, until `messages` are acknowledged and delivered.
  void run_open(std::size_t messages, double per_second, std::string text);

  [[nodiscard]] const Latencies& latencies() const { return latencies_; }
  void forget_latencies() { latencies_ = {}; }
  // What was wrong: lost, repeated, reordered or altered messages, refused commands, ended connections. Empty is good.
  [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }

 private:
  using Clock = std::chrono::steady_clock;

  struct Visitor;
  struct Tab {
    Visitor* visitor = nullptr;
    bool sends = false;
    net::ConnectionId id;
  };
  struct Visitor {
    Tab sender;
    Tab receiver;
    std::string conv;
    std::string token;
    std::int64_t sent = 0;
    std::int64_t acknowledged = 0;
    std::int64_t delivered = 0;
    std::unordered_map<std::int64_t, Clock::time_point> sent_at;  // by seq: each visitor's n-th message is seq n
    std::string client_id_prefix;
    bool ready = false;
  };

  void connect(Tab& tab);
  void on_open(net::Connection& connection) override;
  void on_message(net::Connection& connection, ws::MessageKind kind, std::string_view payload) override;
  void on_end(net::ConnectionId id, void* user, const ws::End& end) override;
  void on_welcome(Tab& tab, std::string_view payload);
  void on_ack(Visitor& visitor, std::string_view payload);
  void on_event(Visitor& visitor, std::string_view payload);
  void send(Visitor& visitor);
  void ping_all();
  void fault(std::string what);
  template <typename Done>
  void run_until(Done done);

  net::Loop& loop_;
  const std::uint16_t port_;
  net::Client client_;
  std::vector<std::unique_ptr<Visitor>> visitors_;
  std::size_t waiting_for_welcome_ = 0;
  std::size_t to_send_ = 0;
  std::size_t acknowledged_ = 0;
  std::size_t delivered_ = 0;
  std::size_t closed_loop_ = 0;  // 0: open loop
  bool pairs_ = false;
  bool ending_ = false;
  std::string text_;
  std::string text_json_;
  Latencies latencies_;
  std::vector<std::string> faults_;
};

}  // namespace clearline::bench
