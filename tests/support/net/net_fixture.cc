#include "support/net/net_fixture.h"

#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

#include "base/clock.h"

namespace clearline::net {

std::string client_frame(ws::Opcode opcode, std::string_view payload, bool fin) {
  const std::uint32_t mask_key = 0x5DE1A397;
  std::array<std::byte, ws::frame_header_bytes_max> header;
  const std::size_t header_bytes = ws::encode_header({opcode, fin, false, payload.size(), mask_key}, header);
  std::string frame(reinterpret_cast<const char*>(header.data()), header_bytes);
  frame.append(payload);
  ws::mask_in_place(std::as_writable_bytes(std::span(frame)).subspan(header_bytes), mask_key);
  return frame;
}

std::string close_payload(std::uint16_t code, std::string_view reason) {
  std::string payload = {static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  return payload.append(reason);
}

std::string upgrade_request(std::string_view more_headers, std::string_view target) {
  return "GET " + std::string(target) +
         " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
         std::string(more_headers) + "\r\n";
}

NetTest::NetTest() {
  auto created = Loop::create();
  if (created) loop = std::move(*created);
}

void NetTest::listen() {
  ASSERT_NE(loop, nullptr);
  auto listening = Server::listen(*loop, options, handler);
  ASSERT_TRUE(listening) << listening.error().message;
  server = std::move(*listening);
}

void NetTest::pump_until(const std::function<bool()>& condition, const char* what) {
  const std::int64_t give_up_ms = monotonic_now().ms + patience_ms;
  while (!condition()) {
    if (monotonic_now().ms > give_up_ms) FAIL() << "never happened: " << what;
    loop->run_once(5);
  }
}

void NetTest::pump_idle() {
  for (int i = 0; i < 20; ++i) loop->run_once(0);
}

RawPeer::RawPeer(std::uint16_t port, int receive_buffer_bytes)
    : RawPeer(*SocketAddress::parse("127.0.0.1", port), receive_buffer_bytes) {}

RawPeer::RawPeer(const SocketAddress& address, int receive_buffer_bytes)
    : fd_(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (receive_buffer_bytes > 0) {
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
  }
  const int on = 1;
  if (!address.is_unix()) ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd_.get(), address.data(), address.size()) != 0) ADD_FAILURE() << "connect: " << errno;
}

void RawPeer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent <= 0) {
      ADD_FAILURE() << "the peer cannot send: errno " << errno;
      return;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string& RawPeer::received() {
  std::array<char, 65536> buffer;
  while (fd_ && !eof_ && !reset_) {
    const ssize_t count = ::recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count > 0) {
      received_.append(buffer.data(), static_cast<std::size_t>(count));
      continue;
    }
    if (count == 0) eof_ = true;
    if (count < 0 && errno == ECONNRESET) reset_ = true;
    break;
  }
  return received_;
}

bool RawPeer::eof() {
  received();
  return eof_;
}

bool RawPeer::reset() {
  received();
  return reset_;
}

void RawPeer::shut_down_sending() {
  ::shutdown(fd_.get(), SHUT_WR);
}

void RawPeer::reset_connection() {
  const linger at_once{1, 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  fd_.reset();
}

std::optional<ServerFrame> RawPeer::take_frame() {
  const std::string& bytes = received();
  const auto byte = [&](std::size_t i) { return static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])); };
  if (bytes.size() < 2) return std::nullopt;
  std::uint64_t length = byte(1) & 0x7f;
  std::size_t header_bytes = 2;
  if (length >= 126) {
    const std::size_t length_bytes = length == 126 ? 2 : 8;
    header_bytes += length_bytes;
    if (bytes.size() < header_bytes) return std::nullopt;
    length = 0;
    for (std::size_t i = 0; i < length_bytes; ++i) length = (length << 8) | byte(2 + i);
  }
  if (bytes.size() < header_bytes + length) return std::nullopt;
  EXPECT_EQ(byte(0) & 0x80, 0x80U) << "the server does not fragment";
  EXPECT_EQ(byte(1) & 0x80, 0U) << "the server does not mask";
  ServerFrame frame{static_cast<ws::Opcode>(byte(0) & 0x0f), bytes.substr(header_bytes, length)};
  received_.erase(0, header_bytes + length);
  return frame;
}

std::optional<std::string> RawPeer::take_response(bool head_only) {
  const std::string& bytes = received();
  const auto head_end = bytes.find("\r\n\r\n");
  if (head_end == std::string::npos) return std::nullopt;
  std::size_t length = 0;
  const std::string_view field = "Content-Length: ";
  const auto position = bytes.find(field);
  if (!head_only && position < head_end) {
    std::from_chars(bytes.data() + position + field.size(), bytes.data() + head_end, length);
  }
  if (bytes.size() < head_end + 4 + length) return std::nullopt;
  std::string response = bytes.substr(0, head_end + 4 + length);
  received_.erase(0, response.size());
  return response;
}

}  // namespace clearline::net
