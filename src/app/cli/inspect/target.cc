#include "app/cli/inspect/target.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "http/request.h"
#include "ws/handshake.h"
#include "ws/http_lists.h"

namespace clearline::app::inspect {

namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::string_view key_field = "Sec-WebSocket-Key";
constexpr std::string_view extensions_field = "Sec-WebSocket-Extensions";
constexpr std::string_view subprotocol_field = "Sec-WebSocket-Protocol";

std::vector<std::string_view> as_views(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

std::vector<HeaderView> as_views(const std::vector<http::Header>& headers) {
  std::vector<HeaderView> views;
  for (const http::Header& header : headers) views.push_back({header.name, header.value});
  return views;
}

Result<std::string> ordinary_request(const Target& target, std::string_view key) {
  const auto subprotocols = as_views(target.subprotocols);
  const auto headers = as_views(target.headers);
  ws::ClientRequest request{.host = target.host_field, .target = target.path, .key = key};
  if (target.origin) request.origin = *target.origin;
  request.subprotocols = subprotocols;
  request.headers = headers;
  return ws::make_request(request);
}

// The fields of a request that ws::make_request wrote.
std::vector<http::Header> fields_of(std::string_view request) {
  std::vector<http::Header> fields;
  request.remove_prefix(request.find(line_end) + line_end.size());
  while (!request.starts_with(line_end)) {
    const std::size_t end = request.find(line_end);
    const std::string_view line = request.substr(0, end);
    const std::size_t colon = line.find(": ");
    fields.push_back({std::string(line.substr(0, colon)), std::string(line.substr(colon + 2))});
    request.remove_prefix(end + line_end.size());
  }
  return fields;
}

void edit_fields(std::vector<http::Header>& fields, const RequestEdits& edits) {
  std::erase_if(fields, [&](const http::Header& field) {
    return std::any_of(edits.without.begin(), edits.without.end(),
                       [&](const std::string& name) { return http::equal_without_case(field.name, name); });
  });
  fields.insert(fields.end(), edits.with.begin(), edits.with.end());
  for (std::size_t i = 0; i < edits.padding_fields; ++i) fields.push_back({fmt::format("X-Padding-{}", i), "x"});
  if (edits.padding_bytes > 0) fields.push_back({"X-Padding", std::string(edits.padding_bytes, 'x')});
}

std::string request_target(const Target& target, const RequestEdits& edits) {
  std::string text = target.path;
  if (edits.absolute_target) text = (target.tls ? "https://" : "http://") + target.host_field + target.path;
  if (edits.target_padding_bytes == 0) return text;
  text += target.path.find('?') == std::string::npos ? '?' : '&';
  return text.append(edits.target_padding_bytes, 'x');
}

// The extensions that a request offers; none if they break the grammar.
std::vector<ws::Extension> offers_of(const ProbeRequest& request) {
  return ws::parse_extensions(request.field(extensions_field)).value_or(std::vector<ws::Extension>());
}

bool names_parameter(const std::vector<ws::Extension>& extensions, std::string_view parameter_name) {
  return std::any_of(extensions.begin(), extensions.end(), [&](const ws::Extension& extension) {
    return std::any_of(extension.parameters.begin(), extension.parameters.end(),
                       [&](const auto& parameter) { return parameter.name == parameter_name; });
  });
}

// RFC 7692: what the answer may say depends on what was offered.
void read_compression(const ws::Agreed& agreed, const std::vector<ws::Extension>& offers, OpeningAnswer& answer) {
  const ws::DeflateOptions no_wishes{.server_no_context_takeover = false, .client_no_context_takeover = false};
  const auto parameters = ws::agree_deflate(agreed, no_wishes);
  if (!parameters) {
    answer.http.invalid = parameters.error().reason;
    return;
  }
  constexpr std::string_view client_window = "client_max_window_bits";
  if (names_parameter(agreed.extensions, client_window) && !names_parameter(offers, client_window)) {
    answer.http.invalid = "the server limits the client's window, which was not offered";
    return;
  }
  answer.deflate = *parameters;
}

}  // namespace

std::string_view ProbeRequest::field(std::string_view name) const {
  const auto found = std::find_if(fields.begin(), fields.end(), [name](const http::Header& field) {
    return http::equal_without_case(field.name, name);
  });
  return found == fields.end() ? std::string_view() : std::string_view(found->value);
}

Result<ProbeRequest> make_probe_request(const Target& target, const Probe& probe, std::string_view key) {
  CLEARLINE_TRY(const std::string ordinary, ordinary_request(target, key));
  const RequestEdits& edits = probe.request;
  ProbeRequest request{.fields = fields_of(ordinary)};
  edit_fields(request.fields, edits);
  if (probe.offers_compression) request.fields.push_back({std::string(extensions_field), "permessage-deflate"});
  request.text = fmt::format("{} {} {}{}", edits.method, request_target(target, edits), edits.version, line_end);
  for (const http::Header& field : request.fields) request.text += field.name + ": " + field.value + "\r\n";
  request.text += line_end;
  return request;
}

OpeningAnswer read_answer(const http::ReceivedResponse& response, const ProbeRequest& request) {
  OpeningAnswer answer;
  answer.http.status = response.status;
  for (const HeaderView& header : response.headers)
    answer.http.headers.push_back({std::string(header.name), std::string(header.value)});
  if (response.status != 101) return answer;

  const std::vector<ws::Extension> offers = offers_of(request);
  const std::vector<HeaderView> fields = as_views(request.fields);
  const auto subprotocols = ws::list_elements(fields, subprotocol_field);
  const ws::ClientRequest sent{.key = request.field(key_field), .subprotocols = subprotocols, .extensions = offers};
  const auto agreed = ws::check_response({response.status, response.headers}, sent);
  if (agreed) {
    read_compression(*agreed, offers, answer);
  } else {
    answer.http.invalid = agreed.error().reason;
  }
  return answer;
}

}  // namespace clearline::app::inspect
