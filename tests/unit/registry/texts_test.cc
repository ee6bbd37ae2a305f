#include "registry/texts.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "registry/registry.h"

namespace clearline::registry {
namespace {

constexpr std::array<Audience, 2> audiences{Audience::visitor, Audience::agent};

TEST(Texts, EveryLanguageHasWhatEveryStatusAndErrorTells) {
  ASSERT_GE(languages().size(), 6U);
  for (const Language& language : languages()) {
    for (const Audience audience : audiences) {
      for (const Entry& entry : entries()) {
        EXPECT_EQ(told(entry.told, audience, language.tag).empty(), entry.told.empty()) << language.tag << entry.id;
      }
      for (const ErrorEntry& error : errors()) {
        EXPECT_FALSE(told(error.told, audience, language.tag).empty()) << language.tag << error.name;
      }
    }
  }
}

// A code of the client itself needs no words: whoever pulled the cable or closed the page knows.
TEST(Texts, OnlyTheClientsOwnClosesTellNothing) {
  for (const Entry& entry : entries()) EXPECT_EQ(entry.told.empty(), entry.again == Again::own_close) << entry.id;
}

TEST(Texts, NoPlaceholderIsLeftAfterFilling) {
  const std::array<Placeholder, 3> values{{{"seconds", "7"}, {"id", "01J"}, {"detail", "expired"}}};
  for (const Language& language : languages()) {
    for (const Audience audience : audiences) {
      for (const Entry& entry : entries()) {
        const std::string_view sentence = told(entry.told, audience, language.tag);
        EXPECT_EQ(fill(sentence, values).find_first_of("[]{}"), std::string::npos) << sentence;
        EXPECT_EQ(fill(sentence, {}).find_first_of("[]{}"), std::string::npos) << sentence;
      }
    }
  }
}

TEST(Texts, FillPutsValuesInAndDropsPartsWithoutOne) {
  const std::array<Placeholder, 1> seven{{{"seconds", "7"}}};
  EXPECT_EQ(fill("Again[ in {seconds} s]; wait.", seven), "Again in 7 s; wait.");
  EXPECT_EQ(fill("Again[ in {seconds} s]; wait.", {}), "Again; wait.");
  EXPECT_EQ(fill("[{seconds} s][ ({id})]!", seven), "7 s!");
  EXPECT_EQ(fill("", seven), "");
}

TEST(Texts, FillLeavesAnotherFormAsItIs) {
  for (const std::string sentence : {"[", "]", "[]", "{seconds}", "[{seconds}", "[seconds]", "}{][", "[{seconds]"}) {
    EXPECT_EQ(fill(sentence, {}), sentence);
  }
}

TEST(Texts, AValueIsNotReadAsAPlaceholder) {
  const std::array<Placeholder, 1> nested{{{"detail", "[{detail}]"}}};
  EXPECT_EQ(fill("Wrong[: {detail}]", nested), "Wrong: [{detail}]");
}

TEST(Texts, ALanguageIsFoundByItsPrimarySubtag) {
  EXPECT_EQ(find_language("zh").value().tag, "zh");
  EXPECT_EQ(find_language("zh-CN").value().tag, "zh");
  EXPECT_EQ(find_language("de_AT").value().tag, "de");
  EXPECT_EQ(find_language("FR").value().tag, "fr");
  EXPECT_FALSE(find_language("tlh").has_value());
  EXPECT_FALSE(find_language("").has_value());
  EXPECT_EQ(languages()[0].tag, "en");
}

TEST(Texts, AudiencesAndLanguagesDiffer) {
  const std::string_view id = lookup(forbidden).told;
  EXPECT_NE(told(id, Audience::visitor, "en"), told(id, Audience::agent, "en"));
  EXPECT_NE(told(id, Audience::visitor, "en"), told(id, Audience::visitor, "ar"));
  EXPECT_EQ(told(id, Audience::visitor, "tlh"), told(id, Audience::visitor, "en"));
  EXPECT_EQ(told("no such text", Audience::visitor, "en"), "");
}

}  // namespace
}  // namespace clearline::registry
