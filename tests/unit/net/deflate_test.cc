// permessage-deflate and required extensions over real sockets: both ends ours, then peers of plain bytes.
#include "ws/deflate.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "net/client.h"
#include "support/net/net_fixture.h"

namespace clearline::net {
namespace {

using registry::Cause;
using registry::Origin;

constexpr ws::DeflateOptions permissive{.server_no_context_takeover = false, .client_no_context_takeover = false};

std::string chat_text(int number) {
  std::string text;
  for (int i = 0; i < 12; ++i) {
    text += R"({"seq":)" + std::to_string(number * 12 + i) + R"(,"text":"Thank you, is there anything else?"},)";
  }
  return text;
}

class DeflateTest : public NetTest {
 protected:
  void start() {
    handler.message_hook = echo;
    handler.open_hook = [this](Connection& connection) { note(connection, server_negotiated); };
    client_handler.open_hook = [this](Connection& connection) { note(connection, client_negotiated); };
    listen();
    client = std::make_unique<Client>(*loop, client_options, client_handler);
    connect_options.port = server->port();
  }

  static void note(const Connection& connection, std::vector<std::string>& list) {
    const Negotiated& negotiated = connection.negotiated();
    EXPECT_EQ(negotiated.deflate.has_value(), !negotiated.extensions.empty());
    list.push_back(ws::format_extensions(negotiated.extensions));
  }

  Connection& open() {
    const auto id = client->connect(connect_options);
    EXPECT_TRUE(id);
    const std::size_t count = handler.opened.size() + 1;
    pump_until([&] { return client->find(*id) != nullptr && handler.opened.size() == count; }, "the handshake");
    return *client->find(*id);
  }

  const ws::End& client_end() {
    pump_until([&] { return !client_handler.ends.empty(); }, "the client's on_end");
    static const ws::End none{};
    return client_handler.ends.empty() ? none : client_handler.ends.back().end;
  }
  const ws::End& server_end() {
    pump_until([&] { return !handler.ends.empty(); }, "the server's on_end");
    static const ws::End none{};
    return handler.ends.empty() ? none : handler.ends.back().end;
  }

