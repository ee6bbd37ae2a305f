#include "app/cli/replay/server_message.h"

#include <fmt/core.h>

#include <array>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <utility>

namespace clearline::app::replay {

namespace {

namespace json = boost::json;

// Most of what an agent hears is not for the replay. The server writes `t` first, so these need no parse; were it to
// write another order, they would be parsed and come out as Other just the same.
constexpr std::array<std::string_view, 5> not_acted_on{R"({"t":"conversations")", R"({"t":"receipt")",
                                                       R"({"t":"presence")", R"({"t":"pong")", R"({"t":"typing")"};

// Reads members and remembers the first that is missing or wrong, so that a message is read straight through.
class Members {
 public:
  explicit Members(const json::object& object) : object_(object) {}

  std::string_view text(std::string_view name) {
    const json::value* value = object_.if_contains(name);
    if (value == nullptr || !value->is_string()) return refuse(name, std::string_view());
    return value->get_string();
  }
  std::string_view text_or_empty(std::string_view name) { return object_.contains(name) ? text(name) : ""; }
  std::int64_t integer(std::string_view name) {
    const json::value* value = object_.if_contains(name);
    if (value == nullptr || !value->is_int64()) return refuse(name, std::int64_t{0});
    return value->get_int64();
  }
  std::int64_t integer_or(std::string_view name, std::int64_t otherwise) {
    return object_.contains(name) ? integer(name) : otherwise;
  }
  bool flag(std::string_view name) {
    const json::value* value = object_.if_contains(name);
    if (value == nullptr || !value->is_bool()) return refuse(name, false);
    return value->get_bool();
  }
  template <typename Id>
  Id id(std::string_view name, std::optional<Id> (*from_text)(std::string_view)) {
    const auto parsed = from_text(text(name));
    return parsed ? *parsed : refuse(name, Id{});
  }
  ConversationId conv() { return id("conv", conversation_id_from_text); }
  const json::object* object(std::string_view name) {
    const json::value* value = object_.if_contains(name);
    return value != nullptr && value->is_object() ? &value->get_object() : refuse<const json::object*>(name, nullptr);
  }
  const json::array* array(std::string_view name) {
    const json::value* value = object_.if_contains(name);
    return value != nullptr && value->is_array() ? &value->get_array() : refuse<const json::array*>(name, nullptr);
  }
  [[nodiscard]] bool contains(std::string_view name) const { return object_.contains(name); }

  [[nodiscard]] bool good() const { return wrong_.empty(); }
  [[nodiscard]] std::string_view wrong() const { return wrong_; }

 private:
  template <typename Value>
  Value refuse(std::string_view name, Value value) {
    if (wrong_.empty()) wrong_ = name;
    return value;
  }

