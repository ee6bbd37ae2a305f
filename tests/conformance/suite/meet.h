// How the suite gets a connection for a case: to a server that is tested, or from a client that is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "conformance/suite/socket_peer.h"
#include "net/file_descriptor.h"
#include "ws/deflate_negotiation.h"

namespace clearline::ws::testing {

struct Met {
  SocketPeer peer;
  std::optional<DeflateParameters> agreed = {};  // nothing: no compression
};

// To the server at 127.0.0.1, with these offers of extensions. An error is one sentence.
[[nodiscard]] tl::expected<Met, std::string> meet_server(std::uint16_t port, const std::string& offers);

// Where clients that are tested connect to.
class MeetingPoint {
 public:
  MeetingPoint();
  [[nodiscard]] std::uint16_t port() const;
  // The next client. `answer_for`: the answer to its offer of permessage-deflate; empty for none.
  template <typename AnswerFor>
  [[nodiscard]] tl::expected<Met, std::string> meet_client(AnswerFor answer_for) {
    auto fd = accept();
    if (!fd) return tl::unexpected(std::string("the client does not connect"));
    SocketPeer peer(std::move(fd));
    const auto head = peer.next_head();
    if (!head) return tl::unexpected(std::string("the client sends no request"));
    return answer(std::move(peer), *head, answer_for(offer_in(*head)));
  }

 private:
  [[nodiscard]] net::FileDescriptor accept() const;
  [[nodiscard]] static std::string offer_in(const std::string& head);
  [[nodiscard]] static tl::expected<Met, std::string> answer(SocketPeer peer, const std::string& head,
                                                             const std::string& extensions);

  net::FileDescriptor listener_;
};

// A program that prints "listening on 127.0.0.1:PORT", until this is destroyed.
class SpawnedServer {
 public:
  explicit SpawnedServer(const std::vector<std::string>& command);
  ~SpawnedServer();
  SpawnedServer(const SpawnedServer&) = delete;
  SpawnedServer& operator=(const SpawnedServer&) = delete;

  // 0 if it did not start.
  [[nodiscard]] std::uint16_t port() const { return port_; }
  // Ends it and says whether it ended well.
  bool stop();

 private:
  int process_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace clearline::ws::testing
