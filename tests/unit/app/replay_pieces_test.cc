// The small parts of a replay: the client's rule, latencies, the report, the server's address.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <sstream>
#include <vector>

#include "app/cli/replay/client_log.h"
#include "app/cli/replay/latency.h"
#include "app/cli/replay/progress.h"
#include "app/cli/replay/report.h"
#include "app/cli/replay/server_url.h"

namespace clearline::app::replay {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ClientLog, TakesDropsAndSeesGaps) {
  ClientLog log;
  log.restart(Epoch{7}, 3);
  EXPECT_EQ(log.see(3), ClientLog::Verdict::drop);
  EXPECT_EQ(log.see(5), ClientLog::Verdict::gap);
  EXPECT_EQ(log.last(), 3);
  EXPECT_EQ(log.see(4), ClientLog::Verdict::take);
  EXPECT_EQ(log.see(5), ClientLog::Verdict::take);
  EXPECT_EQ(log.see(4), ClientLog::Verdict::drop);
}

TEST(ClientLog, AsksForOneRepairAtATime) {
  ClientLog log;
  EXPECT_TRUE(log.begin_repair());
  EXPECT_FALSE(log.begin_repair());
  log.end_repair();
  EXPECT_TRUE(log.begin_repair());
}

TEST(LatencyHistogram, IsRightWithinItsBuckets) {
  LatencyHistogram histogram;
  std::vector<std::int64_t> values;
  std::uint64_t state = 1;
  for (int i = 0; i < 10'000; ++i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    values.push_back(static_cast<std::int64_t>((state >> 33) % (1ULL << (1 + i % 30))));
    histogram.add(values.back());
  }
  std::sort(values.begin(), values.end());
  for (const double share : {0.01, 0.5, 0.9, 0.99, 0.999}) {
    const auto exact = static_cast<double>(values[static_cast<std::size_t>(share * 10'000) - 1]);
    const auto got = static_cast<double>(histogram.quantile_us(share));
    EXPECT_GE(got, exact) << share;
    EXPECT_LE(got, exact * 1.017 + 1) << share;
  }
  EXPECT_EQ(histogram.max_us(), values.back());
  EXPECT_EQ(histogram.quantile_us(1), values.back());
}

TEST(LatencyHistogram, TakesAnyValue) {
  LatencyHistogram histogram;
  EXPECT_EQ(histogram.quantile_us(0.5), 0);
  histogram.add(-5);
  EXPECT_EQ(histogram.quantile_us(0.5), 0);
  histogram.add(INT64_MAX);
  EXPECT_EQ(histogram.max_us(), INT64_MAX);
  EXPECT_EQ(histogram.count(), 2u);
}

TEST(ServerUrl, HasHostPortAndOrigin) {
  const auto plain = parse_server_url("http://Chat.Example");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->host, "chat.example");
  EXPECT_EQ(plain->port, 80);
  EXPECT_EQ(plain->origin, "http://chat.example");
  const auto local = parse_server_url("http://127.0.0.1:8080/");
  ASSERT_TRUE(local);
  EXPECT_EQ(local->port, 8080);
  EXPECT_EQ(local->origin, "http://127.0.0.1:8080");
  const auto six = parse_server_url("http://[::1]:8080");
  ASSERT_TRUE(six);
  EXPECT_EQ(six->host, "::1");
  EXPECT_EQ(six->origin, "http://[::1]:8080");
  EXPECT_TRUE(is_this_machine(six->host));
  EXPECT_FALSE(is_this_machine(plain->host));
}

TEST(ServerUrl, MayBeHttps) {
  const auto plain = parse_server_url("https://chat.example");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->host, "chat.example");
  EXPECT_EQ(plain->port, 443);
  EXPECT_EQ(plain->origin, "https://chat.example");
  EXPECT_TRUE(plain->is_https());
  EXPECT_EQ(parse_server_url("https://[::1]:8443")->port, 8443);
}

TEST(ServerUrl, IsHttpOnly) {
  for (const char* bad : {"", "127.0.0.1:8080", "self", "*", "ws://127.0.0.1", "http://127.0.0.1/path", "http://x:0"})
    EXPECT_FALSE(parse_server_url(bad)) << bad;
  EXPECT_THAT(parse_server_url("wss://chat.example").error().message, HasSubstr("https://host:port"));
}

TEST(ReportText, HasNumbersThatPeopleRead) {
  EXPECT_EQ(with_separators(0), "0");
  EXPECT_EQ(with_separators(999), "999");
  EXPECT_EQ(with_separators(73'241), "73,241");
  EXPECT_EQ(with_separators(1'234'567), "1,234,567");
  EXPECT_EQ(duration_text(870), "870 us");
  EXPECT_EQ(duration_text(4'213), "4.21 ms");
  EXPECT_EQ(duration_text(9'996), "10.0 ms");
  EXPECT_EQ(duration_text(176'400), "176 ms");
  EXPECT_EQ(duration_text(1'050'000), "1.05 s");
}

ReplayResult some_result() {
  ReplayResult result;
  result.statistics.dialogues_done = 3;
  result.statistics.messages_done = 4'000;
  result.seconds = 2;
  return result;
}

TEST(ReportText, ShowsATableOfNoughts) {
  const std::string text = report_text(some_result(), 3);
  EXPECT_THAT(text, HasSubstr("dialogues                3\n"));
  EXPECT_THAT(text, HasSubstr("lost                     0\n"));
  EXPECT_THAT(text, HasSubstr("messages/s           2,000\n"));
  EXPECT_THAT(text, Not(HasSubstr("conversation")));
  EXPECT_TRUE(is_clean(some_result()));
}

TEST(ReportText, NamesTheConversation) {
  ReplayResult result = some_result();
  Checker::Verdict verdict;
  verdict.counts[0] = 1;
  verdict.details = {"lost: message 3 was acknowledged and is not in the history"};
  result.bad_dialogues.push_back({"star-17", "c01kb3f7q8x2ve", verdict});
  result.statistics.faults = verdict.counts;
  EXPECT_FALSE(is_clean(result));
  const std::string text = report_text(result, 3);
  EXPECT_THAT(text, HasSubstr("lost                     1\n"));
  EXPECT_THAT(text, HasSubstr("conversation c01kb3f7q8x2ve (dialogue star-17):\n  lost: message 3"));
  const auto json = boost::json::parse(report_json(result, 3));
  EXPECT_EQ(json.at("lost"), 1);
  EXPECT_EQ(json.at("messages_per_second"), 2000);
  EXPECT_EQ(json.at("anomalies").as_array().at(0).at("conversation"), "c01kb3f7q8x2ve");
  EXPECT_EQ(json.at("anomalies").as_array().at(0).at("lost"), 1);
}

TEST(ReportText, IsNotCleanWhenItDidNotComeToItsEnd) {
  ReplayResult interrupted = some_result();
  interrupted.interrupted = true;
  EXPECT_FALSE(is_clean(interrupted));
  EXPECT_THAT(report_text(interrupted, 5), HasSubstr("3 of 5"));
  ReplayResult failed = some_result();
  failed.failure = "agent 1 stopped";
  EXPECT_FALSE(is_clean(failed));
  EXPECT_THAT(report_text(failed, 5), HasSubstr("The replay ended early: agent 1 stopped"));
}

TEST(Progress, IsABarOnATerminal) {
  std::ostringstream out;
  Progress progress(out, Progress::Mode::bar);
  progress.show({6, 12, 100, 0, 0, 1.0});
  EXPECT_EQ(out.str(),
            "\r[############............] 6 of 12 dialogues, 100 messages/s, 0 anomalies, 0 reconnects\x1b[K");
  out.str("");
  progress.say("something");
  EXPECT_EQ(out.str(), "\r\x1b[Ksomething\n");
}

TEST(Progress, IsALineNowAndThenElsewhere) {
  std::ostringstream out;
  Progress progress(out, Progress::Mode::lines);
  for (int fifth = 0; fifth <= 30; ++fifth)
    progress.show({0, 12, static_cast<std::size_t>(fifth) * 20, 0, 0, fifth / 5.0});
  EXPECT_EQ(out.str(),
            "0 s: 0 of 12 dialogues, 0 messages/s, 0 anomalies, 0 reconnects\n"
            "5 s: 0 of 12 dialogues, 100 messages/s, 0 anomalies, 0 reconnects\n");
}

}  // namespace
}  // namespace clearline::app::replay
