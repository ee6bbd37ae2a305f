#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "app/cli/replay/client_message.h"
#include "app/cli/replay/clients.h"
#include "wire/commands.h"

namespace clearline::app::replay {

namespace {

constexpr std::int64_t busy_retry_ms_min = 20;

}  // namespace

LateReader::LateReader(SessionRouter& router, std::string name, std::string site, std::string token,
                       ConversationId conv, Done done, std::function<void(const std::string&)> stopped)
    : Session(router, std::move(name)),
      site_(std::move(site)),
      token_(std::move(token)),
      conv_(conv),
      done_(std::move(done)),
      stopped_(std::move(stopped)) {}

LateReader::~LateReader() {
  cancel_retry();
}

void LateReader::write_hello(std::string& out) {
  write_visitor_hello(out, site_, token_, std::nullopt);
}

void LateReader::get_credential(bool renew) {
  if (renew) return stop("the server refused the late reader's token");
  connect();
}

// A new connection begins to read anew.
void LateReader::on_welcome(const Welcome& welcome) {
  if (welcome.conv != conv_) return stop("the server gave the late reader another conversation");
  cancel_retry();
  watching_.reset();
  newest_seq_ = 0;
  more_ = false;
  asked_before_ = 0;
  history_.clear();
  texts_.clear();
}

void LateReader::on_server_message(const ServerMessage& message) {
  if (const auto* watching = std::get_if<Watching>(&message)) {
    watching_ = *watching;
    more_ = watching->more;
    go_on();
  } else if (const auto* events = std::get_if<Events>(&message)) {
    add_newest(events->events);
    go_on();
  } else if (const auto* page = std::get_if<Page>(&message)) {
    add_older(*page);
    go_on();
  } else if (const auto* error = std::get_if<ErrorReply>(&message)) {
    if (!error->retryable) return stop(fmt::format("{}: {}", error->name, error->message));
    ++router().statistics.busy_replies;
    cancel_retry();
    retry_timer_ = router().loop.after(std::max(error->retry_after_ms, busy_retry_ms_min), [this] {
      retry_timer_ = net::TimerId{};
      asked_before_ = 0;
      go_on();
    });
  }
}

void LateReader::cancel_retry() {
  if (retry_timer_) router().loop.cancel(std::exchange(retry_timer_, net::TimerId{}));
}

Seen LateReader::keep(const Seen& seen) {
  Seen kept = seen;
  kept.text = texts_.emplace_back(seen.text);
  return kept;
}

void LateReader::add_newest(const std::vector<Seen>& events) {
  for (const Seen& seen : events) {
    history_.push_back(keep(seen));
    newest_seq_ = std::max(newest_seq_, seen.seq);
  }
}

void LateReader::add_older(const Page& page) {
  std::vector<Seen> older;
  for (const Seen& seen : page.events) older.push_back(keep(seen));
  history_.insert(history_.begin(), older.begin(), older.end());
  more_ = page.more && !page.events.empty();
}

void LateReader::go_on() {
  if (!watching_) return;
  const bool newest_complete = watching_->last_seq < watching_->first_seq || newest_seq_ >= watching_->last_seq;
  if (!newest_complete) return;
  if (!more_ || history_.empty()) {
    finish();
    return done_(history_);
  }
  const Seq before = history_.front().seq;
  if (asked_before_ == before) return;
  asked_before_ = before;
  write_history(out(), next_request_id(), conv_, before, static_cast<int>(wire::page_events_max));
  send(out());
}

}  // namespace clearline::app::replay
