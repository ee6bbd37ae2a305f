// The errors that every store words alike.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "chat/types.h"

namespace clearline::store {

inline constexpr std::size_t page_limit_max = 10'000;

// invalid_argument unless 1 <= limit <= page_limit_max.
[[nodiscard]] Result<void> check_limit(std::string_view call, std::size_t limit);

[[nodiscard]] tl::unexpected<Error> seq_taken(chat::ConversationId id, const chat::Event& event);
[[nodiscard]] tl::unexpected<Error> client_id_taken(chat::ConversationId id, const chat::Event& event);
[[nodiscard]] tl::unexpected<Error> log_is_open();
[[nodiscard]] tl::unexpected<Error> site_exists(const chat::Site& site);
[[nodiscard]] tl::unexpected<Error> no_such_site(chat::SiteId id);
[[nodiscard]] tl::unexpected<Error> agent_exists(const chat::Agent& agent);
[[nodiscard]] tl::unexpected<Error> no_such_agent(chat::AgentId id);
[[nodiscard]] tl::unexpected<Error> session_exists(chat::AgentId agent);

// After one call of a transaction has failed, the others fail with this: half a batch must not be committed.
[[nodiscard]] tl::unexpected<Error> transaction_failed(const Error& first);

}  // namespace clearline::store
