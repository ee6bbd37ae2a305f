// No heap memory on the steady path through loop, connection and codec: a server that echoes whole messages over a real
// socket. Counted at operator new; what comes in pieces or cannot leave at once is kept on the heap meanwhile and is
// not meant here.
#include <gtest/gtest.h>
#include <sys/ioctl.h>

#include <array>
#include <functional>
#include <string>

#include "net/socket_address.h"
#include "support/allocation_counter.h"
#include "support/net/server_fixture.h"

namespace clearline::net {
namespace {

#if CLEARLINE_COUNTS_ALLOCATIONS
using clearline::testing::allocation_count;
using ws::Opcode;

// The server's descriptor of this peer's connection, found by its address.
int server_side_of(const RawPeer& peer) {
  const auto wanted = SocketAddress::local_of(peer.fd());
  for (int fd = 0; fd < 1024; ++fd) {
    const auto found = SocketAddress::peer_of(fd);
    if (fd != peer.fd() && found && found->text() == wanted->text()) return fd;
  }
  return -1;
}

class AllocationTest : public ServerTest {
 protected:
  // Sends the frames, lets them arrive whole, and turns the loop until their echo is back. Allocates nothing itself.
  void exchange(const RawPeer& peer, int server_fd, const std::string& frames, std::size_t answer_bytes) {
    ASSERT_EQ(::send(peer.fd(), frames.data(), frames.size(), MSG_NOSIGNAL), static_cast<ssize_t>(frames.size()));
    for (int arrived = 0; static_cast<std::size_t>(arrived) < frames.size();) {
      ASSERT_EQ(::ioctl(server_fd, FIONREAD, &arrived), 0);
    }
    const MonotonicTime start = monotonic_now();
    for (std::size_t bytes = 0; bytes < answer_bytes && monotonic_now().ms - start.ms < patience_ms;) {
      loop->run_once(0);
      const ssize_t count = ::recv(peer.fd(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
      if (count > 0) bytes += static_cast<std::size_t>(count);
      complete_ = bytes == answer_bytes;
    }
    ASSERT_TRUE(complete_);
  }

  std::size_t allocations_of(Opcode opcode, const std::string& payload, int messages_at_once) {
    std::string frames;
    for (int i = 0; i < messages_at_once; ++i) frames += client_frame(opcode, payload);
    const std::size_t head_bytes = payload.size() < 126 ? 2 : 4;
    const std::size_t answer_bytes = static_cast<std::size_t>(messages_at_once) * (head_bytes + payload.size());
    const auto peer = connect();
    const int server_fd = server_side_of(*peer);
    for (int i = 0; i < 20; ++i) exchange(*peer, server_fd, frames, answer_bytes);  // warms up
    const std::size_t before = allocation_count();
    for (int i = 0; i < 200; ++i) exchange(*peer, server_fd, frames, answer_bytes);
    return allocation_count() - before;
  }

 private:
  std::array<char, 65536> buffer_;
  bool complete_ = false;
};

TEST_F(AllocationTest, NoneForAMessageThatIsEchoed) {
  handler.record_messages = false;
  handler.message_hook = echo;
  listen();
  EXPECT_EQ(allocations_of(Opcode::text, std::string(20, 'x'), 1), 0U);
  EXPECT_EQ(allocations_of(Opcode::text, std::string(1024, 'x'), 1), 0U);
  EXPECT_EQ(allocations_of(Opcode::text, std::string(16384, 'x'), 1), 0U) << "sent from the receive buffer";
  EXPECT_EQ(allocations_of(Opcode::binary, std::string(1024, '\xFF'), 1), 0U);
  EXPECT_EQ(allocations_of(Opcode::text, "\xE4\xBD\xA0\xE5\xA5\xBD", 1), 0U) << "validated";
  EXPECT_EQ(allocations_of(Opcode::ping, "p", 1), 0U);
}

TEST_F(AllocationTest, NoneForManyMessagesAtOnce) {
  handler.record_messages = false;
  handler.message_hook = echo;
  listen();
  EXPECT_EQ(allocations_of(Opcode::text, std::string(20, 'x'), 16), 0U);
  EXPECT_EQ(allocations_of(Opcode::text, std::string(1024, 'x'), 16), 0U);
}

// Timers that set themselves anew, as the look for passed deadlines does, use the same memory again.
TEST_F(AllocationTest, NoneForATimerThatSetsItselfAnew) {
  int ticks = 0;
  std::function<void()> tick = [&] {
    ++ticks;
    loop->after(0, [&] { tick(); });
  };
  tick();
  for (int i = 0; i < 20; ++i) loop->run_once(0);
  const std::size_t before = allocation_count();
  for (int i = 0; i < 200; ++i) loop->run_once(0);
  EXPECT_EQ(allocation_count() - before, 0U);
  EXPECT_GT(ticks, 100);
}
#else
TEST(Allocation, IsNotCountedUnderASanitizer) {
  GTEST_SKIP() << "the sanitizer owns operator new";
}
#endif

}  // namespace
}  // namespace clearline::net
