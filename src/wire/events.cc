#include "wire/events.h"

#include <fmt/core.h>

#include "wire/json.h"

namespace clearline::wire {

namespace {

// Starts every message: {"t":"type"
JsonWriter begin(std::string& out, std::string_view type) {
  out.reserve(256);
  JsonWriter json(out);
  json.begin_object().member("t", type);
  return json;
}

void write_sender(JsonWriter& json, const SenderView& from) {
  json.key("from").begin_object().member("role", sender_role_name(from.role));
  json.member("id", from.role == SenderRole::visitor ? to_text(VisitorId{from.id}) : to_text(AgentId{from.id}));
  if (!from.name.empty()) json.member("name", from.name);
  json.end_object();
}

void write_events(JsonWriter& json, std::span<const std::string> events_json) {
  json.key("events").begin_array();
  for (const std::string& text : events_json) json.raw(text);
  json.end_array();
}

void write_summaries(JsonWriter& json, std::span<const SummaryView> summaries) {
  json.key("conversations").begin_array();
  std::string text;
  for (const SummaryView& summary : summaries) {
    text.clear();
    append_summary(text, summary, Audience::agent);
    json.raw(text);
  }
  json.end_array();
}

}  // namespace

std::string_view sender_role_name(SenderRole role) {
  return role == SenderRole::visitor ? "visitor" : "agent";
}

std::string welcome(const WelcomeView& view) {
  std::string out;
  JsonWriter json = begin(out, "welcome");
  json.member("connection", view.connection);
  json.key("server").begin_object().member("name", "clearline").member("version", view.server_version).end_object();
  json.member("time", view.time.ms).member("epoch", to_text(view.epoch)).member("heartbeat_ms", view.heartbeat_ms);
  json.key("limits").begin_object();
  json.member("text_bytes", view.text_bytes_max).member("message_bytes", message_bytes_max);
  json.member("page_events", page_events_max).member("resume_events", view.resume_events_max).end_object();
  if (view.agent) {
    json.key("agent").begin_object().member("id", to_text(view.agent->id)).member("name", view.agent->name);
    json.member("display_name", view.agent->display_name).member("role", view.agent->role).end_object();
    json.key("sites").begin_array();
    for (const SiteView& site : view.sites)
      json.begin_object().member("site", site.key).member("name", site.name).end_object();
    json.end_array();
  } else {
    json.key("visitor").begin_object().member("id", to_text(view.visitor)).member("conv", to_text(view.conv));
    if (!view.new_token.empty()) json.member("token", view.new_token);
    json.end_object().member("agents_online", view.agents_online);
  }
  json.end_object();
  return out;
}

std::string ack(RequestId id, ConversationId conv, const ClientId& client_id, Seq seq, WallTime at, Epoch epoch,
                bool duplicate) {
  std::string out;
  JsonWriter json = begin(out, "ack");
  json.member("id", id).member("conv", to_text(conv)).member("client_id", to_text(client_id)).member("seq", seq);
  json.member("at", at.ms).member("epoch", to_text(epoch)).member("duplicate", duplicate).end_object();
  return out;
}

std::string error(std::optional<RequestId> id, registry::ErrorName name, std::string_view message,
                  std::optional<std::int64_t> retry_after_ms) {
  std::string out;
  JsonWriter json = begin(out, "error");
  if (id) json.member("id", *id);
  json.member("error", registry::error_name(name)).member("message", message);
  json.member("retryable", registry::error_retryable(name));
  if (retry_after_ms) json.member("retry_after_ms", *retry_after_ms);
  json.end_object();
  return out;
}

void append_event(std::string& out, const EventView& view) {
  JsonWriter json(out);
  json.begin_object().member("seq", view.seq).member("at", view.at.ms).member("kind", view.kind);
  write_sender(json, view.from);
  if (view.client_id != nullptr) json.member("client_id", to_text(*view.client_id));
  if (view.kind == "message") json.member("text", view.text);
  json.end_object();
}

std::string event(ConversationId conv, const EventView& view) {
  std::string out;
  out.reserve(320 + view.text.size());
  out += R"({"t":"event","conv":")";
  out += to_text(conv);
  out += R"(","event":)";
  append_event(out, view);
  out += '}';
  return out;
}

std::string events(ConversationId conv, std::span<const std::string> events_json) {
  std::string out;
  JsonWriter json = begin(out, "events");
  json.member("conv", to_text(conv));
  write_events(json, events_json);
  json.end_object();
  return out;
}