  const json::object& object_;
  std::string_view wrong_;
};

// False when the event is not one.
bool read_event(const json::object& object, Seen& seen) {
  Members event(object);
  seen.seq = event.integer("seq");
  seen.is_message = event.text("kind") == "message";
  if (!seen.is_message) return event.good();
  seen.text = event.text("text");
  seen.client_id = event.id("client_id", client_id_from_text);
  const json::object* from = event.object("from");
  if (from == nullptr) return false;
  Members sender(*from);
  const std::string_view role = sender.text("role");
  seen.from = role == "agent" ? Speaker::agent : Speaker::customer;
  return event.good() && (role == "agent" || role == "visitor");
}

bool read_events(const json::array* array, std::vector<Seen>& events) {
  if (array == nullptr) return false;
  events.reserve(array->size());
  for (const json::value& value : *array) {
    Seen seen;
    if (!value.is_object() || !read_event(value.get_object(), seen)) return false;
    events.push_back(seen);
  }
  return true;
}

Welcome read_welcome(Members& members) {
  Welcome welcome;
  welcome.epoch = members.id("epoch", epoch_from_text);
  welcome.heartbeat_ms = members.integer("heartbeat_ms");
  if (!members.contains("visitor")) return welcome;
  if (const json::object* object = members.object("visitor")) {
    Members visitor(*object);
    welcome.conv = visitor.conv();
    welcome.token = visitor.text_or_empty("token");
  }
  return welcome;
}

Ack read_ack(Members& members) {
  Ack ack;
  ack.id = members.integer("id");
  ack.conv = members.conv();
  ack.client_id = members.id("client_id", client_id_from_text);
  ack.seq = members.integer("seq");
  ack.epoch = members.id("epoch", epoch_from_text);
  ack.duplicate = members.flag("duplicate");
  return ack;
}

ErrorReply read_error(Members& members) {
  ErrorReply error;
  if (members.contains("id")) error.id = members.integer("id");
  error.name = members.text("error");
  error.message = members.text_or_empty("message");
  error.retryable = members.flag("retryable");
  error.retry_after_ms = members.integer_or("retry_after_ms", 0);
  return error;
}

Watching read_watching(Members& members) {
  Watching watching;
  watching.conv = members.conv();
  watching.epoch = members.id("epoch", epoch_from_text);
  watching.last_seq = members.integer("last_seq");
  watching.first_seq = members.integer("first_seq");
  watching.more = members.flag("more");
  return watching;
}

Bye read_bye(Members& members) {
  Bye bye;
  const std::int64_t code = members.integer("code");
  bye.code = static_cast<std::uint16_t>(code >= 0 && code <= 65535 ? code : 0);
  bye.cause = members.text_or_empty("cause");
  bye.message = members.text_or_empty("message");
  bye.retry_after_ms = members.integer_or("retry_after_ms", 0);
  bye.spread_ms = members.integer_or("spread_ms", 0);
  return bye;
}

tl::unexpected<Error> bad(std::string_view type, std::string_view member) {
  return fail(ErrorCode::invalid_argument,
              fmt::format("the server sent a \"{}\" whose \"{}\" is missing or wrong", type, member));
}

template <typename Message>
Result<ServerMessage> checked(const Members& members, std::string_view type, Message message) {
  if (!members.good()) return bad(type, members.wrong());
  return ServerMessage(std::move(message));
}

Result<ServerMessage> read_object(const json::object& object) {
  Members members(object);
  const std::string_view type = members.text("t");
  if (!members.good()) return bad("message", "t");
  if (type == "ack") return checked(members, type, read_ack(members));
  if (type == "event") {
    Events events{members.conv(), std::vector<Seen>(1)};
    const json::object* event = members.object("event");
    if (event == nullptr || !read_event(*event, events.events.front())) return bad(type, "event");
    return checked(members, type, std::move(events));
  }
  if (type == "events") {
    Events events{members.conv(), {}};
    if (!read_events(members.array("events"), events.events)) return bad(type, "events");
    return checked(members, type, std::move(events));
  }
  if (type == "welcome") return checked(members, type, read_welcome(members));
  if (type == "watching") return checked(members, type, read_watching(members));
  if (type == "page") {
    Page page{members.integer("id"), members.conv(), {}, members.flag("more")};
    if (!read_events(members.array("events"), page.events)) return bad(type, "events");
    return checked(members, type, std::move(page));
  }
  if (type == "error") return checked(members, type, read_error(members));
  if (type == "reset") return checked(members, type, Reset{members.conv(), members.text("reason")});
  if (type == "bye") return checked(members, type, read_bye(members));
  return ServerMessage(Other{});
}

}  // namespace

struct MessageReader::Memory {
  std::array<unsigned char, 64 * 1024> buffer;
  json::monotonic_resource resource{buffer.data(), buffer.size()};
  std::optional<json::value> root;  // lives in the resource
};

MessageReader::MessageReader() : memory_(std::make_unique<Memory>()) {}
MessageReader::~MessageReader() = default;

Result<ServerMessage> MessageReader::read(std::string_view text) {
  for (const std::string_view beginning : not_acted_on) {
    if (text.substr(0, beginning.size()) == beginning) return ServerMessage(Other{});
  }
  memory_->root.reset();
  memory_->resource.release();
  json::error_code error;
  memory_->root.emplace(json::parse(text, error, &memory_->resource));
  if (error || !memory_->root->is_object())
    return fail(ErrorCode::invalid_argument, "the server sent a text that is not a JSON object");
  return read_object(memory_->root->get_object());
}

}  // namespace clearline::app::replay
