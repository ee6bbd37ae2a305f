#include "app/cli/inspect/came_back.h"
#include "app/cli/inspect/report.h"
#include "app/cli/inspect/safe_text.h"
#include "wire/json.h"

namespace clearline::app::inspect {

namespace {

using wire::JsonWriter;

constexpr std::size_t text_bytes_max = 1024;

void write_probe(JsonWriter& json, const Probe& probe) {
  json.member("name", probe.name).member("group", group_name(probe.group)).member("section", probe.section);
  json.member("sent", probe.sent).member("demanded", probe.expect.words);
}

std::string_view tcp_name(TcpEnd end) {
  switch (end) {
    case TcpEnd::fin:
      return "fin";
    case TcpEnd::reset:
      return "rst";
    default:
      return "open";
  }
}

void write_close(JsonWriter& json, const std::optional<ReceivedClose>& close) {
  json.key("close");
  if (!close) {
    json.null();
    return;
  }
  json.begin_object().key("code");
  close->code ? json.value(*close->code) : json.null();
  json.member("reason", safe_text(close->reason, text_bytes_max)).end_object();
}

void write_seen(JsonWriter& json, const ProbeResult& result) {
  json.key("came_back");
  if (!result.made) {
    json.null();
    return;
  }
  const Observation& seen = result.seen;
  json.begin_object().member("text", came_back(result.probe, seen));
  json.key("http_status");
  seen.http ? json.value(seen.http->status) : json.null();
  std::size_t messages = 0;
  std::size_t pongs = 0;
  for (const Event& event : seen.reply.events) {
    if (event.kind == EventKind::text || event.kind == EventKind::binary) ++messages;
    if (event.kind == EventKind::pong) ++pongs;
  }
  json.member("messages", messages).member("pongs", pongs);
  write_close(json, seen.reply.close);
  json.member("tcp", tcp_name(seen.tcp)).member("waited_ms", seen.waited_ms);
  json.key("released");
  seen.released ? json.value(*seen.released) : json.null();
  json.end_object();
}

}  // namespace

std::string report_json(const InspectionResult& inspection, std::string_view url) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("version", 1).member("url", url).key("server").begin_object();
  json.member("name", inspection.facts.server).member("echoes", inspection.facts.echoes);
  json.member("grants_compression", inspection.facts.grants_compression).end_object();
  json.key("probes").begin_array();
  for (const ProbeResult& result : inspection.results) {
    json.begin_object();
    write_probe(json, result.probe);
    write_seen(json, result);
    json.member("verdict", verdict_name(result.judgement.verdict));
    json.member("note", safe_text(result.judgement.note, text_bytes_max)).end_object();
  }
  json.end_array().key("counts").begin_object();
  for (std::size_t verdict = 0; verdict < verdict_count; ++verdict)
    json.member(verdict_name(static_cast<Verdict>(verdict)), inspection.counts[verdict]);
  json.end_object().member("seconds", static_cast<std::int64_t>(inspection.seconds)).end_object();
  return out + "\n";
}

std::string list_json(const std::vector<Probe>& probes) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("version", 1).key("probes").begin_array();
  for (const Probe& probe : probes) {
    json.begin_object();
    write_probe(json, probe);
    json.key("needs").begin_object().member("echo", probe.needs.echo).member("compression", probe.needs.compression);
    json.member("message_limit", probe.needs.message_limit).end_object().end_object();
  }
  json.end_array().end_object();
  return out + "\n";
}

}  // namespace clearline::app::inspect
