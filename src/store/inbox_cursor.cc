#include "store/inbox_cursor.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/base32.h"

namespace clearline::store {

namespace {

constexpr std::size_t cursor_length = 3 * id_text_length;
constexpr std::size_t shown_bytes_max = 60;

char status_letter(chat::ConversationStatus status) {
  return status == chat::ConversationStatus::open ? 'o' : 'x';
}

std::string part(char letter, std::int64_t value) {
  return id_to_text(letter, static_cast<std::uint64_t>(value));
}

// The cursor comes from a client: show it in a message only as far as it is short and printable.
std::string shown(std::string_view cursor) {
  std::string text(cursor.substr(0, shown_bytes_max));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return cursor.size() > shown_bytes_max ? text + "…" : text;
}

tl::unexpected<Error> refuse(std::string_view cursor, std::string_view why) {
  return fail(ErrorCode::invalid_argument, fmt::format("inbox cursor \"{}\": {}", shown(cursor), why));
}

}  // namespace

std::string inbox_cursor(chat::SiteId site, chat::ConversationStatus status, InboxPosition position) {
  return part('s', site.value()) + part(status_letter(status), position.last_at.ms) + part('c', position.id.value());
}

Result<InboxPosition> parse_inbox_cursor(std::string_view cursor, chat::SiteId site, chat::ConversationStatus status) {
  if (cursor.size() != cursor_length)
    return refuse(cursor, fmt::format("has {} bytes, a cursor has {}", cursor.size(), cursor_length));
  const auto of_site = id_from_text('s', cursor.substr(0, id_text_length));
  const auto last_at = id_from_text(status_letter(status), cursor.substr(id_text_length, id_text_length));
  const auto id = id_from_text('c', cursor.substr(2 * id_text_length));
  if (!of_site || !last_at || !id || static_cast<std::int64_t>(*of_site) != site.value())
    return refuse(cursor, "is not from this inbox");
  return InboxPosition{WallTime{static_cast<std::int64_t>(*last_at)},
                       chat::ConversationId{static_cast<std::int64_t>(*id)}};
}

}  // namespace clearline::store
