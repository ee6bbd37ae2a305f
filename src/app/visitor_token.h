// A visitor's identity: a signed token, so that a visitor costs the store nothing before its first message.
//
//   "v1." base64url( visitor id, conversation id, site id: 8 bytes each, big-endian; then 32 bytes of HMAC-SHA-512-256
//   )
//
// The key is a fact of the database: a token outlives restarts, and means nothing to another installation.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace clearline::app {

struct VisitorIdentity {
  VisitorId visitor;
  ConversationId conversation;
  SiteId site;
  friend bool operator==(const VisitorIdentity&, const VisitorIdentity&) = default;
};

class VisitorTokens {
 public:
  static constexpr std::size_t key_bytes = 32;
  using Key = std::array<std::byte, key_bytes>;

  explicit VisitorTokens(const Key& key) : key_(key) {}

  [[nodiscard]] std::string sign(const VisitorIdentity& identity) const;
  // Nothing unless this key signed it. Compares in constant time.
  [[nodiscard]] std::optional<VisitorIdentity> verify(std::string_view token) const;

 private:
  Key key_;
};

}  // namespace clearline::app
