#include "store/errors.h"

#include <fmt/core.h>

#include <cstdint>
#include <string>

#include "base/base32.h"

namespace clearline::store {

namespace {

std::string id_text(char letter, std::int64_t value) {
  return id_to_text(letter, static_cast<std::uint64_t>(value));
}

// The 36-character form, lower case.
std::string uuid_text(const chat::ClientId& id) {
  std::string text;
  for (std::size_t i = 0; i < id.bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += fmt::format("{:02x}", std::to_integer<unsigned>(id.bytes[i]));
  }
  return text;
}

std::string event_text(chat::ConversationId id, const chat::Event& event) {
  return fmt::format("conversation {}, event with seq {} and client_id {}", id_text('c', id.value()), event.seq,
                     event.client_id ? uuid_text(*event.client_id) : "none");
}

}  // namespace

Result<void> check_limit(std::string_view call, std::size_t limit) {
  if (limit >= 1 && limit <= page_limit_max) return {};
  return fail(ErrorCode::invalid_argument,
              fmt::format("{}: limit is {}, it must be 1 to {}", call, limit, page_limit_max));
}

tl::unexpected<Error> seq_taken(chat::ConversationId id, const chat::Event& event) {
  return fail(ErrorCode::conflict, event_text(id, event) + ": the seq is in the log already");
}

tl::unexpected<Error> client_id_taken(chat::ConversationId id, const chat::Event& event) {
  return fail(ErrorCode::conflict, event_text(id, event) + ": the client_id is in the log already");
}

tl::unexpected<Error> log_is_open() {
  return fail(ErrorCode::conflict, "open_log: the log is open already; there is one writer at a time");
}

tl::unexpected<Error> site_exists(const chat::Site& site) {
  return fail(ErrorCode::already_exists,
              fmt::format("site \"{}\" ({}): the key or the id is taken", site.key, id_text('s', site.id.value())));
}

tl::unexpected<Error> no_such_site(chat::SiteId id) {
  return fail(ErrorCode::not_found, fmt::format("site {}: there is none", id_text('s', id.value())));
}

tl::unexpected<Error> agent_exists(const chat::Agent& agent) {
  return fail(ErrorCode::already_exists, fmt::format("agent \"{}\" ({}): the name or the id is taken", agent.name,
                                                     id_text('a', agent.id.value())));
}

tl::unexpected<Error> no_such_agent(chat::AgentId id) {
  return fail(ErrorCode::not_found, fmt::format("agent {}: there is none", id_text('a', id.value())));
}

tl::unexpected<Error> session_exists(chat::AgentId agent) {
  return fail(ErrorCode::already_exists,
              fmt::format("session of agent {}: its token is in use already", id_text('a', agent.value())));
}

tl::unexpected<Error> transaction_failed(const Error& first) {
  return fail(first.code, "the transaction failed before and can only be rolled back: " + first.message);
}

}  // namespace clearline::store
