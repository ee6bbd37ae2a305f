#include "app/accounts.h"

#include <fmt/core.h>
#include <sodium.h>

#include <algorithm>

#include "app/password.h"
#include "base/log.h"
#include "base/random.h"

namespace clearline::app {

namespace {

constexpr std::size_t queue_max = 256;
constexpr std::size_t failures_max = 10'000;
constexpr std::size_t tickets_max = 100'000;
constexpr int free_failures = 5;
constexpr std::int64_t first_block_ms = 30'000;
constexpr std::int64_t longest_block_ms = 900'000;
constexpr std::int64_t failures_forgotten_after_ms = 3'600'000;

std::string random_token() {
  std::array<std::byte, 24> bytes;
  random_bytes(bytes);
  std::array<char, sodium_base64_ENCODED_LEN(24, sodium_base64_VARIANT_URLSAFE_NO_PADDING)> text;
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  return text.data();
}

tl::unexpected<SignInRefused> refuse(SignInRefused::Why why, std::string message, std::int64_t retry_after_ms = 0) {
  return tl::unexpected<SignInRefused>(SignInRefused{why, std::move(message), retry_after_ms});
}

tl::unexpected<SignInRefused> store_away(const Error& error) {
  return refuse(SignInRefused::Why::store_away, "the store is away: " + error.message, 1000);
}

}  // namespace

TokenHash hash_token(std::string_view token) {
  TokenHash hash;
  crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(),
                     reinterpret_cast<const unsigned char*>(token.data()), token.size(), nullptr, 0);
  return hash;
}

Accounts::Accounts(std::unique_ptr<chat::Directory> directory, DirectoryCache& cache, Changed changed)
    : directory_(std::move(directory)), cache_(cache), changed_(std::move(changed)), worker_(queue_max) {}

Accounts::~Accounts() {
  stop();
}

Result<void> Accounts::refresh() {
  return load_snapshot();
}

void Accounts::refresh_soon() {
  const bool taken = worker_.submit([this] {
    const auto version = directory_->data_version();
    if (!version) return log_error("the directory cannot be read: {}", version.error().message);
    if (*version == data_version_) return;
    const auto before = cache_.get();
    if (const auto loaded = load_snapshot(); !loaded)
      return log_error("the directory cannot be read: {}", loaded.error().message);
    if (!cache_.get()->same_as(*before)) changed_();
  });
  if (!taken) log_warning("the directory was not refreshed: {} tasks are queued", queue_max);
}

Result<void> Accounts::load_snapshot() {
  CLEARLINE_TRY(const std::int64_t version, directory_->data_version());
  CLEARLINE_TRY(auto sites, directory_->sites());
  CLEARLINE_TRY(auto agents, directory_->agents());
  cache_.set(std::make_shared<const DirectorySnapshot>(std::move(sites), std::move(agents)));
  data_version_ = version;
  return {};
}

void Accounts::create_agent_soon(chat::Agent agent, std::string password) {
  const bool taken = worker_.submit([this, agent = std::move(agent), password = std::move(password)]() mutable {
    const auto create = [&]() -> Result<void> {
      CLEARLINE_TRY(agent.password_hash, hash_password(password));
      CLEARLINE_CHECK(directory_->create_agent(agent));
      return load_snapshot();
    };
    if (const auto created = create(); !created)
      return log_error("the agent {} could not be created: {}", agent.name, created.error().message);
    changed_();
  });
  CLEARLINE_ASSERT(taken);  // asked for at start-up, when nothing else is queued
}

bool Accounts::sign_in(std::string name, std::string password, std::string address, SignInDone done) {
  return worker_.submit([this, name = std::move(name), password = std::move(password), address = std::move(address),
                         done = std::move(done)] { done(sign_in_now(name, password, address)); });
}

