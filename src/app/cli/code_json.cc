#include <optional>
#include <string>
#include <string_view>

#include "app/cli/code_output.h"
#include "registry/registry.h"
#include "registry/texts.h"
#include "wire/json.h"

namespace clearline::app {
namespace {

using registry::Audience;
using registry::Entry;
using wire::JsonWriter;

void write_told(JsonWriter& json, const Entry& entry, std::string_view language) {
  json.key("told");
  if (entry.told.empty()) {
    json.null();
    return;
  }
  json.begin_object()
      .member("language", language)
      .member("visitor", registry::told(entry.told, Audience::visitor, language))
      .member("agent", registry::told(entry.told, Audience::agent, language))
      .member("after_ms", entry.quiet_ms)
      .end_object();
}

void write_causes_of(JsonWriter& json, const Entry& entry) {
  json.key("causes").begin_array();
  for (const registry::CauseEntry& cause : registry::causes()) {
    if (!entry.is_range() && cause.status == entry.code_first) json.value(cause.name);
  }
  json.end_array();
}

void write_entry(JsonWriter& json, const Entry& entry, std::optional<std::uint16_t> code, std::string_view language) {
  json.begin_object();
  if (code) json.member("code", *code);
  json.member("first", entry.code_first).member("last", entry.code_last);
  json.member("id", entry.id).member("name", entry.name);
  json.key("constant");
  entry.constant.empty() ? json.null() : json.value(entry.constant);
  json.member("source", entry.source).member("meaning", entry.meaning).member("sender", entry.sender);
  json.member("wire", registry::wire_rule_name(entry.wire));
  json.member("valid_on_wire", registry::valid_on_wire_when_received(entry.code_first));
  json.member("server_may_send", registry::may_be_sent(entry.code_first, registry::Role::server));
  json.member("client_may_send", registry::may_be_sent(entry.code_first, registry::Role::client));
  json.member("browser_may_send", entry.browser_may_send);
  json.member("clearline", entry.what_clearline_does);
  json.member("again", registry::again_policy(entry.again).name);
  write_causes_of(json, entry);
  write_told(json, entry, language);
  json.member("help", entry.help).end_object();
}

void write_again(JsonWriter& json, const registry::AgainPolicy& again) {
  json.begin_object().member("name", again.name).member("text", again.text);
  json.member("action", registry::again_action_name(again.action));
  json.member("outbox", registry::outbox_rule_name(again.outbox));
  json.member("renew_token", again.renew_token).member("resync", again.resync).member("reload", again.reload);
  json.member("honours_hint", again.honours_hint).member("may_hurry", again.may_hurry);
  json.member("tries_max", again.tries_max).member("first_window_ms", again.first_window_ms);
  json.member("floor_ms", again.floor_ms).member("backoff_base_ms", again.backoff_base_ms);
  json.member("backoff_cap_ms", again.backoff_cap_ms);
  json.member("stop_if_repeated_within_ms", again.stop_if_repeated_within_ms).end_object();
}

void write_cause(JsonWriter& json, const registry::CauseEntry& cause) {
  json.begin_object().member("name", cause.name).member("group", cause.group);
  json.member("origin", registry::origin_name(cause.origin)).member("status", cause.status);
  json.key("status_varies");
  cause.status_varies.empty() ? json.null() : json.value(cause.status_varies);
  json.member("text", cause.text).end_object();
}

void write_error(JsonWriter& json, const registry::ErrorEntry& error, std::string_view language) {
  json.begin_object().member("name", error.name).member("retryable", error.retryable).member("text", error.text);
  json.key("told").begin_object().member("language", language);
  json.member("visitor", registry::told(error.told, Audience::visitor, language));
  json.member("agent", registry::told(error.told, Audience::agent, language)).end_object();
  json.end_object();
}

}  // namespace

std::string code_table_json(std::string_view language) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("version", 1).key("codes").begin_array();
  for (const Entry& entry : registry::entries()) write_entry(json, entry, std::nullopt, language);
  json.end_array().key("again").begin_array();
  for (const registry::AgainPolicy& again : registry::again_policies()) write_again(json, again);
  json.end_array().key("causes").begin_array();
  for (const registry::CauseEntry& cause : registry::causes()) write_cause(json, cause);
  json.end_array().key("errors").begin_array();
  for (const registry::ErrorEntry& error : registry::errors()) write_error(json, error, language);
  json.end_array().end_object();
  return out + "\n";
}

std::string code_entry_json(std::uint16_t code, std::string_view language) {
  std::string out;
  JsonWriter json(out);
  write_entry(json, registry::lookup(code), code, language);
  return out + "\n";
}

}  // namespace clearline::app
