#include "base/ids.h"

#include "base/base32.h"

namespace clearline {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

template <typename Id>
std::optional<Id> strong_id_from_text(char prefix, std::string_view text) {
  const auto value = id_from_text(prefix, text);
  // Zero is "none" and ids are positive, so that a database's signed integers hold them.
  if (!value || *value == 0 || *value > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
  return Id{static_cast<std::int64_t>(*value)};
}

constexpr bool is_uuid_dash(std::size_t position) {
  return position == 8 || position == 13 || position == 18 || position == 23;
}

}  // namespace

std::int64_t make_id(WallTime now, std::uint64_t random) {
  constexpr int random_bits = 21;
  constexpr std::uint64_t time_mask = (std::uint64_t{1} << 42) - 1;
  const std::uint64_t time = static_cast<std::uint64_t>(now.ms) & time_mask;
  const std::uint64_t low = random & ((std::uint64_t{1} << random_bits) - 1);
  const auto id = static_cast<std::int64_t>((time << random_bits) | low);
  return id != 0 ? id : 1;
}

std::string to_text(VisitorId id) {
  return id_to_text('v', static_cast<std::uint64_t>(id.value()));
}
std::string to_text(AgentId id) {
  return id_to_text('a', static_cast<std::uint64_t>(id.value()));
}
std::string to_text(ConversationId id) {
  return id_to_text('c', static_cast<std::uint64_t>(id.value()));
}

std::string to_text(Epoch epoch) {
  std::string text(16, '0');
  for (std::size_t i = 16; i-- > 0; epoch.value >>= 4) text[i] = hex_digits[epoch.value & 15];
  return text;
}

std::string to_text(const ClientId& id) {
  std::string text;
  text.reserve(36);
  for (const std::byte byte : id.bytes) {
    if (is_uuid_dash(text.size())) text += '-';
    const auto value = static_cast<unsigned>(byte);
    text += hex_digits[value >> 4];
    text += hex_digits[value & 15];
  }
  return text;
}

std::optional<VisitorId> visitor_id_from_text(std::string_view text) {
  return strong_id_from_text<VisitorId>('v', text);
}
std::optional<AgentId> agent_id_from_text(std::string_view text) {
  return strong_id_from_text<AgentId>('a', text);
}
std::optional<ConversationId> conversation_id_from_text(std::string_view text) {
  return strong_id_from_text<ConversationId>('c', text);
}

std::optional<Epoch> epoch_from_text(std::string_view text) {
  if (text.size() != 16) return std::nullopt;
  Epoch epoch;
  for (const char digit : text) {
    const int value = hex_value(digit);
    if (value < 0) return std::nullopt;
    epoch.value = (epoch.value << 4) | static_cast<std::uint64_t>(value);
  }
  return epoch;
}

std::optional<ClientId> client_id_from_text(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  ClientId id;
  std::size_t nibble = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_uuid_dash(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int value = hex_value(text[i]);
    if (value < 0) return std::nullopt;
    std::byte& byte = id.bytes[nibble / 2];
    byte = (byte << 4) | static_cast<std::byte>(value);
    ++nibble;
  }
  return id;
}

}  // namespace clearline
