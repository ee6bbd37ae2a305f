#include "app/cli/replay/conversation_side.h"

#include <algorithm>
#include <utility>

#include "base/result.h"

namespace clearline::app::replay {

namespace {

// An agent that was just granted a site may have to wait until the server has seen the grant.
constexpr unsigned watch_tries_max = 50;
constexpr std::int64_t watch_retry_ms = 200;
constexpr std::int64_t busy_retry_ms_min = 20;

}  // namespace

ConversationSide::ConversationSide(Speaker side, Session& session, Listener& listener)
    : side_(side), session_(session), listener_(listener) {}

ConversationSide::~ConversationSide() {
  cancel_retry();
}

void ConversationSide::post(const ClientId& client_id, std::string_view text) {
  CLEARLINE_ASSERT(!pending_);
  pending_ = Pending{client_id, text, 0};
  transmit();
}

void ConversationSide::transmit() {
  if (!pending_ || !conv_ || !session_.is_live()) return;
  pending_->request = session_.next_request_id();
  write_send(session_.out(), pending_->request, *conv_, pending_->client_id, pending_->text);
  session_.send(session_.out());
}

void ConversationSide::watch_all(Epoch epoch) {
  log_.restart(epoch, 0);
  awaits_page_ = false;
  send_watch();
}

void ConversationSide::send_watch() {
  if (!conv_ || !session_.is_live()) return;
  watch_request_ = session_.next_request_id();
  write_watch(session_.out(), watch_request_, ResumeFrom{*conv_, log_.epoch(), log_.last()});
  session_.send(session_.out());
}

std::optional<ResumeFrom> ConversationSide::resume_point() const {
  if (!conv_ || awaits_page_) return std::nullopt;
  return ResumeFrom{*conv_, log_.epoch(), log_.last()};
}

void ConversationSide::forget_resume_point() {
  log_.restart(log_.epoch(), 0);
  awaits_page_ = true;
}

void ConversationSide::on_welcome(bool resumed) {
  cancel_retry();
  log_.end_repair();
  was_reset_ = false;
  if (!resumed) send_watch();
  if (!pending_) return;
  if (pending_->request != 0) ++session_.router().statistics.resends;
  transmit();
}

void ConversationSide::on_ack(const Ack& ack) {
  // An ack that is no duplicate takes the place of the event at its sender (section 3).
  if (!ack.duplicate && ack.epoch == log_.epoch() && log_.see(ack.seq) == ClientLog::Verdict::gap) repair();
  if (pending_ && pending_->client_id == ack.client_id) acknowledge(ack.seq);
}

void ConversationSide::acknowledge(Seq seq) {
  pending_.reset();
  cancel_retry();
  listener_.on_acknowledged(side_, seq);
}

void ConversationSide::on_events(const Events& events) {
  for (const Seen& seen : events.events) {
    switch (log_.see(seen.seq)) {
      case ClientLog::Verdict::drop:
        break;
      case ClientLog::Verdict::gap:
        return repair();
      case ClientLog::Verdict::take:
        listener_.on_taken(side_, seen);
        // It was stored before the last connection ended, and the ack went down with that.
        if (pending_ && pending_->client_id == seen.client_id) acknowledge(seen.seq);
        break;
    }
  }
}

void ConversationSide::repair() {
  if (!log_.begin_repair()) return;
  ++session_.router().statistics.gap_repairs;
  send_watch();
}

void ConversationSide::on_watching(const Watching& watching) {
  watch_tries_ = 0;
  log_.end_repair();
  if (!awaits_page_ && !was_reset_) return;
  const bool other_history = log_.epoch() != Epoch{} && watching.epoch != log_.epoch();
  const bool incomplete = was_reset_ && watching.more;
  log_.restart(watching.epoch, incomplete ? 0 : watching.first_seq - 1);
  awaits_page_ = false;
  was_reset_ = false;
  if (other_history) listener_.on_new_epoch();
  // The page that follows begins in the middle of the log: ask for all of it.
  if (incomplete) repair();
}

void ConversationSide::on_reset(const Reset& reset) {
  // too_far: what is missing is more than the server sends at once; the newest page has to do.
  if (reset.reason == "too_far") {
    awaits_page_ = true;
  } else {
    was_reset_ = true;
  }
}

bool ConversationSide::on_error(const ErrorReply& error) {
  if (!error.id) return false;
  const bool sending = pending_ && pending_->request == *error.id;
  const bool watching = watch_request_ == *error.id;
  if (!sending && !watching) return false;
  Statistics& statistics = session_.router().statistics;
  const std::int64_t delay_ms = std::max(error.retry_after_ms, busy_retry_ms_min);
  if (error.retryable) {
    ++statistics.busy_replies;
    if (sending) ++statistics.resends;
    retry_later(delay_ms, sending ? &ConversationSide::transmit : &ConversationSide::send_watch);
  } else if (watching && error.name == "not_found" && ++watch_tries_ <= watch_tries_max) {
    retry_later(watch_retry_ms, &ConversationSide::send_watch);
  } else {
    if (sending) pending_.reset();
    listener_.on_refused(side_, error.name, error.message);
  }
  return true;
}

void ConversationSide::retry_later(std::int64_t delay_ms, void (ConversationSide::*action)()) {
  cancel_retry();
  retry_timer_ = session_.router().loop.after(delay_ms, [this, action] {
    retry_timer_ = net::TimerId{};
    (this->*action)();
  });
}

void ConversationSide::cancel_retry() {
  if (retry_timer_) session_.router().loop.cancel(std::exchange(retry_timer_, net::TimerId{}));
}

}  // namespace clearline::app::replay
