#include "app/visitor_token.h"

#include <sodium.h>

#include <cstdint>
#include <cstring>

namespace clearline::app {

namespace {

constexpr std::string_view prefix = "v1.";
constexpr std::size_t payload_bytes = 3 * 8;
constexpr std::size_t token_bytes = payload_bytes + crypto_auth_BYTES;
constexpr int base64_variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

void put(unsigned char* out, std::int64_t value) {
  for (int i = 0; i < 8; ++i) out[i] = static_cast<unsigned char>(static_cast<std::uint64_t>(value) >> (56 - 8 * i));
}

std::int64_t get(const unsigned char* in) {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = (value << 8) | in[i];
  return static_cast<std::int64_t>(value);
}

const unsigned char* key_data(const VisitorTokens::Key& key) {
  return reinterpret_cast<const unsigned char*>(key.data());
}

}  // namespace

static_assert(VisitorTokens::key_bytes == crypto_auth_KEYBYTES);

std::string VisitorTokens::sign(const VisitorIdentity& identity) const {
  std::array<unsigned char, token_bytes> bytes;
  put(bytes.data(), identity.visitor.value());
  put(bytes.data() + 8, identity.conversation.value());
  put(bytes.data() + 16, identity.site.value());
  crypto_auth(bytes.data() + payload_bytes, bytes.data(), payload_bytes, key_data(key_));
  std::array<char, sodium_base64_ENCODED_LEN(token_bytes, base64_variant)> text;
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), base64_variant);
  return std::string(prefix) + text.data();
}

std::optional<VisitorIdentity> VisitorTokens::verify(std::string_view token) const {
  if (!token.starts_with(prefix)) return std::nullopt;
  token.remove_prefix(prefix.size());
  std::array<unsigned char, token_bytes> bytes;
  std::size_t length = 0;
  if (sodium_base642bin(bytes.data(), bytes.size(), token.data(), token.size(), nullptr, &length, nullptr,
                        base64_variant) != 0 ||
      length != token_bytes)
    return std::nullopt;
  if (crypto_auth_verify(bytes.data() + payload_bytes, bytes.data(), payload_bytes, key_data(key_)) != 0)
    return std::nullopt;
  return VisitorIdentity{VisitorId{get(bytes.data())}, ConversationId{get(bytes.data() + 8)},
                         SiteId{get(bytes.data() + 16)}};
}

}  // namespace clearline::app
