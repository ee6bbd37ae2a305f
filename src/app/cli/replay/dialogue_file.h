// Files of dialogues: one JSON object a line,
//   {"id":…, "turns":[{"speaker":"customer"|"agent", "text":…, "t_ms":…}, …]}
// Other members are ignored. t_ms is optional: milliseconds since the first turn, never going back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace clearline::app::replay {

enum class Speaker : std::uint8_t { customer, agent };

struct Turn {
  Speaker speaker = Speaker::customer;
  std::string text;
  std::optional<std::int64_t> t_ms;
};

struct Dialogue {
  std::string id;
  std::vector<Turn> turns;  // at least one
};

// Reads files one after the other; ids are unique over all of them.
class DialogueReader {
 public:
  void read_file(const std::string& path);
  // `name` stands for the file in what is wrong.
  void read_stream(std::istream& in, const std::string& name);

  // "dialogues.jsonl:7: turn 3 has an empty text"; empty when all is well.
  [[nodiscard]] const std::vector<std::string>& problems() const { return problems_; }
  [[nodiscard]] std::vector<Dialogue> take_dialogues() { return std::move(dialogues_); }

 private:
  void read_line(std::string_view line, const std::string& place);

  std::vector<Dialogue> dialogues_;
  std::vector<std::string> problems_;
  std::unordered_map<std::string, std::string> first_seen_;  // id -> place
};

}  // namespace clearline::app::replay
