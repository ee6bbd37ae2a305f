#include "app/cli/inspect/judge_handshake.h"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>

#include "http/request.h"

namespace clearline::app::inspect {

namespace {

const http::Header* find_field(const HttpAnswer& answer, std::string_view name) {
  const auto found = std::find_if(answer.headers.begin(), answer.headers.end(), [name](const http::Header& header) {
    return http::equal_without_case(header.name, name);
  });
  return found == answer.headers.end() ? nullptr : &*found;
}

Judgement judge_no_answer(const Observation& seen) {
  if (!seen.not_http.empty()) return {Verdict::wrong, "what came is no HTTP answer: " + seen.not_http};
  if (seen.tcp == TcpEnd::none) return {Verdict::wrong, "no answer at all"};
  return {Verdict::weak, "dropped without an HTTP answer"};
}

Judgement judge_refusal(const Expectation& expect, const HttpAnswer& answer) {
  if (answer.status == 101) return {expect.upgraded, expect.upgraded == Verdict::right ? "" : "accepted"};
  if (expect.ordinary_http) return {};
  const bool right = std::find(expect.statuses.begin(), expect.statuses.end(), answer.status) != expect.statuses.end();
  const bool client_error = answer.status >= 400 && answer.status < 500;
  if (!right && !client_error)
    return {Verdict::weak, fmt::format("HTTP {} does not say that the request is wrong", answer.status)};
  if (!expect.required_field.empty() && find_field(answer, expect.required_field) == nullptr)
    return {Verdict::weak, fmt::format("without the field {}", expect.required_field)};
  if (!right) return {Verdict::allowed, fmt::format("{} would say it better", expect.statuses.front())};
  return {};
}

Judgement judge_extension(const Expectation& expect, const HttpAnswer& answer) {
  const http::Header* field = find_field(answer, "Sec-WebSocket-Extensions");
  if (expect.extension == ExtensionRule::not_granted && field != nullptr)
    return {Verdict::wrong, "granted: " + field->value};
  if (expect.extension == ExtensionRule::granted_if_supported && field == nullptr)
    return {Verdict::weak, "declined a valid offer"};
  return {};
}

Judgement judge_acceptance(const Expectation& expect, const HttpAnswer& answer) {
  if (answer.status != 101) {
    const bool may_refuse = !expect.refused_subprotocol.empty() && answer.status >= 400 && answer.status < 500;
    return {may_refuse ? Verdict::allowed : Verdict::wrong, "refused"};
  }
  if (!answer.invalid.empty()) return {Verdict::wrong, answer.invalid};
  const http::Header* subprotocol = find_field(answer, "Sec-WebSocket-Protocol");
  if (!expect.refused_subprotocol.empty() && subprotocol != nullptr)
    return {Verdict::allowed, "takes any subprotocol: " + subprotocol->value};
  return judge_extension(expect, answer);
}

}  // namespace

Judgement judge_handshake(const Probe& probe, const Observation& seen) {
  if (!seen.http) {
    const Judgement none = judge_no_answer(seen);
    const bool must_accept = probe.expect.demand == Demand::accept_handshake;
    return {must_accept ? Verdict::wrong : none.verdict, none.note};
  }
  if (probe.expect.demand == Demand::refuse_handshake) return judge_refusal(probe.expect, *seen.http);
  return judge_acceptance(probe.expect, *seen.http);
}

}  // namespace clearline::app::inspect