tl::expected<SignedIn, SignInRefused> Accounts::sign_in_now(const std::string& name, const std::string& password,
                                                            const std::string& address) {
  const MonotonicTime now = monotonic_now();
  const std::string name_key = "name " + name;
  const std::string address_key = "address " + address;
  if (const auto wait_ms = std::max(blocked_for_ms(name_key, now), blocked_for_ms(address_key, now)); wait_ms > 0)
    return refuse(SignInRefused::Why::too_many_failures,
                  fmt::format("too many failed sign-ins; try again in {} s", (wait_ms + 999) / 1000), wait_ms);

  const auto agent = directory_->find_agent(name);
  if (!agent) return store_away(agent.error());
  const bool known = agent->has_value() && !(*agent)->disabled;
  if (!verify_password(known ? (*agent)->password_hash : decoy_password_hash, password) || !known) {
    note_failure(name_key, now);
    note_failure(address_key, now);
    log_info("sign-in refused name={} address={}", name, address);
    return refuse(SignInRefused::Why::wrong_credentials, "wrong name or password");
  }
  failures_.erase(name_key);
  failures_.erase(address_key);

  SignedIn signed_in{**agent, random_token(), {}, password_mark(**agent)};
  const WallTime wall = wall_now();
  signed_in.expires_at = WallTime{wall.ms + session_lifetime_ms};
  signed_in.agent.password_hash.clear();
  const auto created =
      directory_->create_session({hash_token(signed_in.session_token), signed_in.agent.id, wall, signed_in.expires_at});
  if (!created) return store_away(created.error());
  // The agent may be newer than the snapshot, or was just enabled, granted a site or given another password, and its
  // connections will ask the snapshot for its rights.
  const auto snapshot = cache_.get();
  const chat::Agent* in_snapshot = snapshot->agent(signed_in.agent.id);
  if (in_snapshot == nullptr || *in_snapshot != signed_in.agent ||
      snapshot->password_mark(signed_in.agent.id) != signed_in.password_mark)
    if (const auto loaded = load_snapshot(); loaded) changed_();
  log_info("signed in name={} address={}", name, address);
  return signed_in;
}

std::int64_t Accounts::blocked_for_ms(const std::string& key, MonotonicTime now) const {
  const auto found = failures_.find(key);
  return found == failures_.end() ? 0 : std::max<std::int64_t>(0, found->second.blocked_until.ms - now.ms);
}

// Five failures are free; each further one doubles the wait, up to 15 minutes.
void Accounts::note_failure(const std::string& key, MonotonicTime now) {
  if (failures_.size() >= failures_max)
    std::erase_if(failures_, [now](const auto& entry) { return entry.second.blocked_until <= now; });
  Failures& failures = failures_[key];
  if (now.ms - failures.last.ms > failures_forgotten_after_ms) failures.count = 0;
  failures.last = now;
  if (++failures.count < free_failures) return;
  const int doublings = std::min(failures.count - free_failures, 10);
  failures.blocked_until.ms = now.ms + std::min(longest_block_ms, first_block_ms << doublings);
}

bool Accounts::find_session(std::string token, SessionDone done) {
  return worker_.submit([this, token = std::move(token), done = std::move(done)] { done(find_session_now(token)); });
}

Result<SignedIn> Accounts::find_session_now(std::string_view token) {
  if (token.empty()) return fail(ErrorCode::unauthorized, "there is no session cookie");
  CLEARLINE_TRY(const auto session, directory_->find_session(hash_token(token)));
  if (!session || session->expires_at <= wall_now()) return fail(ErrorCode::unauthorized, "the session has ended");
  const auto snapshot = cache_.get();
  const chat::Agent* agent = snapshot->agent(session->agent);
  if (agent == nullptr || agent->disabled) return fail(ErrorCode::unauthorized, "the account is disabled");
  return SignedIn{*agent, {}, session->expires_at, snapshot->password_mark(agent->id)};
}

bool Accounts::sign_out(std::string token, SignOutDone done) {
  return worker_.submit([this, token = std::move(token), done = std::move(done)] { done(sign_out_now(token)); });
}

Result<void> Accounts::sign_out_now(std::string_view token) {
  const TokenHash hash = hash_token(token);
  CLEARLINE_CHECK(directory_->delete_session(hash));
  const std::lock_guard lock(tickets_mutex_);
  std::erase_if(tickets_, [&](const auto& entry) { return entry.second.holder.session == hash; });
  return {};
}

std::string Accounts::issue_ticket(const TicketHolder& holder, MonotonicTime now) {
  std::string ticket = random_token();
  const std::lock_guard lock(tickets_mutex_);
  if (tickets_.size() >= tickets_max)
    std::erase_if(tickets_, [now](const auto& entry) { return entry.second.expires_at <= now; });
  tickets_.emplace(ticket, Ticket{holder, {now.ms + ticket_lifetime_ms}});
  return ticket;
}

std::optional<TicketHolder> Accounts::redeem_ticket(std::string_view ticket, MonotonicTime now) {
  const std::lock_guard lock(tickets_mutex_);
  const auto found = tickets_.find(std::string(ticket));
  if (found == tickets_.end()) return std::nullopt;
  const Ticket redeemed = found->second;
  tickets_.erase(found);
  if (redeemed.expires_at <= now) return std::nullopt;
  return redeemed.holder;
}

}  // namespace clearline::app
