// No heap memory on the steady path: frames that lie in the input whole, answers to pings, messages sent. And none that
// stays behind when a message in pieces is done. Counted at operator new and at malloc.
#include <gtest/gtest.h>
#include <malloc.h>

#include <vector>

#include "support/allocation_counter.h"
#include "support/ws/wire.h"
#include "ws/protocol.h"

namespace clearline::ws::testing {
namespace {

class Sink final : public Handler {
 public:
  void on_message(MessageKind, std::span<const std::byte> payload) override { bytes += payload.size(); }
  void write(std::span<const std::byte> head, std::span<const std::byte> body) override {
    bytes += head.size() + body.size();
  }
  std::uint32_t next_mask_key() override { return 0x12345678; }

  std::size_t bytes = 0;
};

#if CLEARLINE_COUNTS_ALLOCATIONS
using clearline::testing::allocation_count;

std::size_t heap_bytes() {
  return mallinfo2().uordblks;
}

// Runs the function and returns how often it took memory.
template <typename Function>
std::size_t allocations_in(Function function) {
  const std::size_t before = allocation_count();
  const std::size_t heap_before = heap_bytes();
  function();
  EXPECT_EQ(heap_bytes(), heap_before);
  return allocation_count() - before;
}

class Allocation : public ::testing::TestWithParam<Role> {
 protected:
  Bytes input_of(std::vector<Frame> frames) const {
    Bytes input;
    for (Frame& frame : frames) {
      frame.masked = GetParam() == Role::server;
      input = input + encode(frame);
    }
    return input;
  }

  Settings settings_;
  Sink sink_;
};

TEST_P(Allocation, NoneForFramesThatAreWholeInTheInput) {
  const std::string chinese = "\xE4\xBD\xA0\xE5\xA5\xBD";
  const Bytes good = input_of({{.opcode = text, .payload = bytes_of("hello")},
                               {.opcode = text, .payload = bytes_of(chinese)},
                               {.opcode = binary, .payload = Bytes(70000)},
                               {.opcode = ping, .payload = bytes_of("p")},
                               {.opcode = pong}});
  Protocol protocol(GetParam(), settings_);
  Bytes input = good;
  for (int round = 0; round < 3; ++round) {
    std::copy(good.begin(), good.end(), input.begin());
    EXPECT_EQ(allocations_in([&] { protocol.receive(input, sink_); }), 0U);
  }
  EXPECT_EQ(protocol.state(), State::open);
  EXPECT_GT(sink_.bytes, 3 * 70000U);
}

TEST_P(Allocation, NoneForMessagesThatAreSent) {
  Protocol protocol(GetParam(), settings_);
  const Bytes payload(70000);
  EXPECT_EQ(allocations_in([&] {
              protocol.send_message(MessageKind::binary, payload, sink_);
              protocol.send_ping(std::span(payload).first(125), sink_);
            }),
            0U);
  EXPECT_GT(sink_.bytes, payload.size());
}

TEST_P(Allocation, OneForAMessageThatIsCutOnce) {
  Protocol protocol(GetParam(), settings_);
  const Bytes good = input_of({{.opcode = binary, .payload = Bytes(1000)}});
  Bytes input(good.size());
  const auto receive_in_two = [&] {
    std::copy(good.begin(), good.end(), input.begin());
    protocol.receive(std::span(input).first(500), sink_);
    protocol.receive(std::span(input).subspan(500), sink_);
  };
  const std::size_t news_before = allocation_count();
  const std::size_t heap_before = heap_bytes();
  for (int round = 0; round < 1000; ++round) receive_in_two();
  // What is pending, by new; the bytes themselves by malloc, which keeps a few blocks for the next time.
  EXPECT_EQ(allocation_count() - news_before, 1000U);
  EXPECT_LT(heap_bytes() - heap_before, 20U * 1000);
  EXPECT_EQ(sink_.bytes, 1000U * 1000);
}

// A header may promise a lot; memory follows what has arrived.
TEST_P(Allocation, FollowsWhatArrivedAndNotWhatWasPromised) {
  Protocol protocol(GetParam(), settings_);
  Bytes input = input_of({{.opcode = binary, .length_claimed = 1U << 20}}) + Bytes(1000);
  const std::size_t before = heap_bytes();
  protocol.receive(input, sink_);
  EXPECT_LT(heap_bytes() - before, 4000U);
}

// A million empty or tiny fragments hold no more than their bytes.
TEST_P(Allocation, FragmentsCostNoMoreThanTheirBytes) {
  Protocol protocol(GetParam(), settings_);
  const std::size_t before = heap_bytes();
  Bytes first = input_of({{.opcode = binary, .fin = false}});
  protocol.receive(first, sink_);
  const Bytes good =
      input_of({{.opcode = continuation, .payload = Bytes(1), .fin = false}, {.opcode = continuation, .fin = false}});
  Bytes input;
  for (int i = 0; i < 50000; ++i) {
    input = good;
    protocol.receive(input, sink_);
  }
  EXPECT_EQ(protocol.state(), State::open);
  EXPECT_LT(heap_bytes() - before, 2 * 65536 + 4000U);
  protocol.close(registry::Cause::policy, sink_);
  EXPECT_LT(heap_bytes() - before, 4000U) << "a Close gives the unfinished message back";
}

INSTANTIATE_TEST_SUITE_P(BothRoles, Allocation, ::testing::Values(Role::server, Role::client),
                         [](const auto& role) { return role.param == Role::server ? "server" : "client"; });
#else
TEST(Allocation, IsNotCountedUnderASanitizer) {
  GTEST_SKIP() << "the sanitizer owns operator new";
}
#endif

}  // namespace
}  // namespace clearline::ws::testing
