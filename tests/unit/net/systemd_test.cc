#include "net/systemd.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace clearline::net {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr long own_pid = 4711;

std::vector<std::string> names_of(const ActivationVariables& variables) {
  const auto names = passed_socket_names(variables, own_pid);
  EXPECT_TRUE(names) << names.error().message;
  return names.value_or(std::vector<std::string>{"error"});
}

std::string error_of(const ActivationVariables& variables) {
  const auto names = passed_socket_names(variables, own_pid);
  return names ? "no error" : names.error().message;
}

TEST(Systemd, NothingIsPassedWithoutVariables) {
  EXPECT_THAT(names_of({}), IsEmpty());
  EXPECT_THAT(names_of({.listen_pid = "4711"}), IsEmpty());
  EXPECT_THAT(names_of({.listen_fds = "1"}), IsEmpty());
}

TEST(Systemd, SocketsOfAnotherProcessAreNotOurs) {
  EXPECT_THAT(names_of({.listen_pid = "4712", .listen_fds = "2", .listen_fdnames = "a:b"}), IsEmpty());
}

TEST(Systemd, EachSocketHasItsName) {
  EXPECT_THAT(names_of({.listen_pid = "4711", .listen_fds = "2", .listen_fdnames = "http:local"}),
              ElementsAre("http", "local"));
  EXPECT_THAT(names_of({.listen_pid = "4711", .listen_fds = "2"}), ElementsAre("unknown", "unknown"));
  EXPECT_THAT(names_of({.listen_pid = "4711", .listen_fds = "1", .listen_fdnames = ""}), ElementsAre(""));
  EXPECT_THAT(names_of({.listen_pid = "4711", .listen_fds = "0", .listen_fdnames = ""}), IsEmpty());
}

TEST(Systemd, ErrorsNameTheVariable) {
  EXPECT_THAT(error_of({.listen_pid = "us", .listen_fds = "1"}), HasSubstr("LISTEN_PID is not a number: 'us'"));
  EXPECT_THAT(error_of({.listen_pid = "4711", .listen_fds = "1x"}), HasSubstr("LISTEN_FDS is not a number"));
  EXPECT_THAT(error_of({.listen_pid = "4711", .listen_fds = "-1"}), HasSubstr("LISTEN_FDS is not a number"));
  EXPECT_THAT(error_of({.listen_pid = "4711", .listen_fds = "1025"}), HasSubstr("LISTEN_FDS is above 1024"));
  EXPECT_THAT(error_of({.listen_pid = "4711", .listen_fds = "2", .listen_fdnames = "a"}),
              HasSubstr("LISTEN_FDNAMES has 1 names, and LISTEN_FDS says 2"));
}

}  // namespace
}  // namespace clearline::net
