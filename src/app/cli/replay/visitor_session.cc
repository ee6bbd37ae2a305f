#include <fmt/core.h>

#include <utility>

#include "app/cli/replay/client_message.h"
#include "app/cli/replay/clients.h"

namespace clearline::app::replay {

VisitorSession::VisitorSession(SessionRouter& router, std::string name, std::string site,
                               ConversationSide::Listener& listener, std::function<void(const std::string&)> stopped)
    : Session(router, std::move(name)),
      site_(std::move(site)),
      stopped_(std::move(stopped)),
      side_(Speaker::customer, *this, listener) {}

void VisitorSession::write_hello(std::string& out) {
  write_visitor_hello(out, site_, token_, side_.resume_point());
}

void VisitorSession::get_credential(bool renew) {
  // Without its token a visitor is another visitor.
  if (renew && !token_.empty()) return stop("the server refused the visitor's token");
  connect();
}

void VisitorSession::on_welcome(const Welcome& welcome) {
  if (!welcome.conv) return stop("the server's welcome names no conversation");
  if (side_.conversation() && side_.conversation() != welcome.conv)
    return stop(fmt::format("the server gave the visitor another conversation, {}", to_text(*welcome.conv)));
  if (!welcome.token.empty()) token_ = welcome.token;
  side_.set_conversation(*welcome.conv);
  side_.on_welcome(true);  // the server watches for a visitor by itself
}

void VisitorSession::on_server_message(const ServerMessage& message) {
  if (const auto* ack = std::get_if<Ack>(&message)) return side_.on_ack(*ack);
  if (const auto* events = std::get_if<Events>(&message)) return side_.on_events(*events);
  if (const auto* watching = std::get_if<Watching>(&message)) return side_.on_watching(*watching);
  if (const auto* reset = std::get_if<Reset>(&message)) return side_.on_reset(*reset);
  if (const auto* error = std::get_if<ErrorReply>(&message); error != nullptr && !side_.on_error(*error))
    router().say(fmt::format("{}: {}: {}", name(), error->name, error->message));
}

void VisitorSession::on_disconnected(const NextStep& step) {
  if (step.resync) side_.forget_resume_point();
}

}  // namespace clearline::app::replay
