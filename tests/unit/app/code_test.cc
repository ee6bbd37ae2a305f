#include "app/cli/code.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdint>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "registry/registry.h"
#include "registry/texts.h"

namespace clearline::app {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct Outcome {
  int exit_status = 0;
  std::string out;
  std::string err;
};

Outcome code(const std::vector<std::string>& arguments) {
  std::ostringstream out;
  std::ostringstream err;
  const int exit_status = run_code(arguments, out, err);
  return {exit_status, out.str(), err.str()};
}

boost::json::value json_of(const std::vector<std::string>& arguments) {
  const Outcome run = code(arguments);
  EXPECT_EQ(run.exit_status, 0) << run.err;
  return boost::json::parse(run.out);  // throws when the output is not JSON, which fails the test
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(Code, WithoutArgumentsPrintsALineForEveryEntry) {
  const Outcome run = code({});
  EXPECT_EQ(run.exit_status, 0);
  EXPECT_EQ(run.err, "");
  const std::vector<std::string> lines = lines_of(run.out);
  ASSERT_GT(lines.size(), registry::entries().size());
  for (std::size_t index = 0; index < registry::entries().size(); ++index) {
    const registry::Entry& entry = registry::entries()[index];
    const std::string& line = lines[index + 1];
    EXPECT_THAT(line, StartsWith(std::to_string(entry.code_first)));
    EXPECT_THAT(line, HasSubstr(std::string(entry.name)));
    EXPECT_LE(line.size(), 80U) << line;
  }
}

TEST(Code, ExplainsOneCode) {
  const Outcome run = code({"1006"});
  EXPECT_EQ(run.exit_status, 0);
  EXPECT_THAT(run.out, StartsWith("1006 Abnormal Closure (CLOSE_ABNORMAL)\n"));
  EXPECT_THAT(run.out, HasSubstr("without a Close frame"));
  EXPECT_THAT(run.out, HasSubstr("Who may send it  nobody"));
  EXPECT_THAT(run.out, HasSubstr("On the wire      never"));
  EXPECT_THAT(run.out, HasSubstr("eof_without_close"));
  EXPECT_THAT(run.out, HasSubstr("Visitor is told  Reconnecting"));
}

TEST(Code, EveryEntryIsWrappedAndNamesWhatMattersAboutIt) {
  for (const registry::Entry& entry : registry::entries()) {
    const Outcome run = code({std::to_string(entry.code_last)});
    EXPECT_EQ(run.exit_status, 0);
    for (const char* label : {"Meaning", "Who may send it", "On the wire", "Clearline", "Client returns",
                              "Visitor is told", "Agent is told", "Operator"}) {
      EXPECT_THAT(run.out, HasSubstr(std::string("\n  ") + label)) << entry.id;
    }
    // The texts have a few characters of more than one byte, and no word longer than a line.
    for (const std::string& line : lines_of(run.out)) EXPECT_LE(line.size(), 80U + 16U) << line;
  }
}

TEST(Code, AnUnknownNumberGetsTheEntryOfItsRange) {
  const Outcome run = code({"4002"});
  EXPECT_EQ(run.exit_status, 0);
  EXPECT_THAT(run.out, StartsWith("4002 is in 4000-4099: Final\n"));
  EXPECT_THAT(code({"0"}).out, StartsWith("0 is in 0-999: "));
  EXPECT_THAT(code({"65535"}).out, StartsWith("65535 is in 5000-65535: "));
}

TEST(Code, LeavesOutPlaceholdersOfWhatItCannotKnow) {
  EXPECT_THAT(code({"1013"}).out, HasSubstr("Trying again in … s"));
  EXPECT_THAT(code({"1011"}).out, HasSubstr("(id …)"));
}

TEST(Code, SaysWhatPeopleAreToldInTheirLanguage) {
  const std::string_view chinese = registry::told("reconnecting", registry::Audience::visitor, "zh");
  EXPECT_THAT(code({"1006", "--lang", "zh"}).out, HasSubstr(std::string(chinese)));
  EXPECT_THAT(code({"--lang=zh-CN", "1006"}).out, HasSubstr(std::string(chinese)));
  EXPECT_THAT(code({"1006"}).out, Not(HasSubstr(std::string(chinese))));
}

TEST(Code, PrintsOneEntryAsJson) {
  const boost::json::value entry = json_of({"1010", "--json"});
  EXPECT_EQ(entry.at("code").as_int64(), 1010);
  EXPECT_EQ(entry.at("first").as_int64(), 1010);
  EXPECT_EQ(entry.at("last").as_int64(), 1010);
  EXPECT_EQ(entry.at("constant").as_string(), "CLOSE_MANDATORY_EXTENSION");
  EXPECT_EQ(entry.at("wire").as_string(), "client_only");
  EXPECT_TRUE(entry.at("valid_on_wire").as_bool());
  EXPECT_FALSE(entry.at("server_may_send").as_bool());
  EXPECT_TRUE(entry.at("client_may_send").as_bool());
  EXPECT_FALSE(entry.at("browser_may_send").as_bool());
  EXPECT_EQ(entry.at("causes").as_array().at(0).as_string(), "missing_extension");
  EXPECT_EQ(entry.at("told").at("language").as_string(), "en");
}

TEST(Code, PrintsARangeAsJsonWithTheNumberAskedFor) {
  const boost::json::value entry = json_of({"--json", "3001"});
  EXPECT_EQ(entry.at("code").as_int64(), 3001);
  EXPECT_EQ(entry.at("first").as_int64(), 3000);
  EXPECT_EQ(entry.at("last").as_int64(), 3999);
  EXPECT_TRUE(entry.at("constant").is_null());
}

TEST(Code, WhatIsToldNobodyIsNullInJson) {
  EXPECT_TRUE(json_of({"4901", "--json"}).at("told").is_null());
}

TEST(Code, PrintsTheWholeRegistryAsJson) {
  const boost::json::value all = json_of({"--json", "--lang", "ar"});
  const boost::json::array& codes = all.at("codes").as_array();
  ASSERT_EQ(codes.size(), registry::entries().size());
  for (std::size_t index = 0; index < codes.size(); ++index) {
    const registry::Entry& entry = registry::entries()[index];
    EXPECT_EQ(codes[index].at("first").as_int64(), entry.code_first);
    EXPECT_EQ(codes[index].at("last").as_int64(), entry.code_last);
    EXPECT_EQ(std::string_view(codes[index].at("name").as_string()), entry.name);
    EXPECT_EQ(std::string_view(codes[index].at("help").as_string()), entry.help);
    if (entry.told.empty()) continue;
    EXPECT_EQ(std::string_view(codes[index].at("told").at("agent").as_string()),
              registry::told(entry.told, registry::Audience::agent, "ar"));
  }
  EXPECT_EQ(all.at("causes").as_array().size(), registry::causes().size());
  EXPECT_EQ(all.at("errors").as_array().size(), registry::errors().size());
  EXPECT_EQ(all.at("again").as_array().size(), registry::again_policies().size());
}

struct Nonsense {
  std::vector<std::string> arguments;
  std::string what;
};

class CodeRefuses : public testing::TestWithParam<Nonsense> {};

TEST_P(CodeRefuses, AndSaysWhatIsWrong) {
  const Outcome run = code(GetParam().arguments);
  EXPECT_EQ(run.exit_status, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_THAT(run.err, StartsWith("clearline code: "));
  EXPECT_THAT(run.err, HasSubstr(GetParam().what));
  EXPECT_THAT(run.err, HasSubstr("clearline code --help"));
}

INSTANTIATE_TEST_SUITE_P(
    All, CodeRefuses,
    testing::Values(Nonsense{{"abc"}, "'abc' is not a code"}, Nonsense{{"-1"}, "'-1' is negative"},
                    Nonsense{{"70000"}, "'70000' is too large"}, Nonsense{{"65536"}, "'65536' is too large"},
                    Nonsense{{"99999999999999999999999"}, "is too large"}, Nonsense{{"1006x"}, "'1006x' is not a code"},
                    Nonsense{{"10.5"}, "'10.5' is not a code"}, Nonsense{{"+1000"}, "'+1000' is not a code"},
                    Nonsense{{" 1000"}, "' 1000' is not a code"}, Nonsense{{"0x3e8"}, "'0x3e8' is not a code"},
                    Nonsense{{"-"}, "'-' is not a code"}, Nonsense{{""}, "the code is empty"},
                    Nonsense{{"1000", "1006"}, "'1000' and '1006' were given"},
                    Nonsense{{"1000", "1000"}, "one code at a time"}, Nonsense{{"--jsn"}, "unknown option '--jsn'"},
                    Nonsense{{"-j"}, "unknown option '-j'"}, Nonsense{{"--lang"}, "--lang needs a language: en, "},
                    Nonsense{{"--lang", "tlh"}, "no language 'tlh'; known are en, "},
                    Nonsense{{"--lang="}, "no language ''"}, Nonsense{{"1000", "--json", "x"}, "and 'x' were given"}));

TEST(Code, HelpNamesEveryOptionAndLanguage) {
  for (const char* option : {"--help", "-h"}) {
    const Outcome run = code({option});
    EXPECT_EQ(run.exit_status, 0);
    EXPECT_EQ(run.err, "");
    for (const char* word : {"Usage: clearline code", "--json", "--lang", "--help", "Exit status"}) {
      EXPECT_THAT(run.out, HasSubstr(word));
    }
    for (const registry::Language& language : registry::languages()) {
      EXPECT_THAT(run.out, HasSubstr(std::string(language.tag)));
    }
  }
}

TEST(Code, FailsWhenTheOutputTakesNoMore) {
  std::ostringstream out;
  std::ostringstream err;
  out.setstate(std::ios::badbit);
  EXPECT_EQ(run_code({}, out, err), 1);
  EXPECT_THAT(err.str(), HasSubstr("could not be written"));
}

}  // namespace
}  // namespace clearline::app
