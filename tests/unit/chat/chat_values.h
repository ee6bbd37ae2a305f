// Short names for the values that the tests of chat/ are tables of.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "chat/decide.h"

namespace clearline::chat {

inline constexpr SiteId shop{11};
inline constexpr SiteId bank{12};
inline constexpr ConversationId id{101};

inline ClientId client_id(std::uint8_t number) {
  ClientId client_id;
  client_id.bytes.fill(static_cast<std::byte>(number));
  return client_id;
}

inline Actor visitor(std::int64_t visitor_id = 501) {
  static constexpr std::array own_site{shop};
  return {{Role::visitor, visitor_id}, false, own_site};
}
inline Actor shop_agent(std::int64_t agent_id = 601) {
  static constexpr std::array sites{shop};
  return {{Role::agent, agent_id}, false, sites};
}
inline Actor bank_agent() {
  static constexpr std::array sites{bank};
  return {{Role::agent, 602}, false, sites};
}
inline Actor admin() {
  return {{Role::agent, 603}, true, {}};
}

inline PostMessage post(std::uint8_t number, std::string text) {
  return {id, shop, client_id(number), std::move(text)};
}
inline CloseConversation close(std::uint8_t number) {
  return {id, client_id(number)};
}

// Decides, and takes the facts for granted.
inline Facts facts_of(const Conversation* state, const Actor& actor, const LogCommand& command, WallTime now) {
  auto decision = decide(state, std::nullopt, actor, command, now);
  if (!decision) {
    ADD_FAILURE() << "refused: " << decision.error().message;
    return {};
  }
  return std::get<Facts>(*decision);
}

// A conversation after a visitor's first message at 1,000 ms.
inline Conversation begun() {
  return facts_of(nullptr, visitor(), post(1, "Hello"), WallTime{1'000}).state;
}

// ... and after the next command.
inline Conversation after(const Conversation& state, const Actor& actor, const LogCommand& command, std::int64_t ms) {
  return facts_of(&state, actor, command, WallTime{ms}).state;
}

}  // namespace clearline::chat
