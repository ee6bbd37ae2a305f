#include "app/cli/inspect/probe_parts.h"

#include <fmt/core.h>

#include <utility>

#include "app/cli/inspect/raw_frame.h"

namespace clearline::app::inspect {

namespace {

std::string answer_words(const std::vector<ExpectedAnswer>& answers) {
  std::size_t pongs = 0;
  std::size_t messages = 0;
  for (const ExpectedAnswer& answer : answers) ++(answer.kind == EventKind::pong ? pongs : messages);
  std::string words;
  if (pongs > 0) words += pongs == 1 ? "pong, " : fmt::format("{} pongs, ", pongs);
  if (messages > 0) words += messages == 1 ? "echo, " : fmt::format("{} echoes, ", messages);
  return words;
}

}  // namespace

Step send(std::string bytes) {
  return {.action = Step::Action::send, .bytes = std::move(bytes)};
}

Step pause() {
  return {.action = Step::Action::pause};
}

Step await_answers() {
  return {.action = Step::Action::await_answers};
}

Expectation fails_with(registry::Cause cause, std::vector<std::uint16_t> also) {
  Expectation expect{.demand = Demand::fail_connection, .codes = {registry::status_for(cause)}};
  expect.words = fmt::format("Close {}", expect.codes.front());
  for (const std::uint16_t code : also) {
    expect.codes.push_back(code);
    expect.words += fmt::format(" or {}", code);
  }
  return expect;
}

Expectation answers_with(std::vector<ExpectedAnswer> answers, std::optional<std::uint16_t> close_code) {
  Expectation expect{.demand = Demand::answer, .answers = std::move(answers), .close_code = close_code};
  expect.words = answer_words(expect.answers);
  expect.words += close_code ? fmt::format("Close {}", *close_code) : "Close without a code";
  return expect;
}

Probe offence_probe(Group group, const Offence& offence) {
  Probe probe{.name = std::string(offence.name), .group = group};
  probe.section = offence.section;
  probe.sent = offence.sent;
  probe.steps = {send(offence.bytes + ping_frame(marker))};
  probe.expect = fails_with(offence.cause);
  return probe;
}

Probe exchange_probe(Group group, const Exchange& exchange) {
  Probe probe{.name = std::string(exchange.name), .group = group};
  probe.section = exchange.section;
  probe.sent = exchange.sent;
  probe.steps = {send(exchange.bytes), await_answers(), send(close_frame(registry::normal_closure))};
  probe.expect = answers_with(exchange.answers);
  return probe;
}

Probe echo_probe(Group group, const Exchange& exchange) {
  Probe probe = exchange_probe(group, exchange);
  probe.needs.echo = true;
  return probe;
}

ExpectedAnswer text_answer(std::string_view payload) {
  return {EventKind::text, std::string(payload)};
}

ExpectedAnswer pong_answer(std::string_view payload) {
  return {EventKind::pong, std::string(payload)};
}

}  // namespace clearline::app::inspect
