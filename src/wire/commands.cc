#include "wire/commands.h"

#include <fmt/core.h>

#include <array>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parser.hpp>
#include <boost/json/value.hpp>
#include <limits>

namespace clearline::wire {

namespace {

namespace json = boost::json;
using registry::ErrorName;

constexpr std::int64_t integer_max = (std::int64_t{1} << 53) - 1;  // what a JavaScript client can count to

std::string_view view(const json::string& text) {
  return {text.data(), text.size()};
}

// Reads the members of one message; the first thing wrong is kept and everything after it is a no-op, so that each
// message type reads as a list of its members.
class Members {
 public:
  Members(const json::object& object, std::string_view type) : object_(object), type_(type) {}

  void fail(ErrorName name, std::string_view member, std::string_view what) {
    if (!error_) error_ = ParseError{name, fmt::format("{}.{} {}", type_, member, what), std::nullopt};
  }
  [[nodiscard]] const std::optional<ParseError>& error() const { return error_; }

  const json::value* find(std::string_view member) const { return object_.if_contains({member.data(), member.size()}); }

  std::string string(std::string_view member, std::size_t bytes_max) {
    const json::value* value = find(member);
    if (value == nullptr) return missing<std::string>(member);
    return string_of(*value, member, bytes_max);
  }
  std::string optional_string(std::string_view member, std::size_t bytes_max) {
    const json::value* value = find(member);
    return value == nullptr || value->is_null() ? std::string() : string_of(*value, member, bytes_max);
  }

  std::int64_t integer(std::string_view member, std::int64_t least, std::int64_t most) {
    const json::value* value = find(member);
    if (value == nullptr) return missing<std::int64_t>(member);
    return integer_of(*value, member, least, most);
  }
  std::int64_t optional_integer(std::string_view member, std::int64_t otherwise, std::int64_t least,
                                std::int64_t most) {
    const json::value* value = find(member);
    return value == nullptr ? otherwise : integer_of(*value, member, least, most);
  }

  std::optional<bool> optional_boolean(std::string_view member) {
    const json::value* value = find(member);
    if (value == nullptr) return std::nullopt;
    if (const bool* flag = value->if_bool()) return *flag;
    fail(ErrorName::bad_message, member, "is not true or false");
    return std::nullopt;
  }

  RequestId request_id() { return integer("id", 0, integer_max); }

  ConversationId conversation() {
    const std::string text = string("conv", 64);
    const auto id = conversation_id_from_text(text);
    if (!id) fail(ErrorName::bad_message, "conv", "is not a conversation's id");
    return id.value_or(ConversationId{});
  }
  Epoch epoch() {
    const auto value = epoch_from_text(string("epoch", 64));
    if (!value) fail(ErrorName::bad_message, "epoch", "is not 16 hexadecimal digits");
    return value.value_or(Epoch{});
  }
  ClientId client_id() {
    const auto id = client_id_from_text(string("client_id", 64));
    if (!id) fail(ErrorName::bad_client_id, "client_id", "is not a UUID in lower case");
    return id.value_or(ClientId{});
  }

 private:
  template <typename Value>
  Value missing(std::string_view member) {
    fail(ErrorName::bad_message, member, "is missing");
    return {};
  }
  std::string string_of(const json::value& value, std::string_view member, std::size_t bytes_max) {
    const json::string* text = value.if_string();
    if (text == nullptr) {
      fail(ErrorName::bad_message, member, "is not a string");
      return {};
    }
    if (text->size() > bytes_max) {
      fail(ErrorName::too_large, member, fmt::format("has {} bytes, the limit is {}", text->size(), bytes_max));
      return {};
    }
    return std::string(view(*text));
  }
  std::int64_t integer_of(const json::value& value, std::string_view member, std::int64_t least, std::int64_t most) {
    const std::int64_t* number = value.if_int64();
    if (number == nullptr || *number < least || *number > most) {
      fail(ErrorName::bad_message, member, fmt::format("is not an integer from {} to {}", least, most));
      return 0;
    }
    return *number;
  }

