// End-to-end figures of the server: start time, memory of idle visitors, acknowledged-durable messages a second, CPU a
// message, latency at a steady 200 messages a second. Every acknowledgement and every delivery is checked.
//
//   build/bench/bin/chat_load build/release/bin/clearline [--quick]
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/log.h"
#include "chat_client.h"
#include "server_process.h"

namespace clearline::bench {
namespace {

const std::vector<std::string> no_rate_limit = {"--visitor-rate", "1000000", "--visitor-burst", "1000000"};

template <typename Value>
Value percentile(std::vector<Value> values, double fraction) {
  if (values.empty()) return 0;
  const auto nth = values.begin() + static_cast<std::ptrdiff_t>(fraction * static_cast<double>(values.size() - 1));
  std::ranges::nth_element(values, nth);
  return *nth;
}

bool good(const ChatClients& clients) {
  for (const std::string& fault : clients.faults()) fmt::print(stderr, "WRONG: {}\n", fault);
  return clients.faults().empty();
}

// A first start hashes a password behind the scenes; its memory is not that of a server at rest.
std::int64_t resident_at_rest(const ServerProcess& server) {
  std::int64_t before = 0;
  for (int quiet = 0; quiet < 5;) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    const std::int64_t now = server.resident_bytes();
    quiet = now == before ? quiet + 1 : 0;
    before = now;
  }
  return before;
}

struct Bench {
  std::string program;
  bool quick = false;

  std::unique_ptr<ServerProcess> start() const {
    auto server = ServerProcess::start(program, no_rate_limit);
    if (!server) {
      fmt::print(stderr, "{}\n", server.error().message);
      std::exit(1);
    }
    return std::move(*server);
  }

  bool start_time() const {
    std::vector<double> ms;
    for (int i = 0; i < (quick ? 5 : 21); ++i) {
      auto first = start();
      ms.push_back(first->start_ms());
    }
    fmt::print("start: first start of a new database, process to listening: median {:.1f} ms, max {:.1f} ms\n",
               percentile(ms, 0.5), percentile(ms, 1));
    return true;
  }

  bool idle_memory() const {
    auto server = start();
    auto loop = net::Loop::create();
    ChatClients clients(**loop, server->port());
    const std::int64_t empty = resident_at_rest(*server);
    fmt::print("memory: no visitor {:.1f} MB", static_cast<double>(empty) / 1e6);
    std::size_t open = 0;
    std::int64_t at_first = empty;
    for (const std::size_t count : {std::size_t{1'000}, quick ? std::size_t{2'000} : std::size_t{10'000}}) {
      clients.open(count - open, false);
      if (!good(clients)) return false;
      open = count;
      const std::int64_t now = server->resident_bytes();
      if (count == 1'000) at_first = now;
      fmt::print("; {} idle visitors {:.1f} MB ({:.0f} B each)", count, static_cast<double>(now) / 1e6,
                 static_cast<double>(now - empty) / static_cast<double>(count));
      if (count > 1'000)
        fmt::print("; slope from 1,000: {:.0f} B each",
                   static_cast<double>(now - at_first) / static_cast<double>(count - 1'000));
    }
    fmt::print("\n");
    return true;
  }

  bool throughput(std::size_t visitors, std::size_t in_flight, std::size_t messages) const {
    auto server = start();
    auto loop = net::Loop::create();
    ChatClients clients(**loop, server->port());
    clients.open(visitors, true);
    const std::string text(60, 'x');
    clients.run_closed(messages / 10, in_flight, text);  // warm-up
    clients.forget_latencies();
    const double cpu_before = server->cpu_ms();
    const auto began = std::chrono::steady_clock::now();
    clients.run_closed(messages, in_flight, text);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    const double cpu_ms = server->cpu_ms() - cpu_before;
    if (!good(clients)) return false;
    const double per_second = static_cast<double>(messages) / seconds;
    fmt::print(
        "throughput: {} visitors x {} in flight: {:.0f} acknowledged-durable messages/s, each delivered to a second "
        "connection; server CPU {:.4f} ms a message ({:.0f} % of a core); ack p50 {:.1f} p99 {:.1f} ms, delivery p50 "
        "{:.1f} p99 {:.1f} ms\n",
        visitors, in_flight, per_second, cpu_ms / static_cast<double>(messages), cpu_ms / seconds / 10,
        percentile(clients.latencies().ack_ms, 0.5), percentile(clients.latencies().ack_ms, 0.99),
        percentile(clients.latencies().delivery_ms, 0.5), percentile(clients.latencies().delivery_ms, 0.99));
    return true;
  }

  bool latency() const {
    auto server = start();
    auto loop = net::Loop::create();
    ChatClients clients(**loop, server->port());
    clients.open(200, true);
    const double cpu_before = server->cpu_ms();
    const std::size_t messages = quick ? 400 : 4'000;
    clients.run_open(messages, 200, std::string(60, 'x'));
    if (!good(clients)) return false;
    fmt::print(
        "latency at 200 messages/s: ack p50 {:.2f} p99 {:.2f} max {:.1f} ms; delivery p50 {:.2f} p99 {:.2f} max "
        "{:.1f} ms; server CPU {:.3f} ms a message\n",
        percentile(clients.latencies().ack_ms, 0.5), percentile(clients.latencies().ack_ms, 0.99),
        percentile(clients.latencies().ack_ms, 1), percentile(clients.latencies().delivery_ms, 0.5),
        percentile(clients.latencies().delivery_ms, 0.99), percentile(clients.latencies().delivery_ms, 1),
        (server->cpu_ms() - cpu_before) / static_cast<double>(messages));
    return true;
  }
};

}  // namespace
}  // namespace clearline::bench

int main(int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') {
    fmt::print(stderr, "usage: chat_load PATH/TO/clearline [--quick]\n");
    return 2;
  }
  const clearline::bench::Bench bench{argv[1], argc > 2 && std::string_view(argv[2]) == "--quick"};
  const std::size_t messages = bench.quick ? 20'000 : 200'000;
  const bool good = bench.start_time() && bench.idle_memory() && bench.throughput(200, 1, messages) &&
                    bench.throughput(200, 16, messages) && bench.throughput(1'000, 1, messages) && bench.latency();
  return good ? 0 : 1;
}
