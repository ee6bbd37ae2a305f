// The server's HTTP side: keep-alive, pipelining, answers given later, refusals, the connection limit and draining.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/net/net_fixture.h"

namespace clearline::net {
namespace {

using ws::Opcode;

constexpr std::string_view get_a = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr std::string_view get_b = "GET /b HTTP/1.1\r\nHost: h\r\n\r\n";

class HttpServerTest : public NetTest {
 protected:
  // Answers every request at once with its own target.
  void answer_with_target() {
    handler.request_hook = [&](ConnectionId id, const http::Request& request) {
      EXPECT_TRUE(server->respond(id, http::Response::text(200, std::string(request.target))));
    };
  }
  std::string next_response(RawPeer& peer, bool head_only = false) {
    std::optional<std::string> response;
    pump_until([&] { return (response = peer.take_response(head_only)).has_value(); }, "an answer");
    return response.value_or("");
  }
  static std::string status_of(const std::string& response) { return response.substr(9, 3); }
  static std::string body_of(const std::string& response) { return response.substr(response.find("\r\n\r\n") + 4); }
  void expect_eof(RawPeer& peer) {
    pump_until([&] { return peer.eof(); }, "the server closes");
    EXPECT_FALSE(peer.reset());
    EXPECT_EQ(peer.received(), "");
  }
};

TEST_F(HttpServerTest, AnswersOneRequestAfterTheOther) {
  answer_with_target();
  listen();
  RawPeer peer(server->port());
  for (int i = 0; i < 5; ++i) {
    peer.send(get_a);
    EXPECT_EQ(body_of(next_response(peer)), "/a");
    peer.send(get_b);
    EXPECT_EQ(body_of(next_response(peer)), "/b");
  }
  EXPECT_EQ(server->connection_count(), 1U);
  EXPECT_TRUE(handler.ends.empty());
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInOrder) {
  answer_with_target();
  listen();
  RawPeer peer(server->port());
  std::string requests;
  for (int i = 0; i < 500; ++i) requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n";
  peer.send(requests);
  for (int i = 0; i < 500; ++i) ASSERT_EQ(body_of(next_response(peer)), "/" + std::to_string(i));
}

TEST_F(HttpServerTest, LaterAnswerHoldsBackTheNextRequest) {
  std::vector<ConnectionId> waiting;
  handler.request_hook = [&](ConnectionId id, const http::Request&) { waiting.push_back(id); };
  listen();
  RawPeer peer(server->port());
  peer.send(std::string(get_a) + std::string(get_b));
  pump_until([&] { return handler.requests.size() == 1; }, "the first request");
  peer.send("GET /c HTTP/1.1\r\nHost: h\r\n\r\n");
  pump_idle();
  EXPECT_EQ(handler.requests.size(), 1U);
  EXPECT_TRUE(server->respond(waiting.at(0), http::Response::text(200, "one")));
  EXPECT_FALSE(server->respond(waiting.at(0), http::Response::text(200, "again"))) << "it is answered";
  EXPECT_EQ(handler.requests.size(), 1U) << "the application is not called from inside respond()";
  EXPECT_EQ(body_of(next_response(peer)), "one");
  pump_until([&] { return handler.requests.size() == 2; }, "the second request");
  EXPECT_TRUE(server->respond(waiting.at(1), http::Response::text(200, "two")));
  EXPECT_EQ(body_of(next_response(peer)), "two");
  pump_until([&] { return handler.requests.size() == 3; }, "the third request");
  EXPECT_TRUE(server->respond(waiting.at(2), http::Response::text(200, "three")));
  EXPECT_EQ(body_of(next_response(peer)), "three");
}

TEST_F(HttpServerTest, AnswerForSomebodyWhoLeftFindsNobody) {
  std::optional<ConnectionId> waiting;
  handler.request_hook = [&](ConnectionId id, const http::Request&) { waiting = id; };
  listen();
  RawPeer peer(server->port());
  peer.send(get_a);
  pump_until([&] { return waiting.has_value(); }, "the request");
  peer.reset_connection();
  pump_until([&] { return server->connection_count() == 0; }, "the end of the connection");
  EXPECT_FALSE(server->respond(*waiting, http::Response::text(200, "late")));
}

TEST_F(HttpServerTest, ReadsBodiesAndSendsContinue) {
  answer_with_target();
  listen();
  RawPeer peer(server->port());
  peer.send("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(next_response(peer, true), "HTTP/1.1 100 Continue\r\n\r\n");
  peer.send("hello");
  EXPECT_EQ(status_of(next_response(peer)), "200");
  EXPECT_EQ(handler.requests.at(0), "POST /p hello");
  peer.send("POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  EXPECT_EQ(status_of(next_response(peer)), "200");
  EXPECT_EQ(handler.requests.at(1), "POST /p abc");
}

TEST_F(HttpServerTest, AnswersHeadWithoutABody) {
  answer_with_target();
  listen();
  RawPeer peer(server->port());
  peer.send("HEAD /abc HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string response = next_response(peer, true);
  EXPECT_NE(response.find("Content-Length: 4\r\n"), std::string::npos);
  EXPECT_EQ(body_of(response), "");
  peer.send(get_a);
  EXPECT_EQ(body_of(next_response(peer)), "/a") << "nothing lay between the two";
}

TEST_F(HttpServerTest, ClosesWhenAskedTo) {
  answer_with_target();
  listen();
  for (const std::string_view request :
       {"GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "GET /a HTTP/1.0\r\n\r\n"}) {
    RawPeer peer(server->port());
    peer.send(request);
    const std::string response = next_response(peer);
    EXPECT_EQ(body_of(response), "/a");
    EXPECT_NE(response.find("Connection: close\r\n"), std::string::npos);
    expect_eof(peer);
  }
}

TEST_F(HttpServerTest, AnswersAClientThatShutDownItsSending) {
  std::optional<ConnectionId> waiting;
  handler.request_hook = [&](ConnectionId id, const http::Request&) { waiting = id; };
  listen();
  RawPeer peer(server->port());
  peer.send(get_a);
  peer.shut_down_sending();
  pump_until([&] { return waiting.has_value(); }, "the request");
  pump_idle();
  EXPECT_TRUE(server->respond(*waiting, http::Response::text(200, "still here")));
  EXPECT_EQ(body_of(next_response(peer)), "still here");
  expect_eof(peer);
}

TEST_F(HttpServerTest, SendsLargeBodiesToSlowReaders) {
  static const std::string asset(8 << 20, 'A');
  std::string own(6 << 20, 'B');
  handler.request_hook = [&](ConnectionId id, const http::Request& request) {
    if (request.path == "/a") {
      server->respond(id, http::Response::asset("text/plain", std::as_bytes(std::span(asset.data(), asset.size()))));
    } else {
      server->respond(id, http::Response::text(200, own));
    }
  };
  listen();
  RawPeer peer(server->port(), 16 * 1024);
  peer.send(std::string(get_a) + std::string(get_b) + std::string(get_a));
  pump_idle();
  EXPECT_EQ(handler.requests.size(), 1U) << "answers must not pile up for somebody who does not read them";
  EXPECT_EQ(body_of(next_response(peer)), asset);
  EXPECT_EQ(body_of(next_response(peer)), own);
  EXPECT_EQ(body_of(next_response(peer)), asset);
  EXPECT_EQ(handler.slow_consumers, 0);
}

TEST_F(HttpServerTest, UpgradesAConnectionThatWasKeptAlive) {
  answer_with_target();
  handler.message_hook = echo;
  handler.upgrade_hook = [&](ConnectionId, const http::Request& request, const ws::Upgrade& upgrade) {
    EXPECT_EQ(request.target, "/live");
    EXPECT_EQ(upgrade.origin, "https://example.org");
    EXPECT_EQ(upgrade.subprotocols, (std::vector<std::string_view>{"other", "clearline.v1"}));
    return UpgradeDecision::accept("clearline.v1", &handler);
  };
  listen();
  RawPeer peer(server->port());
  peer.send(std::string(get_a) +
            upgrade_request("Origin: https://example.org\r\nSec-WebSocket-Protocol: other, clearline.v1\r\n", "/live") +
            client_frame(Opcode::text, "hi"));
  EXPECT_EQ(body_of(next_response(peer)), "/a");
  const std::string response = next_response(peer);
  EXPECT_EQ(status_of(response), "101");
  EXPECT_NE(response.find("Sec-WebSocket-Protocol: clearline.v1\r\n"), std::string::npos);
  std::optional<ServerFrame> frame;
  pump_until([&] { return (frame = peer.take_frame()).has_value(); }, "the echo");
  EXPECT_EQ(frame->payload, "hi");
  EXPECT_EQ(server->find(handler.opened.at(0))->user(), &handler);
}

TEST_F(HttpServerTest, ApplicationRefusesAnUpgrade) {
  handler.upgrade_hook = [](ConnectionId, const http::Request&, const ws::Upgrade&) {
    return UpgradeDecision::refuse(http::Response::text(403, "not from there\n"));
  };
  listen();
  RawPeer peer(server->port());
  peer.send(upgrade_request());
  const std::string response = next_response(peer);
  EXPECT_EQ(status_of(response), "403");
  EXPECT_EQ(body_of(response), "not from there\n");
  expect_eof(peer);
  EXPECT_TRUE(handler.opened.empty());
  EXPECT_TRUE(handler.ends.empty());
}

TEST_F(HttpServerTest, BadHandshakesAreHttpAnswers) {
  listen();
  const auto status_for = [&](const std::string& request) {
    RawPeer peer(server->port());
    peer.send(request);
    const std::string response = next_response(peer);
    expect_eof(peer);
    if (status_of(response) == "426") {
      EXPECT_NE(response.find("Sec-WebSocket-Version: 13\r\n"), std::string::npos);
    }
    return status_of(response);
  };
  std::string request = upgrade_request();
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string changed = upgrade_request();
    return changed.replace(changed.find(from), from.size(), to);
  };
  EXPECT_EQ(status_for(with("Version: 13", "Version: 8")), "426");
  EXPECT_EQ(status_for(with("dGhlIHNhbXBsZSBub25jZQ==", "c2hvcnQ=")), "400");
  EXPECT_EQ(status_for(with("GET", "POST")), "405");
  EXPECT_EQ(status_for(with("Connection: Upgrade", "Connection: keep-alive")), "400");
  EXPECT_EQ(status_for(with("Host: localhost\r\n", "")), "400");
  EXPECT_EQ(handler.opened.size(), 0U);
}

TEST_F(HttpServerTest, BrokenRequestsAreAnsweredAndEnd) {
  options.http.body_bytes_max = 100;
  listen();
  const auto status_for = [&](const std::string& request) {
    RawPeer peer(server->port());
    peer.send(request);
    const std::string response = next_response(peer);
    EXPECT_NE(response.find("Connection: close\r\n"), std::string::npos);
    expect_eof(peer);
    return status_of(response);
  };
  EXPECT_EQ(status_for("nonsense\r\n\r\n"), "400");
  EXPECT_EQ(status_for("GET /" + std::string(5000, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n"), "414");
  EXPECT_EQ(status_for("GET / HTTP/1.1\r\nHost: h\r\nA: " + std::string(9000, 'a') + "\r\n\r\n"), "431");
  EXPECT_EQ(status_for("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 101\r\n\r\n" + std::string(101, 'x')), "413");
  EXPECT_EQ(status_for("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n"), "501");
  EXPECT_EQ(status_for("GET / HTTP/3.0\r\nHost: h\r\n\r\n"), "505");
  EXPECT_TRUE(handler.requests.empty());
}

// A refusal is read although the client is still sending the body that was refused.
TEST_F(HttpServerTest, RefusalSurvivesABodyThatGoesOn) {
  options.http.body_bytes_max = 100;
  listen();
  RawPeer peer(server->port());
  peer.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n");
  for (int i = 0; i < 20; ++i) {
    peer.send(std::string(50'000, 'x'));
    pump_idle();
  }
  EXPECT_EQ(status_of(next_response(peer)), "413");
  expect_eof(peer);
}

TEST_F(HttpServerTest, SlowRequestsGet408AndSilentOnesNothing) {
  options.limits.handshake_timeout_ms = 50;
  listen();
  RawPeer slow(server->port());
  slow.send("GET / HTTP/1.1\r\nHost:");
  RawPeer silent(server->port());
  EXPECT_EQ(status_of(next_response(slow)), "408");
  expect_eof(slow);
  expect_eof(silent);
}

TEST_F(HttpServerTest, ForgottenRequestsGet503) {
  options.response_timeout_ms = 50;
  std::optional<ConnectionId> waiting;
  handler.request_hook = [&](ConnectionId id, const http::Request&) { waiting = id; };
  listen();
  RawPeer peer(server->port());
  peer.send(get_a);
  const std::string response = next_response(peer);
  EXPECT_EQ(status_of(response), "503");
  EXPECT_NE(response.find("Retry-After: "), std::string::npos);
  EXPECT_FALSE(server->respond(*waiting, http::Response::text(200, "late")));
  expect_eof(peer);
}

TEST_F(HttpServerTest, IdleConnectionsAreClosed) {
  options.http_idle_timeout_ms = 50;
  answer_with_target();
  listen();
  RawPeer peer(server->port());
  peer.send(get_a);
  EXPECT_EQ(body_of(next_response(peer)), "/a");
  expect_eof(peer);
}

TEST_F(HttpServerTest, RefusesConnectionsOverTheLimit) {
  options.connections_max = 2;
  listen();
  RawPeer first(server->port());
  first.send(upgrade_request());
  RawPeer second(server->port());
  second.send(upgrade_request());
  pump_until([&] { return server->open_count() == 2; }, "two WebSockets");
  RawPeer third(server->port());
  third.send(upgrade_request());
  const std::string response = next_response(third);
  EXPECT_EQ(status_of(response), "503");
  EXPECT_NE(response.find("Retry-After: "), std::string::npos);
  expect_eof(third);
  third.close();
  first.close();
  pump_until([&] { return server->connection_count() == 1; }, "one connection left");
  RawPeer fourth(server->port());
  fourth.send(upgrade_request());
  EXPECT_EQ(status_of(next_response(fourth)), "101");
}

TEST_F(HttpServerTest, DrainsInOrder) {
  std::optional<ConnectionId> waiting;
  handler.request_hook = [&](ConnectionId id, const http::Request&) { waiting = id; };
  handler.message_hook = echo;
  listen();
  RawPeer socket(server->port());
  socket.send(upgrade_request());
  EXPECT_EQ(status_of(next_response(socket)), "101");
  RawPeer idle(server->port());
  RawPeer asking(server->port());
  asking.send(get_a);
  RawPeer half(server->port());
  half.send("GET /half HTTP/1.1\r\n");
  pump_until([&] { return waiting.has_value() && server->connection_count() == 4; }, "four connections");

  server->stop_accepting();
  expect_eof(idle);
  EXPECT_TRUE(server->respond(*waiting, http::Response::text(200, "the last")));
  const std::string response = next_response(asking);
  EXPECT_EQ(body_of(response), "the last");
  EXPECT_NE(response.find("Connection: close\r\n"), std::string::npos);
  expect_eof(asking);
  half.send(upgrade_request().substr(upgrade_request().find("Host")));
  EXPECT_EQ(status_of(next_response(half)), "503");
  expect_eof(half);

  socket.send(client_frame(Opcode::text, "still open"));
  std::optional<ServerFrame> frame;
  pump_until([&] { return (frame = socket.take_frame()).has_value(); }, "the echo");
  EXPECT_EQ(frame->payload, "still open");
  server->for_each([](Connection& connection) { connection.close(registry::Cause::drain); });
  pump_until([&] { return (frame = socket.take_frame()).has_value(); }, "the Close");
  socket.send(client_frame(Opcode::close, frame->payload));
  expect_eof(socket);
  socket.close();
  idle.close();
  asking.close();
  half.close();
  pump_until([&] { return server->connection_count() == 0; }, "the end of the drain");
}

TEST_F(HttpServerTest, DrainEndsConnectionsThatHaveJustBeenAnswered) {
  handler.request_hook = [&](ConnectionId id, const http::Request&) {
    EXPECT_TRUE(server->respond(id, http::Response::text(200, "answered")));
    server->stop_accepting();
  };
  listen();
  RawPeer peer(server->port());
  peer.send(get_a);
  EXPECT_EQ(body_of(next_response(peer)), "answered");
  expect_eof(peer);
}

TEST_F(HttpServerTest, ListensOnOnePortWithSeveralServers) {
  options.reuse_port = true;
  listen();
  options.port = server->port();
  auto second = Server::listen(*loop, options, handler);
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ((*second)->port(), server->port());
}

// With no descriptor left, whoever waits is dropped instead of being left waiting in a loop that burns the processor.
TEST_F(HttpServerTest, RunsOutOfFileDescriptors) {
  answer_with_target();
  listen();
  std::vector<FileDescriptor> sockets;
  for (int i = 0; i < 3; ++i) sockets.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none_left = before;
  none_left.rlim_cur = static_cast<rlim_t>(sockets.back().get()) + 1;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none_left), 0);
  const auto address = SocketAddress::parse("127.0.0.1", server->port());
  for (const FileDescriptor& socket : sockets) EXPECT_EQ(::connect(socket.get(), address->data(), address->size()), 0);
  for (const FileDescriptor& socket : sockets) {
    char byte = 0;
    ssize_t count = -1;
    pump_until(
        [&] {
          count = ::recv(socket.get(), &byte, 1, MSG_DONTWAIT);
          return count >= 0 || errno != EAGAIN;
        },
        "a dropped connection");
    EXPECT_LE(count, 0);
  }
  EXPECT_EQ(server->connection_count(), 0U);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  RawPeer peer(server->port());
  peer.send(get_a);
  EXPECT_EQ(body_of(next_response(peer)), "/a") << "it recovers";
}

TEST_F(HttpServerTest, SaysWhyItCannotListen) {
  listen();
  options.port = server->port();
  const auto taken = Server::listen(*loop, options, handler);
  ASSERT_FALSE(taken);
  EXPECT_NE(taken.error().message.find("127.0.0.1:" + std::to_string(options.port)), std::string::npos);
  options.address = "not an address";
  const auto nonsense = Server::listen(*loop, options, handler);
  ASSERT_FALSE(nonsense);
  EXPECT_NE(nonsense.error().message.find("not an address"), std::string::npos);
}

}  // namespace
}  // namespace clearline::net