  const json::object& object_;
  std::string_view type_;
  std::optional<ParseError> error_;
};

// The text's own limit (16 KiB) is the domain's to judge; here only what fits a message at all.
constexpr std::size_t any_text_bytes_max = message_bytes_max;

void read_resume(Members& members, Hello& hello) {
  const json::value* value = members.find("resume");
  if (value == nullptr) return;
  const json::array* points = value->if_array();
  if (points == nullptr) return members.fail(ErrorName::bad_message, "resume", "is not an array");
  if (points->size() > resume_points_max)
    return members.fail(ErrorName::bad_message, "resume", fmt::format("has more than {} entries", resume_points_max));
  for (const json::value& point : *points) {
    const json::object* object = point.if_object();
    if (object == nullptr) return members.fail(ErrorName::bad_message, "resume", "has an entry that is not an object");
    Members entry(*object, "hello.resume[]");
    ResumePoint& read = hello.resume.emplace_back();
    read.conv = entry.conversation();
    read.epoch = entry.epoch();
    read.seq = entry.integer("seq", 0, integer_max);
    if (entry.error()) return members.fail(entry.error()->name, "resume", "has a bad entry: " + entry.error()->message);
  }
}

ClientMessage read_hello(Members& members) {
  Hello hello;
  const std::string role = members.string("role", 16);
  if (role == "visitor") {
    hello.site = members.string("site", 64);
    hello.token = members.optional_string("token", 1024);
  } else if (role == "agent") {
    hello.role = HelloRole::agent;
    hello.ticket = members.string("ticket", 256);
  } else {
    members.fail(ErrorName::bad_message, "role", "is not \"visitor\" or \"agent\"");
  }
  if (const json::value* client = members.find("client"); client != nullptr && client->is_object()) {
    Members names(client->get_object(), "hello.client");
    hello.client_name = names.optional_string("name", 64);
    hello.client_version = names.optional_string("version", 64);
    if (names.error()) members.fail(names.error()->name, "client", "is bad: " + names.error()->message);
  }
  read_resume(members, hello);
  hello.visible = members.optional_boolean("visible").value_or(true);
  return hello;
}

ClientMessage read_send(Members& members) {
  Send send;
  send.id = members.request_id();
  send.conv = members.conversation();
  send.client_id = members.client_id();
  send.text = members.string("text", any_text_bytes_max);
  return send;
}

ClientMessage read_watch(Members& members) {
  Watch watch;
  watch.id = members.request_id();
  watch.conv = members.conversation();
  if (members.find("after") != nullptr)
    watch.after = ResumePoint{watch.conv, members.epoch(), members.integer("after", 0, integer_max)};
  return watch;
}

ClientMessage read_unwatch(Members& members) {
  return Unwatch{members.conversation()};
}

ClientMessage read_history(Members& members) {
  History history;
  history.id = members.request_id();
  history.conv = members.conversation();
  history.before = members.integer("before", 1, integer_max);
  history.limit = static_cast<std::size_t>(members.optional_integer("limit", 50, 1, page_events_max));
  return history;
}

ClientMessage read_typing(Members& members) {
  Typing typing;
  typing.conv = members.conversation();
  const auto on = members.optional_boolean("on");
  if (!on) members.fail(ErrorName::bad_message, "on", "is missing");
  typing.on = on.value_or(false);
  return typing;
}

ClientMessage read_receipt(Members& members) {
  Receipt receipt;
  receipt.conv = members.conversation();
  receipt.delivered = members.integer("delivered", 0, integer_max);
  receipt.seen = members.integer("seen", 0, integer_max);
  return receipt;
}

ClientMessage read_inbox(Members& members) {
  Inbox inbox;
  inbox.id = members.request_id();
  inbox.site = members.string("site", 64);
  const std::string status = members.string("status", 16);
  if (status == "closed") {
    inbox.status = InboxStatus::closed;
  } else if (status != "open") {
    members.fail(ErrorName::bad_message, "status", "is not \"open\" or \"closed\"");
  }
  inbox.limit = static_cast<std::size_t>(members.optional_integer("limit", 50, 1, inbox_page_max));
  inbox.cursor = members.optional_string("cursor", 256);
  return inbox;
}

ClientMessage read_close_conversation(Members& members) {
  CloseConversation close;
  close.id = members.request_id();
  close.conv = members.conversation();
  close.client_id = members.client_id();
  return close;
}

ClientMessage read_ping(Members& members) {
  return Ping{members.optional_integer("n", 0, 0, integer_max), members.optional_boolean("visible")};
}

struct Reader {
  std::string_view type;
  ClientMessage (*read)(Members&);
};

// The hot ones first.
constexpr std::array readers = {Reader{"send", read_send},       Reader{"receipt", read_receipt},
                                Reader{"typing", read_typing},   Reader{"ping", read_ping},
                                Reader{"watch", read_watch},     Reader{"history", read_history},
                                Reader{"unwatch", read_unwatch}, Reader{"inbox", read_inbox},
                                Reader{"hello", read_hello},     Reader{"close_conversation", read_close_conversation}};

bool is_surrogate_error(const boost::system::error_code& error) {
  return error == json::error::illegal_leading_surrogate || error == json::error::illegal_trailing_surrogate ||
         error == json::error::expected_utf16_escape;
}

// \uD800 … \uDBFF: the first half of a pair. Behind it Boost.JSON calls anything but a backslash plain bad syntax.
bool ends_with_high_surrogate(std::string_view text) {
  if (text.ends_with("\\")) text.remove_suffix(1);  // the next escape had begun
  if (text.size() < 6) return false;
  const std::string_view escape = text.substr(text.size() - 6);
  return escape[0] == '\\' && escape[1] == 'u' && (escape[2] == 'd' || escape[2] == 'D') &&
         std::string_view("89abAB").find(escape[3]) != std::string_view::npos;
}

tl::unexpected<ParseError> syntax_error(const boost::system::error_code& error, std::string_view text,
                                        std::size_t offset) {
  if (is_surrogate_error(error) || ends_with_high_surrogate(text.substr(0, offset)))
    return tl::unexpected<ParseError>(
        ParseError{ErrorName::lone_surrogate,
                   fmt::format("the message has a lone surrogate escape near byte {}, which no text can hold", offset),
                   std::nullopt});
  return tl::unexpected<ParseError>(
      ParseError{ErrorName::bad_json, fmt::format("the message is not JSON: {} near byte {}", error.message(), offset),
                 std::nullopt});
}

std::optional<RequestId> peek_request_id(const json::object& object) {
  const json::value* id = object.if_contains("id");
  if (id == nullptr || !id->is_int64() || id->get_int64() < 0 || id->get_int64() > integer_max) return std::nullopt;
  return id->get_int64();
}

tl::expected<ClientMessage, ParseError> read(const json::object& object) {
  const json::value* type = object.if_contains("t");
  const std::optional<RequestId> id = peek_request_id(object);
  if (type == nullptr || !type->is_string())
    return tl::unexpected<ParseError>(
        ParseError{ErrorName::bad_message, "the message has no type: a string member \"t\" is missing", id});
  const std::string_view name = view(type->get_string());
  for (const Reader& reader : readers) {
    if (reader.type != name) continue;
    Members members(object, reader.type);
    ClientMessage message = reader.read(members);
    if (!members.error()) return message;
    ParseError error = *members.error();
    error.id = id;
    return tl::unexpected<ParseError>(std::move(error));
  }
  return tl::unexpected<ParseError>(
      ParseError{ErrorName::unknown_type, fmt::format("there is no message type \"{}\"", name.substr(0, 40)), id});
}

}  // namespace

tl::expected<ClientMessage, ParseError> parse(std::string_view text) {
  // Chat messages are small: nearly every parse stays within these buffers and allocates nothing.
  std::array<unsigned char, 4096> arena;
  std::array<unsigned char, 1024> scratch;
  json::monotonic_resource memory(arena.data(), arena.size());
  json::parse_options options;
  options.max_depth = 8;
  json::parser parser(json::storage_ptr(&memory), options, scratch.data(), scratch.size());
  boost::system::error_code error;
  const std::size_t consumed = parser.write_some(text.data(), text.size(), error);
  if (error) return syntax_error(error, text, consumed);
  if (text.substr(consumed).find_first_not_of(" \t\r\n") != std::string_view::npos)
    return syntax_error(json::error::extra_data, text, consumed);
  const json::value value = parser.release();
  if (!value.is_object())
    return tl::unexpected<ParseError>(
        ParseError{ErrorName::bad_message, "the message is not a JSON object", std::nullopt});
  return read(value.get_object());
}

std::optional<RequestId> request_id(const ClientMessage& message) {
  return std::visit(
      [](const auto& command) -> std::optional<RequestId> {
        if constexpr (requires { command.id; }) return command.id;
        return std::nullopt;
      },
      message);
}

}  // namespace clearline::wire
