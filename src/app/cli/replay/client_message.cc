#include "app/cli/replay/client_message.h"

#include "wire/json.h"

namespace clearline::app::replay {

namespace {

wire::JsonWriter begin(std::string& out, std::string_view type) {
  out.clear();
  wire::JsonWriter json(out);
  json.begin_object().member("t", type);
  return json;
}

void append_client(wire::JsonWriter& json) {
  json.key("client").begin_object().member("name", "replay").member("version", "1").end_object();
}

void append_resume(wire::JsonWriter& json, std::span<const ResumeFrom> points) {
  if (points.empty()) return;
  json.key("resume").begin_array();
  for (const ResumeFrom& point : points) {
    json.begin_object()
        .member("conv", to_text(point.conv))
        .member("epoch", to_text(point.epoch))
        .member("seq", point.seq)
        .end_object();
  }
  json.end_array();
}

}  // namespace

void write_visitor_hello(std::string& out, std::string_view site, std::string_view token,
                         const std::optional<ResumeFrom>& resume) {
  wire::JsonWriter json = begin(out, "hello");
  json.member("role", "visitor").member("site", site);
  if (!token.empty()) json.member("token", token);
  append_client(json);
  if (resume) append_resume(json, std::span(&*resume, 1));
  json.end_object();
}

void write_agent_hello(std::string& out, std::string_view ticket, std::span<const ResumeFrom> resume) {
  wire::JsonWriter json = begin(out, "hello");
  json.member("role", "agent").member("ticket", ticket);
  append_client(json);
  append_resume(json, resume);
  json.end_object();
}

void write_send(std::string& out, std::int64_t id, ConversationId conv, const ClientId& client_id,
                std::string_view text) {
  begin(out, "send")
      .member("id", id)
      .member("conv", to_text(conv))
      .member("client_id", to_text(client_id))
      .member("text", text)
      .end_object();
}

void write_watch(std::string& out, std::int64_t id, const ResumeFrom& after) {
  begin(out, "watch")
      .member("id", id)
      .member("conv", to_text(after.conv))
      .member("epoch", to_text(after.epoch))
      .member("after", after.seq)
      .end_object();
}

void write_unwatch(std::string& out, ConversationId conv) {
  begin(out, "unwatch").member("conv", to_text(conv)).end_object();
}

void write_history(std::string& out, std::int64_t id, ConversationId conv, Seq before, int limit) {
  begin(out, "history")
      .member("id", id)
      .member("conv", to_text(conv))
      .member("before", before)
      .member("limit", limit)
      .end_object();
}

void write_receipt(std::string& out, ConversationId conv, Seq delivered, Seq seen) {
  begin(out, "receipt").member("conv", to_text(conv)).member("delivered", delivered).member("seen", seen).end_object();
}

void write_ping(std::string& out, std::int64_t n) {
  begin(out, "ping").member("n", n).member("visible", true).end_object();
}

}  // namespace clearline::app::replay