  ClientOptions client_options;
  ConnectOptions connect_options;
  RecordingHandler client_handler;
  std::unique_ptr<Client> client;
  std::vector<std::string> server_negotiated;
  std::vector<std::string> client_negotiated;
};

struct Parameters {
  const char* server;  // what it wants, in the words of the header
  const char* client;
  const char* agreed;
};

class DeflateParametersTest : public DeflateTest, public ::testing::WithParamInterface<Parameters> {};

TEST_P(DeflateParametersTest, AgreesAndEchoes) {
  options.deflate = ws::parse_deflate_options(GetParam().server).value();
  connect_options.deflate = ws::parse_deflate_options(GetParam().client).value();
  start();
  Connection& connection = open();
  const std::string agreed = "permessage-deflate" + std::string(GetParam().agreed);
  EXPECT_EQ(server_negotiated, std::vector{agreed});
  EXPECT_EQ(client_negotiated, std::vector{agreed});
  std::vector<std::string> sent;
  for (int i = 0; i < 20; ++i) sent.push_back(i % 3 == 0 ? std::to_string(i) : chat_text(i));
  sent.push_back("");
  sent.push_back(std::string(200'000, 'x'));
  for (const std::string& text : sent) EXPECT_TRUE(connection.send_text(text));
  pump_until([&] { return client_handler.messages.size() == sent.size(); }, "the echoes");
  EXPECT_EQ(handler.messages, sent);
  EXPECT_EQ(client_handler.messages, sent);
}

INSTANTIATE_TEST_SUITE_P(
    Net, DeflateParametersTest,
    ::testing::Values(Parameters{"", "", ""},
                      Parameters{"server_no_context_takeover", "", "; server_no_context_takeover"},
                      Parameters{"", "server_no_context_takeover", "; server_no_context_takeover"},
                      Parameters{"client_no_context_takeover", "", "; client_no_context_takeover"},
                      Parameters{"", "client_no_context_takeover", "; client_no_context_takeover"},
                      Parameters{"server_no_context_takeover; client_no_context_takeover", "",
                                 "; server_no_context_takeover; client_no_context_takeover"},
                      Parameters{"server_max_window_bits=12", "", "; server_max_window_bits=12"},
                      Parameters{"", "server_max_window_bits=9", "; server_max_window_bits=9"},
                      Parameters{"", "server_max_window_bits=8", "; server_max_window_bits=8"},
                      Parameters{"client_max_window_bits=10", "", "; client_max_window_bits=10"},
                      Parameters{"", "client_max_window_bits=9", "; client_max_window_bits=9"},
                      Parameters{"", "client_max_window_bits=8", "; client_max_window_bits=8"},
                      Parameters{"server_max_window_bits=11; client_max_window_bits=13; client_no_context_takeover",
                                 "server_max_window_bits=14; client_max_window_bits=9; server_no_context_takeover",
                                 "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=11; "
                                 "client_max_window_bits=9"}));

TEST_F(DeflateTest, IsOffUnlessBothWantIt) {
  start();
  open();
  connect_options.deflate.emplace();
  open();
  EXPECT_EQ(server_negotiated, (std::vector<std::string>{"", ""}));
  EXPECT_EQ(client_negotiated, (std::vector<std::string>{"", ""}));
}

TEST_F(DeflateTest, ApplicationMayDeclineForOneConnection) {
  options.deflate.emplace();
  connect_options.deflate.emplace();
  handler.upgrade_hook = [](ConnectionId, const http::Request&, const ws::Upgrade&) {
    UpgradeDecision decision = UpgradeDecision::accept();
    decision.deflate = false;
    return decision;
  };
  start();
  open();
  EXPECT_EQ(client_negotiated, std::vector<std::string>{""});
}

// What leaves for a peer of plain bytes that offered the extension.
class DeflateWireTest : public DeflateTest {
 protected:
  RawPeer& peer(const char* offer) {
    peers.push_back(std::make_unique<RawPeer>(server->port()));
    peers.back()->send(upgrade_request("Sec-WebSocket-Extensions: " + std::string(offer) + "\r\n"));
    const std::size_t count = peers.size();
    pump_until([&] { return handler.opened.size() == count; }, "on_open");
    pump_until([&] { return peers.back()->received().ends_with("\r\n\r\n"); }, "the 101");
    peers.back()->received().clear();
    return *peers.back();
  }
  std::vector<std::unique_ptr<RawPeer>> peers;
};

TEST_F(DeflateWireTest, LeavesShortMessagesAlone) {
  options.deflate.emplace();
  options.limits.compressed_bytes_min = 100;
  start();
  RawPeer& raw = peer("permessage-deflate");
  Connection& connection = *server->find(handler.opened.at(0));
  connection.send_text(std::string(99, 'a'));
  connection.send_text(std::string(100, 'a'));
  pump_until([&] { return raw.received().size() > 103; }, "both messages");
  EXPECT_EQ(static_cast<unsigned char>(raw.received().at(0)), 0x81U);
  EXPECT_EQ(static_cast<unsigned char>(raw.received().at(101)), 0xC1U);
}

TEST_F(DeflateWireTest, BroadcastGoesAsEachConnectionAgreed) {
  options.deflate = permissive;
  start();
  RawPeer& plain = peer("x-unknown");
  RawPeer& alone = peer("permessage-deflate; server_no_context_takeover");
  RawPeer& also_alone = peer("permessage-deflate; server_no_context_takeover; client_max_window_bits");
  RawPeer& taking_over = peer("permessage-deflate");
  const std::string text = chat_text(1);
  for (int round = 0; round < 2; ++round) {
    const ws::SharedFrame frame = ws::make_shared_frame(ws::Opcode::text, ws::as_payload(text));
    server->for_each([&](Connection& connection) { EXPECT_TRUE(connection.send(frame)); });
  }
  pump_until([&] { return plain.received().size() == 2 * (text.size() + 4); }, "the plain ones");
  pump_until([&] { return taking_over.received().size() > 20; }, "the compressed ones");
  pump_idle();
  EXPECT_EQ(alone.received(), also_alone.received());
  EXPECT_LT(alone.received().size(), text.size());
  // The second one refers to the first.
  EXPECT_LT(taking_over.received().size(), alone.received().size() * 3 / 4);
  const auto inflate = [](const std::string& bytes, std::size_t header_bytes) {
    const std::size_t size = static_cast<unsigned char>(bytes.at(1));
    ws::Inflater inflater(15);
    ws::MessageBuffer message;
    EXPECT_EQ(inflater.feed(ws::as_payload(std::string_view(bytes).substr(header_bytes, size)), message, 1 << 20),
              ws::InflateResult::ok);
    EXPECT_EQ(inflater.finish_message(message, 1 << 20), ws::InflateResult::ok);
    return std::string(ws::as_text(message.bytes()));
  };
  ASSERT_LT(static_cast<unsigned char>(alone.received().at(1)), 126);
  EXPECT_EQ(inflate(alone.received(), 2), text);
  EXPECT_EQ(inflate(taking_over.received(), 2), text);
}

// --- Bombs
// ------------------------------------------------------------------------------------------------------------

TEST_F(DeflateTest, BombsStopAtTheServersLimit) {
  options.deflate = permissive;
  options.limits.message_bytes_max = 64 << 10;
  connect_options.deflate = permissive;
  start();
  Connection& connection = open();
  EXPECT_TRUE(connection.send_text(std::string(64 << 10, 'x')));
  EXPECT_TRUE(connection.send_text(std::string((64 << 10) + 1, 'x')));
  const ws::End& end = server_end();
  EXPECT_EQ(end.status, registry::message_too_big);
  EXPECT_EQ(end.origin, Origin::us);
  EXPECT_EQ(end.cause, Cause::message_too_big);
  EXPECT_EQ(handler.messages.size(), 1U);
  EXPECT_EQ(client_end().status, registry::message_too_big);
  EXPECT_EQ(client_end().origin, Origin::peer);
}

TEST_F(DeflateTest, BombsStopAtTheClientsLimit) {
  options.deflate = permissive;
  client_options.limits.message_bytes_max = 64 << 10;
  connect_options.deflate = permissive;
  start();
  open();
  server->find(handler.opened.at(0))->send_text(std::string(16 << 20, 'x'));
  EXPECT_EQ(client_end().status, registry::message_too_big);
  EXPECT_EQ(client_end().origin, Origin::us);
  EXPECT_EQ(server_end().received_code, registry::message_too_big);
  EXPECT_EQ(server_end().cause, Cause::peer_closed);
}

// --- Required extensions
// ----------------------------------------------------------------------------------------------

TEST_F(DeflateTest, RequiredAndGranted) {
  options.deflate.emplace();
  connect_options.required_extensions = {"permessage-deflate"};
  start();
  Connection& connection = open();
  EXPECT_EQ(client_negotiated.at(0), "permessage-deflate; server_no_context_takeover; client_no_context_takeover");
  connection.send_text("hello");
  pump_until([&] { return client_handler.messages.size() == 1; }, "the echo");
}

TEST_F(DeflateTest, RequiredAndNotGrantedEndsWith1010) {
  connect_options.required_extensions = {"permessage-deflate"};
  handler.open_hook = {};
  start();
  handler.open_hook = [](Connection& connection) {
    connection.send_ping("unasked");
    connection.send_text("unasked");
  };
  ASSERT_TRUE(client->connect(connect_options));
  const ws::End& end = client_end();
  EXPECT_EQ(end.status, registry::mandatory_extension);
  EXPECT_EQ(end.origin, Origin::us);
  EXPECT_EQ(end.cause, Cause::missing_extension);
  EXPECT_EQ(end.reason, "permessage-deflate");
  EXPECT_TRUE(end.clean);
  EXPECT_EQ(end.sent_code, registry::mandatory_extension);
  EXPECT_EQ(end.received_code, registry::mandatory_extension);
  // It hears exactly that.
  EXPECT_TRUE(client_handler.opened.empty());
  EXPECT_TRUE(client_handler.messages.empty());
  EXPECT_EQ(client_handler.ends.size(), 1U);

  const ws::End& seen = server_end();
  EXPECT_EQ(seen.status, registry::mandatory_extension);
  EXPECT_EQ(seen.origin, Origin::peer);
  EXPECT_EQ(seen.cause, Cause::peer_closed);
  EXPECT_EQ(seen.reason, "permessage-deflate");
  EXPECT_TRUE(seen.clean);
  pump_until([&] { return client->connection_count() == 0 && server->connection_count() == 0; }, "the end of TCP");
}

TEST_F(DeflateTest, ReasonListsWhatIsMissingAsFarAsItFits) {
  options.deflate.emplace();
  connect_options.required_extensions = {"x-first", "Permessage-Deflate"};
  for (int i = 0; i < 20; ++i) connect_options.required_extensions.push_back("x-number-" + std::to_string(i));
  start();
  ASSERT_TRUE(client->connect(connect_options));
  const ws::End& end = client_end();
  EXPECT_EQ(end.cause, Cause::missing_extension);
  EXPECT_EQ(end.reason.size(), ws::close_reason_bytes_max);
  EXPECT_TRUE(end.reason.starts_with("x-first, x-number-0, x-number-1, ")) << end.reason;
  EXPECT_EQ(server_end().reason, end.reason);
}

TEST_F(DeflateTest, ServerThatDoesNotAnswerThe1010) {
  client_options.limits.close_timeout_ms = 50;
  connect_options.required_extensions = {"permessage-deflate"};
  start();
  handler.open_hook = [](Connection& connection) { connection.pause_reading(); };
  ASSERT_TRUE(client->connect(connect_options));
  const ws::End& end = client_end();
  EXPECT_EQ(end.status, registry::mandatory_extension);
  EXPECT_EQ(end.cause, Cause::missing_extension);
  EXPECT_FALSE(end.clean);
  EXPECT_EQ(end.unclean_cause, Cause::close_timeout);
}

TEST_F(DeflateTest, RefusesNamesThatAreNone) {
  start();
  connect_options.required_extensions = {"two words"};
  EXPECT_FALSE(client->connect(connect_options));
  connect_options.required_extensions = {""};
  EXPECT_FALSE(client->connect(connect_options));
  connect_options.required_extensions = {};
  connect_options.extensions = {{.name = "permessage-deflate"}};
  EXPECT_FALSE(client->connect(connect_options));
}

}  // namespace
}  // namespace clearline::net
