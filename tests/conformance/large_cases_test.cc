// Sections 9, 12 and 13 of the public suite as bytes, both roles: every case, with its messages shortened so that the
// whole takes seconds. The program public_suite runs them at full length, over sockets.
#include "conformance/large_cases.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>

#include "support/ws/recorder.h"
#include "support/ws/zlib_codec.h"
#include "ws/extensions.h"

namespace clearline::ws::testing {
namespace {

// Long enough for the 64-bit length.
constexpr std::size_t shortened_bytes_max = 66000;
constexpr std::size_t shortened_messages_max = 2;

LargeCase shortened(LargeCase c) {
  c.message_bytes = std::min(c.message_bytes, shortened_bytes_max);
  c.messages = std::min(c.messages, shortened_messages_max);
  return c;
}

// What both ends agree on: a server grants the suite's offers, a client reads the suite's answer to its own.
std::optional<DeflateParameters> negotiate(const LargeCase& c, Role role) {
  if (!c.compressed()) return std::nullopt;
  const DeflateOptions ours{.server_no_context_takeover = false, .client_no_context_takeover = false};
  if (role == Role::server) {
    const auto granted = grant_deflate(*parse_extensions(c.offers), ours);
    EXPECT_TRUE(granted.has_value());
    return granted->parameters;
  }
  const Extension offer = deflate_offer(ours);
  const auto answer = parse_extensions(deflate_answer(c, format_extensions({&offer, 1})));
  const auto agreed = agree_deflate({{}, *answer}, ours);
  EXPECT_TRUE(agreed && *agreed);
  return **agreed;
}

void run(const LargeCase& c, Role role) {
  SCOPED_TRACE(c.id);
  const auto parameters = negotiate(c, role);
  Session session(role, {.message_bytes_max = 16 << 20}, parameters);
  session.recorder.when_message = [&](MessageKind kind, std::span<const std::byte> payload) {
    session.protocol.send_message(kind, payload, session.recorder);
  };
  std::unique_ptr<ZlibDeflater> deflate;
  std::unique_ptr<ZlibInflater> inflate;
  if (parameters) {
    const DeflateSides sides = sides_of(*parameters, role == Role::server);
    deflate = std::make_unique<ZlibDeflater>(sides.peer.window_bits, sides.peer.takeover);
    inflate = std::make_unique<ZlibInflater>(sides.ours.window_bits, sides.ours.takeover);
    session.recorder.inflate = [&](const Bytes& payload) { return inflate->message(payload); };
  }
  std::vector<std::string> expected;
  for (std::size_t i = 0; i < c.messages; ++i) {
    const Bytes message = message_of(c, i);
    const Bytes frames = frames_of(c, message, role == Role::server, deflate.get());
    session.feed_in_pieces(frames, c.write_bytes != 0 ? c.write_bytes : frames.size());
    expected.push_back(describe(c.opcode, message));
    expected.push_back("> " + describe(c.opcode, message));
  }
  EXPECT_EQ(session.transcript(), expected);
  session.feed(encode({.opcode = close, .payload = close_payload(1000), .masked = role == Role::server}));
  EXPECT_TRUE(session.protocol.end().clean);
}

class LargeCases : public ::testing::TestWithParam<Role> {};

TEST(LargeCaseList, HasEveryCaseOfItsSections) {
  std::map<std::string, int> sections;
  for (const LargeCase& c : large_cases()) ++sections[c.id.substr(0, c.id.find('.'))];
  const std::map<std::string, int> expected{{"9", 54}, {"12", 90}, {"13", 126}};
  EXPECT_EQ(sections, expected);
}

TEST_P(LargeCases, AreOk) {
  for (const LargeCase& c : large_cases()) run(shortened(c), GetParam());
}

INSTANTIATE_TEST_SUITE_P(BothRoles, LargeCases, ::testing::Values(Role::server, Role::client),
                         [](const auto& role) { return role.param == Role::server ? "server" : "client"; });

}  // namespace
}  // namespace clearline::ws::testing
