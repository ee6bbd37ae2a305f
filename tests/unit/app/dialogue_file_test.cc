#include "app/cli/replay/dialogue_file.h"

#include <gtest/gtest.h>

#include <sstream>

#include "temporary_directory.h"

namespace clearline::app::replay {
namespace {

// What is wrong with one line, without its place.
std::string problem(const std::string& line) {
  DialogueReader reader;
  std::istringstream in(line);
  reader.read_stream(in, "file");
  if (reader.problems().size() != 1) return std::to_string(reader.problems().size()) + " problems";
  return reader.problems()[0];
}

TEST(DialogueFile, IsReadWithItsTextsByteForByte) {
  DialogueReader reader;
  std::istringstream in(
      "{\"id\":\"a\",\"source\":\"x\",\"turns\":[{\"speaker\":\"customer\",\"text\":\"\\u0000 \\ud83d\\ude00 "
      "\xE4\xBD\xA0\",\"t_ms\":0},"
      "{\"speaker\":\"agent\",\"text\":\" "
      "\",\"t_ms\":5}]}\r\n\n{\"id\":\"b\",\"turns\":[{\"speaker\":\"agent\",\"text\":"
      "\"hi\"}]}");
  reader.read_stream(in, "file");
  EXPECT_TRUE(reader.problems().empty()) << reader.problems()[0];
  const auto dialogues = reader.take_dialogues();
  ASSERT_EQ(dialogues.size(), 2u);
  EXPECT_EQ(dialogues[0].id, "a");
  ASSERT_EQ(dialogues[0].turns.size(), 2u);
  EXPECT_EQ(dialogues[0].turns[0].text, std::string("\0 \xF0\x9F\x98\x80 \xE4\xBD\xA0", 10));
  EXPECT_EQ(dialogues[0].turns[1].speaker, Speaker::agent);
  EXPECT_EQ(dialogues[0].turns[1].t_ms, 5);
  EXPECT_EQ(dialogues[1].turns[0].t_ms, std::nullopt);
}

TEST(DialogueFile, NamesWhatIsWrongAndWhere) {
  EXPECT_EQ(problem("{\"id\":\"a\"").substr(0, 17), "file:1: bad JSON:");
  EXPECT_EQ(problem("[]"), "file:1: the line is not a JSON object");
  EXPECT_EQ(problem("{\"turns\":[]}"), "file:1: the dialogue has no \"id\"");
  EXPECT_EQ(problem("{\"id\":7}"), "file:1: the dialogue has a \"id\" that is not a string");
  EXPECT_EQ(problem("{\"id\":\"\"}"), "file:1: the dialogue has an empty \"id\"");
  const std::string no_turns = "file:1: the dialogue has no \"turns\", which must be an array with at least one turn";
  EXPECT_EQ(problem("{\"id\":\"a\"}"), no_turns);
  EXPECT_EQ(problem("{\"id\":\"a\",\"turns\":[]}"), no_turns);
  EXPECT_EQ(problem(R"({"id":"a","turns":[7]})"), "file:1: turn 1 is not an object");
  EXPECT_EQ(problem(R"({"id":"a","turns":[{"text":"x"}]})"), "file:1: turn 1 has no \"speaker\"");
  EXPECT_EQ(problem(R"({"id":"a","turns":[{"speaker":"bot","text":"x"}]})"),
            "file:1: turn 1 has the unknown speaker \"bot\"; customer and agent are known");
  EXPECT_EQ(problem(R"({"id":"a","turns":[{"speaker":"agent","text":"x"},{"speaker":"agent","text":""}]})"),
            "file:1: turn 2 has an empty text");
  EXPECT_EQ(problem(R"({"id":"a","turns":[{"speaker":"agent"}]})"), "file:1: turn 1 has no \"text\"");
  EXPECT_EQ(problem(R"({"id":"a","turns":[{"speaker":"agent","text":")" + std::string(16385, 'x') + "\"}]}"),
            "file:1: turn 1 has a text of 16385 bytes; the limit is 16384");
  EXPECT_EQ(problem(R"({"id":"a","turns":[{"speaker":"agent","text":"x","t_ms":"1"}]})"),
            "file:1: turn 1 has a \"t_ms\" that is not a whole number of milliseconds");
  EXPECT_EQ(problem(R"({"id":"a","turns":[{"speaker":"agent","text":"x","t_ms":9},)"
                    R"({"speaker":"agent","text":"y","t_ms":8}]})"),
            "file:1: turn 2 has t_ms 8, before the turn above (9)");
}

TEST(DialogueFile, RefusesTextThatIsNoText) {
  EXPECT_EQ(problem(R"({"id":"a","turns":[{"speaker":"agent","text":"\ud800"}]})").substr(0, 17), "file:1: bad JSON:");
  EXPECT_EQ(problem("{\"id\":\"a\",\"turns\":[{\"speaker\":\"agent\",\"text\":\"\xFF\"}]}").substr(0, 17),
            "file:1: bad JSON:");
}

TEST(DialogueFile, HasUniqueIdsOverAllFiles) {
  DialogueReader reader;
  std::istringstream first(
      "\n"
      R"({"id":"a","turns":[{"speaker":"agent","text":"x"}]})");
  std::istringstream second(R"({"id":"a","turns":[{"speaker":"agent","text":"x"}]})");
  reader.read_stream(first, "one");
  reader.read_stream(second, "two");
  ASSERT_EQ(reader.problems().size(), 1u);
  EXPECT_EQ(reader.problems()[0], "two:1: the id \"a\" stands at one:2 already");
}

TEST(DialogueFile, MustBeThere) {
  TemporaryDirectory temporary;
  DialogueReader reader;
  reader.read_file(temporary.path() / "none.jsonl");
  reader.read_file(temporary.path());
  std::istringstream empty("\n\n");
  reader.read_stream(empty, "empty");
  ASSERT_EQ(reader.problems().size(), 3u);
  EXPECT_EQ(reader.problems()[0], (temporary.path() / "none.jsonl").string() + ": No such file or directory");
  EXPECT_EQ(reader.problems()[1], temporary.path().string() + ": is a directory; name the files in it");
  EXPECT_EQ(reader.problems()[2], "empty: holds no dialogue");
}

}  // namespace
}  // namespace clearline::app::replay
