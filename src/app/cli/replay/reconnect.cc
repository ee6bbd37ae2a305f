#include "app/cli/replay/reconnect.h"

#include <algorithm>

namespace clearline::app::replay {

namespace {

using registry::AgainAction;
using registry::AgainPolicy;

// A connection that lived this long was a good one: a limited policy starts to count afresh.
constexpr std::int64_t good_connection_ms = 60'000;

const AgainPolicy& policy_for(const Ending& ending) {
  const registry::Entry& entry = registry::lookup(ending.status);
  const AgainPolicy& policy = registry::again_policy(entry.again);
  // Only our own server may say that all is finished; from anything between, the same number is an accident.
  if (policy.action == AgainAction::stop_if_ours && !ending.said_by_bye)
    return registry::again_policy(registry::lookup(registry::abnormal_closure).again);
  // We closed it ourselves for a reason that asks for a new connection (a lost heartbeat): as if it had broken.
  if (policy.action == AgainAction::none)
    return registry::again_policy(registry::lookup(registry::abnormal_closure).again);
  return policy;
}

}  // namespace

NextStep Reconnect::after(const Ending& ending, MonotonicTime now) {
  const AgainPolicy& policy = policy_for(ending);
  if (welcomed_at_ && now.ms - welcomed_at_->ms >= good_connection_ms) limited_tries_ = 0;
  welcomed_at_.reset();

  const bool repeated_soon = policy.stop_if_repeated_within_ms > 0 && last_end_at_ && last_status_ == ending.status &&
                             now.ms - last_end_at_->ms < policy.stop_if_repeated_within_ms;
  last_end_at_ = now;
  last_status_ = ending.status;
  const bool exhausted = policy.tries_max > 0 && limited_tries_ >= policy.tries_max;
  if (policy.tries_max > 0) ++limited_tries_;

  const bool stops = policy.action == AgainAction::stop || policy.action == AgainAction::stop_if_ours;
  if (stops || repeated_soon || exhausted) return NextStep{true, 0, false, false};
  NextStep step;
  step.renew_credential = policy.renew_token;
  step.resync = policy.resync;
  step.delay_ms = delay_ms(policy, ending);
  ++attempt_;
  return step;
}

void Reconnect::welcomed(MonotonicTime now) {
  attempt_ = 0;
  welcomed_at_ = now;
}

std::int64_t Reconnect::delay_ms(const AgainPolicy& policy, const Ending& ending) {
  const bool hinted = policy.honours_hint && ending.retry_after_ms;
  const std::int64_t floor = hinted ? *ending.retry_after_ms : policy.floor_ms;
  const std::int64_t first_window = hinted ? ending.spread_ms.value_or(0) : policy.first_window_ms;
  if (attempt_ == 0 && (hinted || first_window > 0)) return floor + random_within(first_window);
  const std::int64_t doubled = std::int64_t{policy.backoff_base_ms} << std::min(attempt_, 16U);
  return floor + random_within(std::min<std::int64_t>(doubled, policy.backoff_cap_ms));
}

std::int64_t Reconnect::random_within(std::int64_t bound_ms) {
  const auto bound = static_cast<std::uint32_t>(std::clamp<std::int64_t>(bound_ms, 0, INT32_MAX));
  return bound == 0 ? 0 : random_(bound);
}

}  // namespace clearline::app::replay
