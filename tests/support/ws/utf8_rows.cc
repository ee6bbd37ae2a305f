#include "support/ws/utf8_rows.h"

#include <charconv>
#include <fstream>
#include <stdexcept>
#include <string_view>

namespace clearline::ws::testing {
namespace {

// The file's lines are flat objects without white space; the values wanted here hold no escape.
std::string_view value_of(std::string_view line, std::string_view key) {
  const std::string prefix = "\"" + std::string(key) + "\":";
  const std::size_t at = line.find(prefix);
  if (at == line.npos) throw std::runtime_error("no " + prefix + " in " + std::string(line));
  line.remove_prefix(at + prefix.size());
  if (line.front() != '"') return line.substr(0, line.find_first_of(",}"));
  line.remove_prefix(1);
  return line.substr(0, line.find('"'));
}

Utf8Row parse_row(std::string_view line) {
  Utf8Row row;
  row.id = value_of(line, "id");
  row.bytes = from_hex(value_of(line, "hex"));
  row.valid = value_of(line, "valid") == "true";
  if (row.valid) return row;
  row.incomplete = value_of(line, "incomplete") == "true";
  const std::string_view detect_at = value_of(line, "detect_at");
  std::from_chars(detect_at.data(), detect_at.data() + detect_at.size(), row.detect_at);
  return row;
}

}  // namespace

std::vector<Utf8Row> read_utf8_rows(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot open " + path);
  std::vector<Utf8Row> rows;
  for (std::string line; std::getline(file, line);) rows.push_back(parse_row(line));
  return rows;
}

}  // namespace clearline::ws::testing
