// Agents' sign-in, sessions and tickets, and the directory's snapshot. What touches the database or hashes a password
// runs on one thread of its own; answers come back by the callback, on that thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "app/directory_snapshot.h"
#include "app/worker.h"
#include "base/clock.h"
#include "base/result.h"
#include "chat/store.h"

namespace clearline::app {

inline constexpr std::int64_t session_lifetime_ms = std::int64_t{30} * 24 * 3600 * 1000;
inline constexpr std::int64_t ticket_lifetime_ms = 60'000;

using TokenHash = std::array<std::byte, 32>;

// Of a session's token, as it is stored: a copied database signs nobody in.
[[nodiscard]] TokenHash hash_token(std::string_view token);

struct SignedIn {
  chat::Agent agent;
  std::string session_token;  // for the cookie; only right after sign-in
  WallTime expires_at;
  std::uint64_t password_mark = 0;  // of the password that is good now
};

// What a ticket stands for: an agent by one of its sessions.
struct TicketHolder {
  AgentId agent;
  TokenHash session{};
  std::uint64_t password_mark = 0;
  WallTime expires_at{};  // of the session
};

// A refused sign-in: unauthorized; or too many failures, or a store that is away, each with the wait.
struct SignInRefused {
  enum class Why : std::uint8_t { wrong_credentials, too_many_failures, store_away };
  Why why = Why::wrong_credentials;
  std::string message;
  std::int64_t retry_after_ms = 0;
};

class Accounts {
 public:
  using SignInDone = std::function<void(tl::expected<SignedIn, SignInRefused>)>;
  using SessionDone = std::function<void(Result<SignedIn>)>;
  using SignOutDone = std::function<void(Result<void>)>;
  using Changed = std::function<void()>;

  // `changed` is called after a new snapshot was set.
  Accounts(std::unique_ptr<chat::Directory> directory, DirectoryCache& cache, Changed changed);
  ~Accounts();

  // Reads the snapshot now; for start-up.
  [[nodiscard]] Result<void> refresh();
  // Looks whether the database changed and reads the snapshot if so. Thread-safe, returns at once.
  void refresh_soon();

  // Creates an agent whose password is still to be hashed, before any sign-in that is asked for later.
  void create_agent_soon(chat::Agent agent, std::string password);

  // False: too much is queued. `address` is the peer's, for the rate limit.
  [[nodiscard]] bool sign_in(std::string name, std::string password, std::string address, SignInDone done);
  [[nodiscard]] bool find_session(std::string token, SessionDone done);
  // Also voids the session's tickets.
  [[nodiscard]] bool sign_out(std::string token, SignOutDone done);

  // Tickets live in memory: they are for the next minute of this process. Thread-safe.
  [[nodiscard]] std::string issue_ticket(const TicketHolder& holder, MonotonicTime now);
  [[nodiscard]] std::optional<TicketHolder> redeem_ticket(std::string_view ticket, MonotonicTime now);

  void stop() { worker_.stop(); }

 private:
  struct Failures {
    int count = 0;
    MonotonicTime blocked_until;
    MonotonicTime last;
  };
  struct Ticket {
    TicketHolder holder;
    MonotonicTime expires_at;
  };

  tl::expected<SignedIn, SignInRefused> sign_in_now(const std::string& name, const std::string& password,
                                                    const std::string& address);
  Result<SignedIn> find_session_now(std::string_view token);
  Result<void> sign_out_now(std::string_view token);
  [[nodiscard]] std::int64_t blocked_for_ms(const std::string& key, MonotonicTime now) const;
  void note_failure(const std::string& key, MonotonicTime now);
  Result<void> load_snapshot();

  std::unique_ptr<chat::Directory> directory_;
  DirectoryCache& cache_;
  Changed changed_;
  std::int64_t data_version_ = -1;
  std::unordered_map<std::string, Failures> failures_;  // of the worker's thread

  std::mutex tickets_mutex_;
  std::unordered_map<std::string, Ticket> tickets_;
  Worker worker_;  // last: its thread uses the rest
};

}  // namespace clearline::app
