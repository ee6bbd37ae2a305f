// Our client as the suite tests one: it connects when told, echoes everything, and leaves the ending to the server.
#pragma once

#include <cstdint>
#include <memory>
#include <thread>

#include "net/client.h"
#include "net/loop.h"

namespace clearline::ws::testing {

class TestedClient final : net::ConnectionHandler {
 public:
  TestedClient();
  ~TestedClient();
  TestedClient(const TestedClient&) = delete;
  TestedClient& operator=(const TestedClient&) = delete;

  void connect(std::uint16_t port, bool offer_deflate);

 private:
  void on_open(net::Connection& connection) override;
  void on_message(net::Connection& connection, MessageKind kind, std::string_view payload) override;
  void on_end(net::ConnectionId id, void* user, const End& end) override;

  std::unique_ptr<net::Loop> loop_;
  std::unique_ptr<net::Client> client_;
  std::thread thread_;
};

}  // namespace clearline::ws::testing
