// A NetTest with peers whose WebSocket is open.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "support/net/net_fixture.h"

namespace clearline::net {

class ServerTest : public NetTest {
 protected:
  // A peer whose WebSocket is open.
  std::unique_ptr<RawPeer> connect(int receive_buffer_bytes = 0) {
    auto peer = std::make_unique<RawPeer>(server->port(), receive_buffer_bytes);
    peer->send(upgrade_request());
    std::optional<std::string> response;
    pump_until([&] { return (response = peer->take_response()).has_value(); }, "the answer to the handshake");
    EXPECT_EQ(response.value_or("").substr(0, 34), "HTTP/1.1 101 Switching Protocols\r\n");
    return peer;
  }
  ServerFrame next_frame(RawPeer& peer) {
    std::optional<ServerFrame> frame;
    pump_until([&] { return (frame = peer.take_frame()).has_value(); }, "a frame from the server");
    return frame.value_or(ServerFrame{ws::Opcode::continuation, "none"});
  }
  const ws::End& wait_for_end(std::size_t count = 1) {
    pump_until([&] { return handler.ends.size() >= count; }, "on_end");
    static const ws::End none{};
    return handler.ends.size() >= count ? handler.ends[count - 1].end : none;
  }
  void wait_until_gone() {
    pump_until([&] { return server->connection_count() == 0; }, "the end of all TCP connections");
  }
  Connection& only_connection() { return *server->find(handler.opened.at(0)); }
};

}  // namespace clearline::net
