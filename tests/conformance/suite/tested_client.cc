#include "conformance/suite/tested_client.h"

#include "base/result.h"

namespace clearline::ws::testing {

TestedClient::TestedClient() {
  auto loop = net::Loop::create();
  CLEARLINE_ASSERT(loop);
  loop_ = std::move(*loop);
  net::ClientOptions options;
  options.limits.message_bytes_max = std::uint64_t{16} << 20;
  options.limits.outgoing_bytes_max = std::size_t{64} << 20;
  client_.reset(new net::Client(*loop_, options, *this));  // the base is private
  thread_ = std::thread([this] { loop_->run(); });
}

TestedClient::~TestedClient() {
  loop_->stop();
  thread_.join();
  client_.reset();
}

void TestedClient::connect(std::uint16_t port, bool offer_deflate) {
  loop_->post([this, port, offer_deflate] {
    net::ConnectOptions options;
    options.port = port;
    if (offer_deflate) options.deflate = DeflateOptions{false, false, 15, 15};
    CLEARLINE_ASSERT(client_->connect(options));
  });
}

void TestedClient::on_open(net::Connection& /*connection*/) {}

void TestedClient::on_message(net::Connection& connection, MessageKind kind, std::string_view payload) {
  if (kind == MessageKind::text) {
    connection.send_text(payload);
  } else {
    connection.send_binary(payload);
  }
}

void TestedClient::on_end(net::ConnectionId /*id*/, void* /*user*/, const End& /*end*/) {}

}  // namespace clearline::ws::testing
