#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "app/cli/replay/client_message.h"
#include "app/cli/replay/clients.h"
#include "wire/commands.h"

namespace clearline::app::replay {

AgentSession::AgentSession(SessionRouter& router, std::string name, std::size_t index, TicketSource& tickets,
                           std::function<void(const std::string&)> stopped)
    : Session(router, std::move(name)), index_(index), tickets_(tickets), stopped_(std::move(stopped)) {}

void AgentSession::add(ConversationSide& side) {
  sides_.emplace(*side.conversation(), &side);
}

void AgentSession::remove(ConversationSide& side) {
  if (side.conversation() && sides_.erase(*side.conversation()) > 0) {
    write_unwatch(out(), *side.conversation());
    send(out());
  }
}

void AgentSession::get_credential(bool /*renew*/) {
  // A ticket is for one connection, so each gets a new one.
  tickets_.get_ticket(index_, [this](Result<std::string> ticket) {
    if (ticket) {
      ticket_ = *std::move(ticket);
      connect();
    } else if (ticket.error().code == ErrorCode::unauthorized) {
      stop(ticket.error().message);
    } else {
      credential_failed();
    }
  });
}

void AgentSession::write_hello(std::string& out) {
  std::vector<ResumeFrom> points;
  resumed_.clear();
  for (const auto& [conv, side] : sides_) {
    if (points.size() == wire::resume_points_max) break;
    if (const auto point = side->resume_point()) {
      points.push_back(*point);
      resumed_.push_back(conv);
    }
  }
  std::sort(resumed_.begin(), resumed_.end());
  write_agent_hello(out, ticket_, points);
}

void AgentSession::on_welcome(const Welcome& /*welcome*/) {
  was_welcomed_ = true;
  for (const auto& [conv, side] : sides_) side->on_welcome(std::binary_search(resumed_.begin(), resumed_.end(), conv));
}

void AgentSession::on_server_message(const ServerMessage& message) {
  if (const auto* events = std::get_if<Events>(&message)) {
    if (ConversationSide* side = find(events->conv)) side->on_events(*events);
  } else if (const auto* ack = std::get_if<Ack>(&message)) {
    if (ConversationSide* side = find(ack->conv)) side->on_ack(*ack);
  } else if (const auto* watching = std::get_if<Watching>(&message)) {
    if (ConversationSide* side = find(watching->conv)) side->on_watching(*watching);
  } else if (const auto* reset = std::get_if<Reset>(&message)) {
    if (ConversationSide* side = find(reset->conv)) side->on_reset(*reset);
  } else if (const auto* error = std::get_if<ErrorReply>(&message)) {
    // An error names its request alone. They are rare, so looking through all sides is good enough.
    for (const auto& [conv, side] : sides_) {
      if (side->on_error(*error)) return;
    }
    router().say(fmt::format("{}: {}: {}", name(), error->name, error->message));
  }
}

void AgentSession::on_disconnected(const NextStep& step) {
  if (!step.resync) return;
  for (const auto& [conv, side] : sides_) side->forget_resume_point();
}

ConversationSide* AgentSession::find(ConversationId conv) const {
  const auto found = sides_.find(conv);
  return found == sides_.end() ? nullptr : found->second;
}

}  // namespace clearline::app::replay
