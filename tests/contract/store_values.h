// Values for the tests of stores: no two fields alike, so that a swapped column shows.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "chat/types.h"

namespace clearline::store {

[[nodiscard]] chat::ClientId client_id(std::uint64_t number);
[[nodiscard]] chat::Event message(chat::Seq seq, std::string_view text, chat::Role role = chat::Role::visitor);
[[nodiscard]] chat::Event closed(chat::Seq seq);
[[nodiscard]] chat::Event reopened(chat::Seq seq);
// The texts of tests/data/unicode.jsonl.
[[nodiscard]] std::vector<std::string> unicode_texts();

// message(1) … message(count).
[[nodiscard]] std::vector<chat::Event> messages(chat::Seq count);

[[nodiscard]] chat::Conversation conversation(std::int64_t id);
[[nodiscard]] chat::Site site(std::int64_t id, std::string_view key);
[[nodiscard]] chat::Agent agent(std::int64_t id, std::string_view name, std::vector<chat::SiteId> sites);
[[nodiscard]] chat::Session session(int token, chat::AgentId agent, WallTime expires_at);

[[nodiscard]] std::vector<chat::Seq> seqs_of(const std::vector<chat::Event>& events);
[[nodiscard]] std::vector<std::int64_t> ids_of(const std::vector<chat::Conversation>& conversations);

// The value, or a failed test with the error's message (and a default value to go on with).
template <typename T>
[[nodiscard]] T value_of(Result<T> result) {
  if (result) return std::move(*result);
  ADD_FAILURE() << error_code_name(result.error().code) << ": " << result.error().message;
  return T{};
}

template <typename T>
[[nodiscard]] testing::AssertionResult is_ok(const Result<T>& result) {
  if (result) return testing::AssertionSuccess();
  return testing::AssertionFailure() << error_code_name(result.error().code) << ": " << result.error().message;
}

// Failed with this code, and its message has all the words.
template <typename T>
[[nodiscard]] testing::AssertionResult fails_with(const Result<T>& result, ErrorCode code,
                                                  std::initializer_list<std::string_view> words = {}) {
  if (result) return testing::AssertionFailure() << "succeeded";
  const Error& error = result.error();
  if (error.code != code) return testing::AssertionFailure() << error_code_name(error.code) << ": " << error.message;
  for (const std::string_view word : words)
    if (error.message.find(word) == std::string::npos)
      return testing::AssertionFailure() << "no \"" << word << "\" in: " << error.message;
  return testing::AssertionSuccess();
}

}  // namespace clearline::store
