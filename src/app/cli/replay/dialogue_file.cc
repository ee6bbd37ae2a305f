#include "app/cli/replay/dialogue_file.h"

#include <fmt/core.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "base/result.h"
#include "chat/types.h"

namespace clearline::app::replay {

namespace {

namespace json = boost::json;

// Errors of this file are texts without a place; read_line puts it in front.
template <typename T>
using Checked = tl::expected<T, std::string>;
using tl::unexpected;

Checked<std::string> text_member(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr) return unexpected(fmt::format("has no \"{}\"", name));
  if (!value->is_string()) return unexpected(fmt::format("has a \"{}\" that is not a string", name));
  return std::string(value->as_string());
}

Checked<Speaker> parse_speaker(const std::string& name) {
  if (name == "customer") return Speaker::customer;
  if (name == "agent") return Speaker::agent;
  return unexpected(fmt::format("has the unknown speaker \"{}\"; customer and agent are known", name));
}

Checked<std::optional<std::int64_t>> parse_time(const json::object& object, std::int64_t not_before) {
  const json::value* value = object.if_contains("t_ms");
  if (value == nullptr) return std::nullopt;
  if (!value->is_int64() || value->as_int64() < 0)
    return unexpected(std::string("has a \"t_ms\" that is not a whole number of milliseconds"));
  if (value->as_int64() < not_before)
    return unexpected(fmt::format("has t_ms {}, before the turn above ({})", value->as_int64(), not_before));
  return value->as_int64();
}

Checked<Turn> parse_turn(const json::value& value, std::int64_t not_before) {
  if (!value.is_object()) return unexpected(std::string("is not an object"));
  const json::object& object = value.as_object();
  Turn turn;
  const auto speaker = text_member(object, "speaker").and_then(parse_speaker);
  if (!speaker) return unexpected(speaker.error());
  turn.speaker = *speaker;
  auto text = text_member(object, "text");
  if (!text) return unexpected(text.error());
  if (text->empty()) return unexpected(std::string("has an empty text"));
  if (text->size() > chat::text_bytes_max)
    return unexpected(fmt::format("has a text of {} bytes; the limit is {}", text->size(), chat::text_bytes_max));
  turn.text = *std::move(text);
  const auto time = parse_time(object, not_before);
  if (!time) return unexpected(time.error());
  turn.t_ms = *time;
  return turn;
}

Checked<Dialogue> parse_dialogue(std::string_view line) {
  json::error_code error;
  const json::value root = json::parse(line, error);
  if (error) return unexpected("bad JSON: " + error.message());
  if (!root.is_object()) return unexpected(std::string("the line is not a JSON object"));
  const json::object& object = root.as_object();
  Dialogue dialogue;
  auto id = text_member(object, "id");
  if (!id) return unexpected("the dialogue " + id.error());
  if (id->empty()) return unexpected(std::string("the dialogue has an empty \"id\""));
  dialogue.id = *std::move(id);
  const json::value* turns = object.if_contains("turns");
  if (turns == nullptr || !turns->is_array() || turns->as_array().empty())
    return unexpected(std::string("the dialogue has no \"turns\", which must be an array with at least one turn"));
  std::int64_t not_before = 0;
  for (const json::value& value : turns->as_array()) {
    auto turn = parse_turn(value, not_before);
    if (!turn) return unexpected(fmt::format("turn {} {}", dialogue.turns.size() + 1, turn.error()));
    not_before = turn->t_ms.value_or(not_before);
    dialogue.turns.push_back(*std::move(turn));
  }
  return dialogue;
}

}  // namespace

void DialogueReader::read_file(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    problems_.push_back(path + ": is a directory; name the files in it");
    return;
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    problems_.push_back(fmt::format("{}: {}", path, std::generic_category().message(errno)));
    return;
  }
  read_stream(file, path);
}

void DialogueReader::read_stream(std::istream& in, const std::string& name) {
  std::string line;
  std::size_t number = 0;
  const std::size_t before = dialogues_.size() + problems_.size();
  while (std::getline(in, line)) {
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    read_line(line, fmt::format("{}:{}", name, number));
  }
  if (in.bad()) problems_.push_back(fmt::format("{}:{}: cannot be read further", name, number + 1));
  if (dialogues_.size() + problems_.size() == before) problems_.push_back(name + ": holds no dialogue");
}

void DialogueReader::read_line(std::string_view line, const std::string& place) {
  auto dialogue = parse_dialogue(line);
  if (!dialogue) {
    problems_.push_back(fmt::format("{}: {}", place, dialogue.error()));
    return;
  }
  const auto [seen, is_new] = first_seen_.emplace(dialogue->id, place);
  if (!is_new) {
    problems_.push_back(fmt::format("{}: the id \"{}\" stands at {} already", place, dialogue->id, seen->second));
    return;
  }
  dialogues_.push_back(*std::move(dialogue));
}

}  // namespace clearline::app::replay
