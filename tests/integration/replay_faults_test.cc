// clearline replay against a server that misbehaves: every kind of damage is noticed, every accident of a network and
// of a restart is mended.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "app/cli/replay.h"
#include "faulty_server.h"

namespace clearline::test {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

// Reads one agent's password, as from a terminal, for as long as it lives.
class StandardInput {
 public:
  explicit StandardInput(const std::string& text) : text_(text), before_(std::cin.rdbuf(text_.rdbuf())) {}
  StandardInput(const StandardInput&) = delete;
  StandardInput& operator=(const StandardInput&) = delete;
  ~StandardInput() { std::cin.rdbuf(before_); }

 private:
  std::istringstream text_;
  std::streambuf* before_;
};

class ReplayFaults : public ::testing::Test {
 protected:
  ReplayFaults() {
    std::string name = (std::filesystem::temp_directory_path() / "clearline-replay-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    directory_ = name;
    // The fault is always meant for a middle turn of the second dialogue; the first shows what is not touched.
    std::ofstream(directory_ / "dialogues.jsonl")
        << R"({"id":"untouched","turns":[{"speaker":"customer","text":"one"},{"speaker":"agent","text":"two"}]})"
        << '\n'
        << R"({"id":"touched","turns":[{"speaker":"customer","text":"hello"},{"speaker":"agent","text":"hi"},)"
        << R"({"speaker":"customer","text":"a"},{"speaker":"customer","text":"X"},{"speaker":"agent","text":"Y"},)"
        << R"({"speaker":"customer","text":"bye"}]})" << '\n';
  }
  ~ReplayFaults() override { std::filesystem::remove_all(directory_); }

  // Runs the replay to its end.
  int replay(const Faults& faults, std::vector<std::string> more = {}) {
    FaultyServer server(faults);
    const StandardInput password("correct horse\n");
    std::vector<std::string> arguments{(directory_ / "dialogues.jsonl").string(),
                                       "--server",
                                       server.url(),
                                       "--json",
                                       "--no-progress",
                                       "--agents",
                                       "1",
                                       "--agent-name",
                                       "ada",
                                       "--agent-password-stdin",
                                       "--give-up-after",
                                       give_up_after_s_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    std::ostringstream out;
    err_.str("");
    const int status = app::run_replay(arguments, out, err_);
    result_ = out.str().empty() ? json::value{} : json::parse(out.str());
    hellos_ = server.hellos();
    return status;
  }

  // The four counts, as "lost duplicated reordered altered".
  [[nodiscard]] std::string counts() const {
    std::string text;
    for (const char* name : {"lost", "duplicated", "reordered", "altered"})
      text += (text.empty() ? "" : " ") + std::to_string(result_.at(name).to_number<int>());
    return text;
  }
  [[nodiscard]] std::int64_t number(const char* name) const { return result_.at(name).to_number<std::int64_t>(); }
  // Of the one dialogue that is to blame.
  [[nodiscard]] std::string blamed() const {
    const auto& anomalies = result_.at("anomalies").as_array();
    if (anomalies.size() != 1) return std::to_string(anomalies.size()) + " dialogues are to blame";
    EXPECT_EQ(anomalies[0].at("conversation").as_string().size(), 14u);
    return std::string(anomalies[0].at("dialogue").as_string());
  }
  [[nodiscard]] std::string details() const { return json::serialize(result_.at("anomalies")); }

  std::string give_up_after_s_ = "60";  // patience with a slow machine, where nothing is amiss
  std::filesystem::path directory_;
  std::ostringstream err_;
  json::value result_;
  int hellos_ = 0;
};

TEST_F(ReplayFaults, FindsNothingWhereNothingIs) {
  EXPECT_EQ(replay({}), 0) << err_.str();
  EXPECT_EQ(counts(), "0 0 0 0");
  EXPECT_EQ(number("dialogues"), 2);
  EXPECT_EQ(number("messages"), 8);
  EXPECT_EQ(number("reconnects"), 0);
  EXPECT_EQ(hellos_, 1 + 2 * 2) << "one agent; a visitor and a late reader each";
}

TEST_F(ReplayFaults, NoticesAMessageThatIsLostOnItsWay) {
  give_up_after_s_ = "1";
  Faults faults;
  faults.lost_live = "X";
  EXPECT_EQ(replay(faults), 1);
  EXPECT_EQ(blamed(), "touched");
  // It came no further, so the two behind it were not sent; and the history was not read.
  EXPECT_EQ(counts(), "6 0 0 0");
  EXPECT_THAT(details(), HasSubstr("message 4 was acknowledged and did not come to the agent"));
  EXPECT_THAT(details(), HasSubstr("nothing moved for 1 s"));
}

TEST_F(ReplayFaults, NoticesAMessageThatIsAcknowledgedAndNotStored) {
  give_up_after_s_ = "1";
  Faults faults;
  faults.lost_stored = "X";
  EXPECT_EQ(replay(faults), 1);
  EXPECT_EQ(blamed(), "touched");
  EXPECT_THAT(details(), HasSubstr("message 4 was acknowledged and did not come to the agent"));
}

TEST_F(ReplayFaults, NoticesAMessageThatIsMissingInTheHistory) {
  Faults faults;
  faults.lost_in_history = "X";
  EXPECT_EQ(replay(faults), 1);
  EXPECT_EQ(blamed(), "touched");
  EXPECT_EQ(counts(), "2 0 0 0") << "the message, and the hole where it was";
}

TEST_F(ReplayFaults, NoticesAMessageThatIsStoredTwice) {
  Faults faults;
  faults.stored_twice = "X";
  EXPECT_EQ(replay(faults), 1);
  EXPECT_EQ(blamed(), "touched");
  EXPECT_EQ(counts(), "0 1 0 0");
}

TEST_F(ReplayFaults, NoticesAMessageThatIsShownTwice) {
  Faults faults;
  faults.twice_in_history = "Y";
  EXPECT_EQ(replay(faults), 1);
  EXPECT_EQ(blamed(), "touched");
  EXPECT_EQ(counts(), "0 1 0 0");
}

TEST_F(ReplayFaults, NoticesAHistoryOutOfOrder) {
  Faults faults;
  faults.behind_in_history = "X";
  EXPECT_EQ(replay(faults), 1);
  EXPECT_EQ(blamed(), "touched");
  EXPECT_EQ(result_.at("reordered"), 1);
  EXPECT_EQ(result_.at("altered"), 0);
}

TEST_F(ReplayFaults, NoticesAnotherByteOnTheOtherSide) {
  Faults faults;
  faults.altered_live = "X";
  EXPECT_EQ(replay(faults), 1);
  EXPECT_EQ(blamed(), "touched");
  EXPECT_EQ(counts(), "0 0 0 1");
  EXPECT_THAT(details(), HasSubstr("came altered to the agent: 1 bytes were sent, 2 came"));
}

TEST_F(ReplayFaults, NoticesAnotherByteInTheHistory) {
  Faults faults;
  faults.altered_in_history = "Y";
  EXPECT_EQ(replay(faults), 1);
  EXPECT_EQ(blamed(), "touched");
  EXPECT_EQ(counts(), "0 0 0 1");
}

TEST_F(ReplayFaults, NoticesAnotherSender) {
  Faults faults;
  faults.other_sender = "X";
  EXPECT_EQ(replay(faults), 1);
  EXPECT_EQ(blamed(), "touched");
  EXPECT_EQ(counts(), "0 0 0 1");
}

TEST_F(ReplayFaults, NoticesARefusal) {
  Faults faults;
  faults.refused = "Y";
  EXPECT_EQ(replay(faults), 1);
  EXPECT_EQ(blamed(), "touched");
  EXPECT_THAT(details(), HasSubstr("the server refused the agent: forbidden: not this"));
}

TEST_F(ReplayFaults, StopsWhereTheServerSaysStop) {
  Faults faults;
  faults.visitors_forbidden = true;
  EXPECT_EQ(replay(faults), 1);
  EXPECT_EQ(result_.at("anomalies").as_array().size(), 2u);
  EXPECT_THAT(details(), HasSubstr("the visitor stopped: 3003 Forbidden, blocked: no"));
  EXPECT_EQ(hellos_, 3) << "nobody comes back after 3003";
}

TEST_F(ReplayFaults, SaysWhenItIsNotTheProtocol) {
  give_up_after_s_ = "1";
  Faults faults;
  faults.binary_welcome = true;
  EXPECT_EQ(replay(faults), 1);
  EXPECT_GT(number("bad_messages"), 0);
  EXPECT_THAT(err_.str(), HasSubstr("the server sent a binary message"));
}

TEST_F(ReplayFaults, SendsAgainWhatWasNotAcknowledged) {
  for (const char* text : {"hello", "X", "Y"}) {
    for (std::string Faults::*fault : {&Faults::dropped_before_storing, &Faults::dropped_before_ack}) {
      Faults faults;
      faults.*fault = text;
      EXPECT_EQ(replay(faults), 0) << text << err_.str() << details();
      EXPECT_EQ(counts(), "0 0 0 0");
      EXPECT_EQ(number("reconnects"), 1);
      EXPECT_GE(number("resends"), 1);
    }
  }
}

TEST_F(ReplayFaults, WaitsWhenTheServerIsBusy) {
  Faults faults;
  faults.busy = "X";
  EXPECT_EQ(replay(faults), 0) << err_.str();
  EXPECT_EQ(number("busy_replies"), 1);
  EXPECT_EQ(number("resends"), 1);
  EXPECT_EQ(number("reconnects"), 0);
}

TEST_F(ReplayFaults, RepairsAGap) {
  for (const char* text : {"X", "Y"}) {
    Faults faults;
    faults.gap = text;
    EXPECT_EQ(replay(faults), 0) << err_.str() << details();
    EXPECT_GE(number("gap_repairs"), 1);
  }
}

TEST_F(ReplayFaults, ComesBackAfterAFarewell) {
  Faults faults;
  faults.farewell = "X";
  EXPECT_EQ(replay(faults), 0) << err_.str() << details();
  EXPECT_GE(number("reconnects"), 2) << "the agent and at least this visitor";
}

TEST_F(ReplayFaults, LoadsAfreshWhenItsCursorIsRefused) {
  Faults faults;
  faults.farewell = "Y";
  faults.reset_at_resume = true;
  EXPECT_EQ(replay(faults), 0) << err_.str() << details();
  EXPECT_GE(number("reconnects"), 2);
}

TEST_F(ReplayFaults, PagesBackThroughALongHistory) {
  Faults faults;
  faults.page_events = 2;
  EXPECT_EQ(replay(faults), 0) << err_.str() << details();
  faults.farewell = "Y";
  faults.reset_at_resume = true;
  EXPECT_EQ(replay(faults), 0) << err_.str() << details();
  faults.lost_in_history = "hello";
  EXPECT_EQ(replay(faults), 1) << "on the oldest page";
}

TEST_F(ReplayFaults, GoesAtTheRealPaceOfADialogue) {
  std::ofstream(directory_ / "dialogues.jsonl") << R"({"id":"paced","turns":[{"speaker":"agent","text":"hi","t_ms":0},)"
                                                << R"({"speaker":"customer","text":"hello","t_ms":3000}]})" << '\n';
  // 3 s at speed 10; the pause is longer than nothing, and no reason to give up.
  EXPECT_EQ(replay({}, {"--speed", "10"}), 0) << err_.str();
  EXPECT_GE(number("milliseconds"), 300);
  EXPECT_EQ(number("messages"), 2);
  EXPECT_EQ(number("openers"), 1) << "the visitor's, in front of a dialogue that the agent begins";
}

TEST_F(ReplayFaults, SendsNothingOfABadFile) {
  std::ofstream(directory_ / "dialogues.jsonl", std::ios::app) << "{\"id\":\n";
  EXPECT_EQ(replay({}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("dialogues.jsonl:3: bad JSON"));
  EXPECT_EQ(hellos_, 0);
}

TEST_F(ReplayFaults, RefusesALineThatMakesNoSense) {
  for (const std::vector<std::string>& bad : {std::vector<std::string>{"--speed", "fast"},
                                              {"--speed", "0"},
                                              {"--speed", "-1"},
                                              {"--concurrency", "0"},
                                              {"--concurrency", "201"},
                                              {"--agents", "0"},
                                              {"--frobnicate"},
                                              {"--data", "/tmp"}})
    EXPECT_EQ(replay({}, bad), 2) << bad.front();
  EXPECT_EQ(hellos_, 0);
}

TEST(ReplayWithoutServer, SaysSo) {
  std::string port;
  {
    const FaultyServer gone({});
    port = gone.url();
  }
  const std::string file = std::string(CLEARLINE_SOURCE_DIR) + "/tests/data/dialogues-sample.jsonl";
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(app::run_replay(std::vector<std::string>{file, "--server", port}, out, err), 1);
  EXPECT_THAT(err.str(), HasSubstr("no server at " + port));
  EXPECT_EQ(app::run_replay(std::vector<std::string>{file, "--server", "ftp://chat.example"}, out, err), 2);
}

TEST(ReplayHelp, ExplainsItself) {
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(app::run_replay(std::vector<std::string>{"--help"}, out, err), 0);
  EXPECT_THAT(out.str(), HasSubstr("Usage: clearline replay [OPTIONS] files..."));
  EXPECT_THAT(out.str(), HasSubstr("Exit status"));
}

}  // namespace
}  // namespace clearline::test
