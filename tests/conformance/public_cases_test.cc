#include "conformance/public_cases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "support/ws/recorder.h"

namespace clearline::ws::testing {
namespace {

using ::testing::Contains;

// A peer that echoes, as the suite's fuzzer asks for.
class EchoSession : public Session {
 public:
  explicit EchoSession(Role role) : Session(role) {
    recorder.when_message = [this](MessageKind kind, std::span<const std::byte> payload) {
      protocol.send_message(kind, payload, recorder);
    };
  }

  // What the fuzzer sees: messages and pongs, and the Close apart.
  struct Seen {
    std::vector<std::string> answers;
    std::vector<std::string> closes;
  };
  Seen seen() {
    Seen seen;
    for (const std::string& line : transcript()) {
      if (!line.starts_with("> ")) continue;
      const std::string frame = line.substr(2);
      (frame.starts_with("close") ? seen.closes : seen.answers).push_back(frame);
    }
    return seen;
  }
};

// How the input is cut: 0 as the case writes it, else in pieces of so many bytes.
void feed(EchoSession& session, const PublicCase& c, std::size_t piece_bytes) {
  const std::size_t piece = piece_bytes != 0 ? piece_bytes : c.in_chops ? 1 : SIZE_MAX;
  for (std::size_t i = 0; i < c.writes.size(); ++i) {
    session.feed_in_pieces(c.writes[i], piece);
    if (c.fails_after_write == 0) continue;
    EXPECT_EQ(session.protocol.state() == State::closed, i + 1 >= c.fails_after_write) << "after write " << i + 1;
  }
}

void run(const PublicCase& c, Role role, std::size_t piece_bytes) {
  SCOPED_TRACE("case " + c.id + (role == Role::server ? ", server" : ", client") + ", pieces of " +
               std::to_string(piece_bytes));
  EchoSession session(role);
  feed(session, c, piece_bytes);
  if (c.ending == Ending::fuzzer_closes) {
    EXPECT_EQ(session.protocol.state(), State::open);
    session.feed(encode({.opcode = close, .payload = close_payload(1000), .masked = role == Role::server}));
  }
  EXPECT_EQ(session.protocol.state(), State::closed);
  const EchoSession::Seen seen = session.seen();
  EXPECT_EQ(seen.answers, c.expected);
  ASSERT_EQ(seen.closes.size(), 1U);

  const std::vector<unsigned> codes = c.ending == Ending::fuzzer_closes ? std::vector<unsigned>{1000} : c.codes;
  const End end = session.protocol.end();
  if (codes.empty()) {
    EXPECT_EQ(seen.closes[0], "close");
  } else {
    EXPECT_THAT(codes, Contains(end.sent_code.value_or(0)));
    EXPECT_TRUE(seen.closes[0].starts_with("close " + std::to_string(end.sent_code.value_or(0))));
  }
  EXPECT_EQ(end.clean, c.ending != Ending::we_fail);
}

class PublicCases : public ::testing::TestWithParam<Role> {};

TEST(PublicCaseList, HasEveryCaseOfItsSections) {
  std::map<std::string, int> sections;
  for (const PublicCase& c : public_cases(true)) ++sections[c.id.substr(0, c.id.find('.'))];
  const std::map<std::string, int> expected{{"1", 16}, {"10", 1}, {"2", 11},  {"3", 7},
                                            {"4", 10}, {"5", 20}, {"6", 145}, {"7", 37}};
  EXPECT_EQ(sections, expected);
}

TEST_P(PublicCases, AreOkAsTheSuiteWritesThem) {
  for (const PublicCase& c : public_cases(GetParam() == Role::server)) run(c, GetParam(), 0);
}

TEST_P(PublicCases, AreOkInPiecesOfEverySize) {
  for (const PublicCase& c : public_cases(GetParam() == Role::server)) {
    std::size_t longest = 0;
    for (const Bytes& bytes : c.writes) longest = std::max(longest, bytes.size());
    if (longest < 1000) {
      for (std::size_t size = 1; size <= std::min<std::size_t>(longest, 64); ++size) run(c, GetParam(), size);
    } else {
      for (const std::size_t size : {1UL, 13UL, 997UL, 65521UL}) run(c, GetParam(), size);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(BothRoles, PublicCases, ::testing::Values(Role::server, Role::client),
                         [](const auto& role) { return role.param == Role::server ? "server" : "client"; });

}  // namespace
}  // namespace clearline::ws::testing
