// How many messages a second the SQLite store makes durable, and what one costs in CPU: the whole step of the log's
// writer (load, find, chat::decide, append, save, commit), on one thread, without a network.
//
//     store_bench [--dir DIR] [--messages N] [--conversations N] [--normal] [--pages N] [--readers N]
//
// Closed loop: batches of fixed size. Open loop: messages arrive at a rate, and the writer takes what has queued, at
// most 512 at a time. Every run ends with a check: each conversation's log is 1, 2, 3 … without a hole, its row agrees,
// and the count is the number sent. A run that fails it prints no figures.
#include <fmt/core.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "chat/decide.h"
#include "chat/store.h"
#include "store/sqlite/sqlite_database.h"

namespace {

using namespace clearline;
using Clock = std::chrono::steady_clock;

struct Settings {
  std::filesystem::path directory = std::filesystem::temp_directory_path();
  std::size_t messages = 200'000;
  std::int64_t conversations = 2'000;
  int readers = 0;
  store::SqliteOptions options;
};

[[noreturn]] void stop(const std::string& why) {
  fmt::print(stderr, "store_bench: {}\n", why);
  std::exit(1);
}

template <typename T>
T must(Result<T> result) {
  if (!result) stop(result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// Cheap and repeatable; what it makes only has to be spread out.
class Generator {
 public:
  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }

 private:
  std::uint64_t state_ = 42;
};

struct Message {
  std::int64_t visitor = 0;
  chat::ClientId client_id;
  std::size_t text_bytes = 0;
  Clock::time_point arrived;
};

class Workload {
 public:
  explicit Workload(std::int64_t conversations) : conversations_(conversations) {}

  Message next() {
    Message message;
    message.visitor = 1 + static_cast<std::int64_t>(generator_.next() % static_cast<std::uint64_t>(conversations_));
    const std::uint64_t words[2] = {generator_.next(), generator_.next()};
    std::memcpy(message.client_id.bytes.data(), words, sizeof words);
    message.text_bytes = 20 + generator_.next() % 253;  // 146 on average
    return message;
  }

 private:
  std::int64_t conversations_;
  Generator generator_;
};

// What the server's log writer does with a batch; the row of a conversation is loaded and saved once.
class Writer {
 public:
  explicit Writer(chat::Database& database) : log_(must(database.open_log())), text_(1'000, 'x') {}

  void write(const std::vector<Message>& batch) {
    must(log_->begin());
    states_.clear();
    const WallTime now = wall_now();
    for (const Message& message : batch) write(message, now);
    for (auto& [id, state] : states_) must(log_->save(state));
    must(log_->commit());
  }

 private:
  void write(const Message& message, WallTime now) {
    const chat::ConversationId id{message.visitor << 20};
    const std::array site{chat::SiteId{1}};
    auto found = states_.find(id);
    if (found == states_.end())
      if (auto row = must(log_->load(id))) found = states_.emplace(id, std::move(*row)).first;
    const auto prior = must(log_->find(id, message.client_id));
    const chat::Actor actor{{chat::Role::visitor, message.visitor}, false, site};
    const chat::PostMessage post{id, site[0], message.client_id, text_.substr(0, message.text_bytes)};
    auto decision = chat::decide(found != states_.end() ? &found->second : nullptr, prior, actor, post, now);
    if (!decision) stop(decision.error().message);
    auto& facts = std::get<chat::Facts>(*decision);
    for (const chat::Event& event : facts.events) must(log_->append(id, event));
    states_.insert_or_assign(id, std::move(facts.state));
  }

  std::unique_ptr<chat::Log> log_;
  std::string text_;
  std::unordered_map<chat::ConversationId, chat::Conversation> states_;
};

// Reads the newest 50 events of one conversation after the other, as a console does.
class Readers {
 public:
  Readers(chat::Database& database, const Settings& settings) {
    for (int i = 0; i < settings.readers; ++i)
      threads_.emplace_back([this, &settings, reader = must(database.open_reader())] {
        Workload workload(settings.conversations);
        while (!stop_.load(std::memory_order_relaxed)) {
          must(reader->events_before(chat::ConversationId{workload.next().visitor << 20},
                                     std::numeric_limits<chat::Seq>::max(), 50));
          ++reads_;
        }
      });
  }
  ~Readers() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
  }
  [[nodiscard]] std::int64_t reads() const { return reads_; }

 private:
  std::atomic<bool> stop_ = false;
  std::atomic<std::int64_t> reads_ = 0;
  std::vector<std::thread> threads_;
};

double cpu_seconds(int who) {
  rusage usage{};
  getrusage(who, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double percentile(std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(share * static_cast<double>(sorted.size())))];
}

void verify(chat::Database& database, const Settings& settings, std::size_t expected) {
  const auto reader = must(database.open_reader());
  std::size_t found = 0;
  for (std::int64_t visitor = 1; visitor <= settings.conversations; ++visitor) {
    const chat::ConversationId id{visitor << 20};
    const auto row = must(reader->conversation(id));
    chat::Seq seq = 0;
    while (true) {
      const auto events = must(reader->events_after(id, seq, 10'000));
      if (events.empty()) break;
      for (const chat::Event& event : events)
        if (event.seq != ++seq) stop(fmt::format("conversation {} has a hole before seq {}", visitor, event.seq));
    }
    if (seq != (row ? row->last_seq : 0)) stop(fmt::format("conversation {}: log and row disagree", visitor));
    found += static_cast<std::size_t>(seq);
  }
  if (found != expected) stop(fmt::format("{} messages are stored, {} were sent", found, expected));
}

class Run {
 public:
  explicit Run(const Settings& settings)
      : settings_(settings),
        directory_(settings.directory / fmt::format("clearline-store-bench-{:016x}", random_u64())),
        database_(must(store::open_sqlite_database(directory_ / "clearline.db", settings.options))) {}
  ~Run() {
    database_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  void closed_loop(std::size_t batch_size) {
    Writer writer(*database_);
    Workload workload(settings_.conversations);
    std::vector<double> batch_ms;
    std::vector<Message> batch(batch_size);
    std::int64_t reads = 0;
    double seconds = 0, cpu = 0;
    std::size_t sent = 0;
    {
      const Readers readers(*database_, settings_);
      const auto started = Clock::now();
      const double cpu_before = cpu_seconds(RUSAGE_THREAD);
      for (; sent < settings_.messages; sent += batch_size) {
        for (Message& message : batch) message = workload.next();
        const auto before = Clock::now();
        writer.write(batch);
        batch_ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - before).count());
      }
      seconds = std::chrono::duration<double>(Clock::now() - started).count();
      cpu = cpu_seconds(RUSAGE_THREAD) - cpu_before;
      reads = readers.reads();
    }
    verify(*database_, settings_, sent);
    std::sort(batch_ms.begin(), batch_ms.end());
    fmt::print("batch {:>4}: {:>7.0f} msg/s  {:>5.1f} us CPU/msg  batch p50 {:.2f} p99 {:.2f} max {:.1f} ms  {} B/msg",
               batch_size, static_cast<double>(sent) / seconds, 1e6 * cpu / static_cast<double>(sent),
               percentile(batch_ms, 0.5), percentile(batch_ms, 0.99), batch_ms.back(), file_bytes("") / sent);
    fmt::print("  wal {} MiB", file_bytes("-wal") >> 20);
    if (settings_.readers > 0) fmt::print("  {:.0f} reads/s", static_cast<double>(reads) / seconds);
    fmt::print("\n");
  }

  void open_loop(double messages_per_second) {
    constexpr std::size_t batch_max = 512;
    Writer writer(*database_);
    Workload workload(settings_.conversations);
    const auto count = std::min(settings_.messages, static_cast<std::size_t>(5 * messages_per_second));
    std::vector<double> latency_ms;
    std::vector<Message> batch;
    std::size_t sent = 0, batches = 0;
    const auto started = Clock::now();
    const double cpu_before = cpu_seconds(RUSAGE_THREAD);
    while (sent < count) {
      const double elapsed = std::chrono::duration<double>(Clock::now() - started).count();
      const auto due = std::min(count, static_cast<std::size_t>(elapsed * messages_per_second));
      batch.clear();
      for (; sent < due && batch.size() < batch_max; ++sent) {
        batch.push_back(workload.next());
        batch.back().arrived = started + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(
                                             static_cast<double>(sent) / messages_per_second));
      }
      if (batch.empty()) {
        std::this_thread::sleep_for(std::chrono::microseconds(50));
        continue;
      }
      writer.write(batch);
      ++batches;
      const auto durable = Clock::now();
      for (const Message& message : batch)
        latency_ms.push_back(std::chrono::duration<double, std::milli>(durable - message.arrived).count());
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - started).count();
    const double cpu = cpu_seconds(RUSAGE_THREAD) - cpu_before;
    verify(*database_, settings_, sent);
    std::sort(latency_ms.begin(), latency_ms.end());
    fmt::print(
        "offered {:>6.0f}/s: {:>6.0f} msg/s  {:>5.1f} us CPU/msg  arrival to durable p50 {:.2f} p99 {:.2f} max "
        "{:.1f} ms  mean batch {:.1f}\n",
        messages_per_second, static_cast<double>(sent) / seconds, 1e6 * cpu / static_cast<double>(sent),
        percentile(latency_ms, 0.5), percentile(latency_ms, 0.99), latency_ms.back(),
        static_cast<double>(sent) / static_cast<double>(batches));
  }

 private:
  [[nodiscard]] std::uintmax_t file_bytes(const char* suffix) const {
    std::error_code failure;
    const auto bytes = std::filesystem::file_size((directory_ / "clearline.db").string() + suffix, failure);
    return failure ? 0 : bytes;
  }

  const Settings& settings_;
  std::filesystem::path directory_;
  std::unique_ptr<chat::Database> database_;
};

std::int64_t number_of(std::string_view option, std::string_view text) {
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size() || number < 0)
    stop(fmt::format("{} needs a number, not \"{}\"", option, text));
  return number;
}

Settings settings_of(const std::vector<std::string_view>& arguments) {
  Settings settings;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view option = arguments[i];
    if (option == "--normal") {
      settings.options.synchronous = store::Synchronous::normal;
      continue;
    }
    if (i + 1 == arguments.size()) stop(fmt::format("{} is unknown, or needs a value", option));
    const std::string_view value = arguments[++i];
    if (option == "--dir")
      settings.directory = value;
    else if (option == "--messages")
      settings.messages = static_cast<std::size_t>(number_of(option, value));
    else if (option == "--conversations")
      settings.conversations = number_of(option, value);
    else if (option == "--readers")
      settings.readers = static_cast<int>(number_of(option, value));
    else if (option == "--pages")
      settings.options.wal_autocheckpoint_pages = static_cast<int>(number_of(option, value));
    else
      stop(fmt::format("{} is unknown", option));
  }
  return settings;
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings = settings_of({argv + 1, argv + argc});
  fmt::print("{} conversations, synchronous {}, autocheckpoint {} pages, {} readers\n", settings.conversations,
             settings.options.synchronous == store::Synchronous::full ? "FULL" : "NORMAL",
             settings.options.wal_autocheckpoint_pages, settings.readers);
  const std::size_t messages = settings.messages;
  for (const std::size_t batch : {1, 8, 64, 512}) {
    // Small batches wait for the disk: fewer messages tell as much.
    settings.messages = batch < 64 ? std::min(messages, 10'000 * batch) : messages;
    Run(settings).closed_loop(batch);
  }
  settings.messages = messages;
  for (const double rate : {2'000.0, 10'000.0, 20'000.0}) Run(settings).open_loop(rate);
}
