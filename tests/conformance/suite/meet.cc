#include "conformance/suite/meet.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <utility>
#include <vector>

#include "ws/extensions.h"
#include "ws/handshake.h"

extern char** environ;

namespace clearline::ws::testing {
namespace {

constexpr std::string_view key = "dGhlIHNhbXBsZSBub25jZQ==";

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// The value of a field as our own software and the suite's servers write it.
std::string field_in(const std::string& head, std::string_view name) {
  const std::string start = "\r\n" + std::string(name) + ": ";
  const std::size_t at = head.find(start);
  if (at == head.npos) return {};
  return head.substr(at + start.size(), head.find("\r\n", at + 2) - at - start.size());
}

std::optional<DeflateParameters> agreed_by(const std::string& extensions) {
  const auto list = parse_extensions(extensions);
  if (!list) return std::nullopt;
  const auto agreed =
      agree_deflate({{}, *list}, {.server_no_context_takeover = false, .client_no_context_takeover = false});
  return agreed ? *agreed : std::nullopt;
}

}  // namespace

tl::expected<Met, std::string> meet_server(std::uint16_t port, const std::string& offers) {
  net::FileDescriptor fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = loopback(port);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return tl::unexpected("cannot connect to port " + std::to_string(port));
  }
  SocketPeer peer(std::move(fd));
  std::string request = "GET / HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                        "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + std::string(key) +
                        "\r\nSec-WebSocket-Version: 13\r\n";
  if (!offers.empty()) request += "Sec-WebSocket-Extensions: " + offers + "\r\n";
  peer.send(request + "\r\n");
  const auto head = peer.next_head();
  if (!head) return tl::unexpected(std::string("no answer to the handshake"));
  if (!head->starts_with("HTTP/1.1 101 ")) return tl::unexpected("refused: " + head->substr(0, head->find('\r')));
  if (field_in(*head, "Sec-WebSocket-Accept") != accept_value(key))
    return tl::unexpected(std::string("wrong Sec-WebSocket-Accept"));
  const std::string extensions = field_in(*head, "Sec-WebSocket-Extensions");
  auto agreed = agreed_by(extensions);
  if (!extensions.empty() && !agreed) return tl::unexpected("malformed answer: " + extensions);
  return Met{std::move(peer), agreed};
}

MeetingPoint::MeetingPoint() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const sockaddr_in address = loopback(0);
  ::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  ::listen(listener_.get(), 8);
}

std::uint16_t MeetingPoint::port() const {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

net::FileDescriptor MeetingPoint::accept() const {
  pollfd waiting{listener_.get(), POLLIN, 0};
  if (::poll(&waiting, 1, static_cast<int>(patience_ms)) != 1) return {};
  return net::FileDescriptor(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
}

std::string MeetingPoint::offer_in(const std::string& head) {
  return field_in(head, "Sec-WebSocket-Extensions");
}

tl::expected<Met, std::string> MeetingPoint::answer(SocketPeer peer, const std::string& head,
                                                    const std::string& extensions) {
  std::string response =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
      accept_value(field_in(head, "Sec-WebSocket-Key")) + "\r\n";
  if (!extensions.empty()) response += "Sec-WebSocket-Extensions: " + extensions + "\r\n";
  peer.send(response + "\r\n");
  return Met{std::move(peer), extensions.empty() ? std::nullopt : agreed_by(extensions)};
}

SpawnedServer::SpawnedServer(const std::vector<std::string>& command) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return;
  const net::FileDescriptor out(ends[0]);
  {
    const net::FileDescriptor in(ends[1]);
    std::vector<char*> arguments;
    for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in.get(), STDOUT_FILENO);
    if (::posix_spawn(&process_, arguments[0], &actions, nullptr, arguments.data(), environ) != 0) process_ = -1;
    posix_spawn_file_actions_destroy(&actions);
  }
  std::string line;
  char c = 0;
  while (line.find('\n') == line.npos && ::read(out.get(), &c, 1) == 1) line += c;
  const std::size_t colon = line.rfind(':');
  if (colon != line.npos) std::from_chars(line.data() + colon + 1, line.data() + line.size(), port_);
}

bool SpawnedServer::stop() {
  if (process_ <= 0) return false;
  ::kill(process_, SIGTERM);
  int status = 0;
  const bool waited = ::waitpid(std::exchange(process_, -1), &status, 0) > 0;
  return waited && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

SpawnedServer::~SpawnedServer() {
  stop();
}

}  // namespace clearline::ws::testing
