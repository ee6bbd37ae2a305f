// Both ends of a WebSocket in one process, joined by two strings: what clearline::ws is without clearline::net.
#include <cstdio>
#include <span>
#include <string>
#include <string_view>

#include "clearline/base/version.h"
#include "clearline/ws/protocol.h"
#include "net/loop.h"

static_assert(CLEARLINE_VERSION_MAJOR == 0 && own_loop == 7);

namespace {

using namespace clearline;

class End final : public ws::Handler {
 public:
  End(ws::Role role, std::string& output) : protocol(role, settings_), output_(output) {}

  void on_message(ws::MessageKind, std::span<const std::byte> payload) override { heard += ws::as_text(payload); }
  void write(std::span<const std::byte> head, std::span<const std::byte> body) override {
    output_ += ws::as_text(head);
    output_ += ws::as_text(body);
  }
  std::uint32_t next_mask_key() override { return 0x12345678; }  // a program takes random_bytes()

  void take(std::string input) { protocol.receive(std::as_writable_bytes(std::span(input)), *this); }

  std::string heard;

 private:
  ws::Settings settings_;

 public:
  ws::Protocol protocol;

 private:
  std::string& output_;
};

}  // namespace

int main() {
  std::string to_client;
  std::string to_server;
  End server(ws::Role::server, to_client);
  End client(ws::Role::client, to_server);
  client.protocol.send_message(ws::MessageKind::text, ws::as_payload("hello"), client);
  client.protocol.close(registry::Cause::purpose_fulfilled, client);
  server.take(to_server);
  client.take(to_client);
  const ws::End end = client.protocol.end();
  std::printf("%s heard %s, client ended with %u, %s\n", std::string(version).c_str(), server.heard.c_str(),
              static_cast<unsigned>(end.status), end.clean ? "clean" : "not clean");
}