std::string page(RequestId id, ConversationId conv, std::span<const std::string> events_json, bool more) {
  std::string out;
  JsonWriter json = begin(out, "page");
  json.member("id", id).member("conv", to_text(conv));
  write_events(json, events_json);
  json.member("more", more).end_object();
  return out;
}

void append_summary(std::string& out, const SummaryView& view, Audience audience) {
  JsonWriter json(out);
  json.begin_object().member("conv", to_text(view.conv)).member("site", view.site);
  if (audience == Audience::agent) json.member("version", view.version);
  json.member("status", view.open ? "open" : "closed").member("created_at", view.created_at.ms);
  json.key("visitor").begin_object().member("id", to_text(view.visitor)).member("online", view.visitor_online);
  json.end_object().member("last_seq", view.last_seq).member("last_at", view.last_at.ms).key("last");
  if (view.last_role) {
    json.begin_object().member("kind", "message").member("role", sender_role_name(*view.last_role));
    json.member("text", view.last_text).end_object();
  } else {
    json.null();
  }
  if (audience == Audience::agent) {
    json.member("unread", view.unread).key("waiting_since");
    if (view.waiting_since) {
      json.value(view.waiting_since->ms);
    } else {
      json.null();
    }
  }
  json.member("visitor_delivered", view.visitor_delivered).member("visitor_seen", view.visitor_seen);
  json.member("agents_delivered", view.agents_delivered).member("agents_seen", view.agents_seen).end_object();
}

std::string watching(std::optional<RequestId> id, ConversationId conv, Epoch epoch, Seq last_seq, Seq first_seq,
                     bool more, const SummaryView& state, Audience audience) {
  std::string out;
  JsonWriter json = begin(out, "watching");
  if (id) json.member("id", *id);
  json.member("conv", to_text(conv)).member("epoch", to_text(epoch)).member("last_seq", last_seq);
  json.member("first_seq", first_seq).member("more", more);
  std::string summary;
  append_summary(summary, state, audience);
  json.key("state").raw(summary).end_object();
  return out;
}

std::string reset(ConversationId conv, std::string_view reason) {
  std::string out;
  begin(out, "reset").member("conv", to_text(conv)).member("reason", reason).end_object();
  return out;
}

std::string typing(ConversationId conv, const SenderView& from, bool on) {
  std::string out;
  JsonWriter json = begin(out, "typing");
  json.member("conv", to_text(conv));
  write_sender(json, from);
  json.member("on", on).end_object();
  return out;
}

std::string receipt(ConversationId conv, SenderRole side, Seq delivered, Seq seen, std::int64_t unread) {
  std::string out;
  JsonWriter json = begin(out, "receipt");
  json.member("conv", to_text(conv)).member("role", sender_role_name(side)).member("delivered", delivered);
  json.member("seen", seen).member("unread", unread).end_object();
  return out;
}

std::string visitor_presence(ConversationId conv, bool online) {
  std::string out;
  begin(out, "presence").member("conv", to_text(conv)).member("online", online).end_object();
  return out;
}

std::string agents_presence(std::string_view site, bool agents_online) {
  std::string out;
  begin(out, "presence").member("site", site).member("agents_online", agents_online).end_object();
  return out;
}

std::string inbox(RequestId id, std::string_view site, InboxStatus status, std::span<const SummaryView> conversations,
                  std::string_view cursor) {
  std::string out;
  JsonWriter json = begin(out, "inbox");
  json.member("id", id).member("site", site).member("status", status == InboxStatus::open ? "open" : "closed");
  write_summaries(json, conversations);
  json.member("more", !cursor.empty()).member("cursor", cursor).end_object();
  return out;
}

std::string conversations(std::string_view site, std::span<const std::string_view> summaries_json) {
  std::string out;
  JsonWriter json = begin(out, "conversations");
  json.member("site", site).key("changed").begin_array();
  for (const std::string_view summary : summaries_json) json.raw(summary);
  json.end_array().end_object();
  return out;
}

std::string pong(std::int64_t n, WallTime time) {
  std::string out;
  begin(out, "pong").member("n", n).member("time", time.ms).end_object();
  return out;
}

std::string bye(std::uint16_t code, registry::Cause cause, std::string_view message, std::int64_t retry_after_ms,
                std::int64_t spread_ms, bool resume) {
  std::string out;
  JsonWriter json = begin(out, "bye");
  json.member("code", code).member("cause", registry::cause_name(cause)).member("message", message);
  json.member("retry_after_ms", retry_after_ms).member("spread_ms", spread_ms).member("resume", resume).end_object();
  return out;
}

}  // namespace clearline::wire
