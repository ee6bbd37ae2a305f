// Sockets that listen: what they hand down to accepted ones, the files of Unix sockets, and sockets that others made.
#include "net/listening_socket.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "unit/app/temporary_directory.h"

namespace clearline::net {
namespace {

using app::TemporaryDirectory;

ListenOptions options_of(const std::string& text) {
  auto options = ListenOptions::parse(text);
  EXPECT_TRUE(options) << options.error().message;
  return *options;
}

int connect_to(const SocketAddress& address) {
  const FileDescriptor fd(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  return ::connect(fd.get(), address.data(), address.size()) == 0 ? 0 : errno;
}

unsigned mode_of(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(::lstat(path.c_str(), &status), 0);
  return status.st_mode & 07777U;
}

TEST(ListeningSocket, HandsItsOptionsDown) {
  const auto socket = ListeningSocket::open(options_of("127.0.0.1:0"));
  ASSERT_TRUE(socket) << socket.error().message;
  EXPECT_NE(socket->address().port(), 0);
  ASSERT_EQ(connect_to(socket->address()), 0);
  const FileDescriptor accepted(::accept4(socket->fd(), nullptr, nullptr, SOCK_CLOEXEC));
  ASSERT_TRUE(accepted);
  int value = 0;
  socklen_t size = sizeof value;
  ASSERT_EQ(::getsockopt(accepted.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, &value, &size), 0);
  EXPECT_EQ(value, 120'000);
  ASSERT_EQ(::getsockopt(accepted.get(), IPPROTO_TCP, TCP_NODELAY, &value, &size), 0);
  EXPECT_NE(value, 0);
  ASSERT_EQ(::getsockopt(accepted.get(), SOL_SOCKET, SO_KEEPALIVE, &value, &size), 0);
  EXPECT_EQ(value, 0);
}

TEST(ListeningSocket, WildcardOfIpv6TakesIpv4UnlessToldNotTo) {
  const auto both = ListeningSocket::open(options_of("[::]:0"));
  if (!both) GTEST_SKIP() << "no IPv6 here: " << both.error().message;
  EXPECT_EQ(connect_to(*SocketAddress::parse("127.0.0.1", both->address().port())), 0);
  EXPECT_EQ(connect_to(*SocketAddress::parse("::1", both->address().port())), 0);
  // The peer is who it is, not ::ffff:127.0.0.1.
  const FileDescriptor accepted(::accept4(both->fd(), nullptr, nullptr, SOCK_CLOEXEC));
  EXPECT_EQ(SocketAddress::peer_of(accepted.get())->ip(), "127.0.0.1");

  const auto one = ListeningSocket::open(options_of("[::]:0,ipv6-only"));
  ASSERT_TRUE(one) << one.error().message;
  EXPECT_EQ(connect_to(*SocketAddress::parse("127.0.0.1", one->address().port())), ECONNREFUSED);
  EXPECT_EQ(connect_to(*SocketAddress::parse("::1", one->address().port())), 0);
}

TEST(ListeningSocket, SaysWhyItCannotListen) {
  const auto first = ListeningSocket::open(options_of("127.0.0.1:0"));
  ASSERT_TRUE(first);
  const auto taken = ListeningSocket::open(options_of(first->address().text()));
  ASSERT_FALSE(taken);
  EXPECT_NE(taken.error().message.find("cannot listen on " + first->address().text()), std::string::npos);
  EXPECT_NE(taken.error().message.find("another process listens there"), std::string::npos);
  const auto foreign = ListeningSocket::open(options_of("192.0.2.1:0"));  // RFC 5737: nobody's
  ASSERT_FALSE(foreign);
  EXPECT_NE(foreign.error().message.find("no interface of this machine"), std::string::npos);
  const auto nowhere = ListeningSocket::open(options_of("unix:/nonexistent-directory/x.sock"));
  ASSERT_FALSE(nowhere);
  EXPECT_NE(nowhere.error().message.find("/nonexistent-directory: No such file"), std::string::npos)
      << nowhere.error().message;
}

TEST(UnixSocket, HasTheModeAndOwnerThatWereAskedFor) {
  const TemporaryDirectory directory;
  const std::string path = (directory.path() / "s").string();
  {
    const auto socket = ListeningSocket::open(options_of("unix:" + path));
    ASSERT_TRUE(socket) << socket.error().message;
    EXPECT_EQ(mode_of(path), 0660U);
    EXPECT_EQ(connect_to(socket->address()), 0);
  }
  const std::string group = std::to_string(::getegid());
  const auto socket = ListeningSocket::open(options_of("unix:" + path + ",mode=0606,group=" + group));
  ASSERT_TRUE(socket) << socket.error().message;
  EXPECT_EQ(mode_of(path), 0606U);
  const auto nobody = ListeningSocket::open(options_of("unix:" + path + "2,group=there-is-no-such-group"));
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().message, "there is no group 'there-is-no-such-group'");
}

TEST(UnixSocket, FileGoesWithTheSocket) {
  const TemporaryDirectory directory;
  const std::string path = (directory.path() / "s").string();
  auto socket = ListeningSocket::open(options_of("unix:" + path));
  ASSERT_TRUE(socket) << socket.error().message;
  ListeningSocket moved = std::move(*socket);
  EXPECT_TRUE(std::filesystem::exists(path));
  moved.close();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(UnixSocket, AFileThatTookItsPlaceStays) {
  const TemporaryDirectory directory;
  const std::string path = (directory.path() / "s").string();
  auto socket = ListeningSocket::open(options_of("unix:" + path));
  ASSERT_TRUE(socket) << socket.error().message;
  std::filesystem::rename(path, path + ".moved");
  std::ofstream(path) << "somebody else's";
  socket->close();
  EXPECT_TRUE(std::filesystem::exists(path));
}

// What a crash leaves: a file, and nobody behind it.
TEST(UnixSocket, ReplacesAStaleFile) {
  const TemporaryDirectory directory;
  const std::string path = (directory.path() / "s").string();
  {
    const auto address = *SocketAddress::unix_socket(path);
    const FileDescriptor crashed(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::bind(crashed.get(), address.data(), address.size()), 0);
    ASSERT_EQ(::listen(crashed.get(), 1), 0);
  }
  ASSERT_TRUE(std::filesystem::exists(path));
  const auto socket = ListeningSocket::open(options_of("unix:" + path));
  ASSERT_TRUE(socket) << socket.error().message;
  EXPECT_EQ(connect_to(socket->address()), 0);
}

TEST(UnixSocket, RefusesALiveOneAndWhatIsNoSocket) {
  const TemporaryDirectory directory;
  const std::string path = (directory.path() / "s").string();
  const auto first = ListeningSocket::open(options_of("unix:" + path));
  ASSERT_TRUE(first) << first.error().message;
  const auto second = ListeningSocket::open(options_of("unix:" + path));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::already_exists);
  EXPECT_NE(second.error().message.find("a running process listens there"), std::string::npos);
  EXPECT_EQ(connect_to(first->address()), 0) << "the first is unharmed";

  const std::string file = (directory.path() / "file").string();
  std::ofstream(file) << "precious";
  const auto third = ListeningSocket::open(options_of("unix:" + file));
  ASSERT_FALSE(third);
  EXPECT_NE(third.error().message.find("is not a socket, so it is left alone"), std::string::npos);
  std::filesystem::create_symlink(path, directory.path() / "link");
  EXPECT_FALSE(ListeningSocket::open(options_of("unix:" + (directory.path() / "link").string())));
  EXPECT_TRUE(std::filesystem::exists(file));
}

TEST(UnixSocket, TwoThatStartAtOnceDoNotTakeEachOtherForStale) {
  const TemporaryDirectory directory;
  const FileDescriptor other(::open(directory.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ASSERT_EQ(::flock(other.get(), LOCK_EX | LOCK_NB), 0);
  const auto socket = ListeningSocket::open(options_of("unix:" + (directory.path() / "s").string()));
  ASSERT_FALSE(socket);
  EXPECT_NE(socket.error().message.find("another process has locked"), std::string::npos);
}

TEST(UnixSocket, AbstractNamesLeaveNoFile) {
  const std::string name = "unix:@clearline-test-" + std::to_string(::getpid());
  const auto socket = ListeningSocket::open(options_of(name));
  ASSERT_TRUE(socket) << socket.error().message;
  EXPECT_EQ(socket->address().text(), name);
  EXPECT_EQ(connect_to(socket->address()), 0);
  EXPECT_FALSE(ListeningSocket::open(options_of(name)));
}

TEST(AdoptedSocket, MustBeAListeningStreamSocket) {
  auto own = ListeningSocket::open(options_of("127.0.0.1:0"));
  ASSERT_TRUE(own);
  const auto adopted = ListeningSocket::adopt(FileDescriptor(::dup(own->fd())), {});
  ASSERT_TRUE(adopted) << adopted.error().message;
  EXPECT_EQ(adopted->address().text(), own->address().text());
  EXPECT_NE(::fcntl(adopted->fd(), F_GETFD) & FD_CLOEXEC, 0);
  EXPECT_NE(::fcntl(adopted->fd(), F_GETFL) & O_NONBLOCK, 0);

  const auto refusal = [](int fd) {
    const auto socket = ListeningSocket::adopt(FileDescriptor(fd), {});
    return socket ? std::string("none") : socket.error().message;
  };
  EXPECT_NE(refusal(::open("/dev/null", O_RDONLY | O_CLOEXEC)).find("is not a socket"), std::string::npos);
  EXPECT_NE(refusal(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)).find("not a stream socket"), std::string::npos);
  EXPECT_NE(refusal(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)).find("does not listen"), std::string::npos);
  EXPECT_NE(refusal(987).find("is not a socket"), std::string::npos);
}

}  // namespace
}  // namespace clearline::net
