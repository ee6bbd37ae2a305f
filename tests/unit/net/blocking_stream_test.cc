#include "net/blocking_stream.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <string>
#include <string_view>

namespace clearline::net {
namespace {

using Status = BlockingStream::Status;

MonotonicTime soon() {
  return {monotonic_now().ms + 30'000};
}

// A listening socket on a free port of 127.0.0.1, and the connection that it accepted.
class Peer {
 public:
  Peer() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const auto address = SocketAddress::parse("127.0.0.1", 0);
    EXPECT_EQ(::bind(listener_.get(), address->data(), address->size()), 0);
    EXPECT_EQ(::listen(listener_.get(), 8), 0);
    port_ = SocketAddress::local_of(listener_.get())->port();
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  void accept() { connection_ = FileDescriptor(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)); }
  void send(std::string_view text) { EXPECT_GT(::send(connection_.get(), text.data(), text.size(), 0), 0); }
  [[nodiscard]] std::string receive() {
    std::array<char, 64> buffer;
    const ssize_t count = ::recv(connection_.get(), buffer.data(), buffer.size(), 0);
    return count < 0 ? "error" : std::string(buffer.data(), static_cast<std::size_t>(count));
  }
  void close() { connection_.reset(); }
  void reset() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    EXPECT_EQ(::setsockopt(connection_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
    connection_.reset();
  }
  void stop_listening() { listener_.reset(); }

 private:
  FileDescriptor listener_;
  FileDescriptor connection_;
  std::uint16_t port_ = 0;
};

class BlockingStreamTest : public testing::Test {
 protected:
  void SetUp() override {
    auto connected = BlockingStream::connect("127.0.0.1", peer_.port(), soon());
    ASSERT_TRUE(connected) << connected.error().message;
    stream_ = std::move(*connected);
    peer_.accept();
  }

  // The next thing that is to be read.
  BlockingStream::Transfer receive() {
    const auto ready = stream_.wait({.read = true}, soon());
    EXPECT_TRUE(ready && *ready);
    return stream_.receive_some(buffer_);
  }

  Peer peer_;
  BlockingStream stream_;
  std::array<std::byte, 64> buffer_;
};

TEST_F(BlockingStreamTest, MovesBytesBothWays) {
  EXPECT_EQ(stream_.receive_some(buffer_).status, Status::would_block);
  EXPECT_EQ(stream_.send_some(std::as_bytes(std::span(std::string_view("hello")))).bytes, 5U);
  EXPECT_EQ(peer_.receive(), "hello");
  peer_.send("back");
  EXPECT_EQ(receive().bytes, 4U);
}

TEST_F(BlockingStreamTest, TellsTheEndOfTheStreamFromAReset) {
  peer_.close();
  EXPECT_EQ(receive().status, Status::end_of_stream);

  auto second = BlockingStream::connect("127.0.0.1", peer_.port(), soon());
  ASSERT_TRUE(second);
  stream_ = std::move(*second);
  peer_.accept();
  peer_.reset();
  EXPECT_EQ(receive().status, Status::reset);
}

TEST_F(BlockingStreamTest, ReceivesBehindItsOwnEnd) {
  stream_.shut_down_sending();
  EXPECT_EQ(peer_.receive(), "");
  peer_.send("late");
  EXPECT_EQ(receive().bytes, 4U);
}

TEST_F(BlockingStreamTest, ResetsThePeer) {
  stream_.reset();
  EXPECT_FALSE(stream_.is_open());
  EXPECT_EQ(peer_.receive(), "error");
}

TEST_F(BlockingStreamTest, WaitsNoLongerThanItsDeadline) {
  const auto readable = stream_.wait({.read = true}, monotonic_now());
  EXPECT_TRUE(readable && !*readable);
  const auto writable = stream_.wait({.write = true}, soon());
  EXPECT_TRUE(writable && *writable);
}

TEST(BlockingStream, NamesThePlaceThatItCannotConnectTo) {
  Peer peer;
  const std::string place = "127.0.0.1:" + std::to_string(peer.port());
  peer.stop_listening();
  const auto refused = BlockingStream::connect("127.0.0.1", peer.port(), soon());
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find(place), std::string::npos) << refused.error().message;
}

}  // namespace
}  // namespace clearline::net
