// TLS sessions against each other, bytes in and bytes out: every cut of the handshake, every reason to refuse a
// certificate, names, failures.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "net/tls/buffers.h"
#include "net/tls/session.h"
#include "support/net/certificates.h"

namespace clearline::net {
namespace {

using registry::Cause;
using Status = TlsSession::Status;

std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// One side: a session and what it gave out as plaintext.
struct Side {
  std::unique_ptr<TlsSession> session;
  std::string plaintext;
  Status status = Status::more;

  void take(std::string_view ciphertext) {
    std::vector<std::byte> buffer(ciphertext.size() + TlsSession::record_bytes_max);
    const auto received = session->receive(as_bytes(ciphertext), buffer);
    plaintext.append(reinterpret_cast<const char*>(buffer.data()), received.plaintext_bytes);
    status = received.status;
  }
  std::string take_unsent() { return std::exchange(session->unsent(), {}); }
};

class TlsSessionTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { authority = new TestAuthority; }
  static void TearDownTestSuite() { delete authority; }

  void serve(const std::vector<TlsCertificateFiles>& certificates) {
    server_options.certificates = certificates;
    const auto loaded = TlsServerContext::load(server_options);
    ASSERT_TRUE(loaded) << loaded.error().message;
    server_context = *loaded;
  }
  void serve_good() { serve({authority->issue("good")}); }

  void start(const std::string& host = "localhost") {
    if (client_options.ca_file.empty()) client_options.ca_file = authority->ca_file();
    const auto client_context = TlsClientContext::create(client_options);
    ASSERT_TRUE(client_context) << client_context.error().message;
    client = {TlsSession::connect(*client_context, host, transport), {}, Status::more};
    server = {TlsSession::accept(server_context, transport), {}, Status::more};
    ASSERT_NE(client.session, nullptr);
    ASSERT_NE(server.session, nullptr);
  }
  // Carries bytes to and fro until neither has any.
  void exchange() {
    while (client.session->unsent_bytes() + server.session->unsent_bytes() > 0) {
      server.take(client.take_unsent());
      client.take(server.take_unsent());
    }
  }
  void connect(const std::string& host = "localhost") {
    start(host);
    exchange();
  }
  void expect_refused(Cause cause, const std::string& words, const std::string& alert) {
    ASSERT_TRUE(client.session->failed()) << registry::cause_name(cause);
    EXPECT_EQ(client.session->failure().cause, cause) << client.session->failure().detail;
    EXPECT_NE(client.session->failure().detail.find(words), std::string::npos) << client.session->failure().detail;
    ASSERT_TRUE(server.session->failed());
    EXPECT_EQ(server.session->failure().cause, Cause::tls_alert_received);
    EXPECT_EQ(server.session->failure().detail, "tls alert received: " + alert);
  }
  void expect_echo() {
    ASSERT_TRUE(client.session->established());
    ASSERT_TRUE(server.session->established());
    std::string ciphertext;
    EXPECT_TRUE(client.session->seal(as_bytes("from the client"), ciphertext));
    server.take(ciphertext);
    ciphertext.clear();
    EXPECT_TRUE(server.session->seal(as_bytes("from the server"), ciphertext));
    client.take(ciphertext);
    EXPECT_EQ(server.plaintext, "from the client");
    EXPECT_EQ(client.plaintext, "from the server");
    server.plaintext.clear();
    client.plaintext.clear();
  }

  inline static TestAuthority* authority = nullptr;
  TlsServerOptions server_options;
  TlsClientOptions client_options;
  TlsTransport transport;
  std::shared_ptr<const TlsServerContext> server_context;
  Side client;
  Side server;
};

TEST_F(TlsSessionTest, TalksInBothVersions) {
  serve_good();
  connect();
  EXPECT_STREQ(client.session->version_name(), "TLSv1.3");
  expect_echo();
  server_options.version_max = TlsVersion::tls_1_2;
  serve_good();
  connect();
  EXPECT_STREQ(client.session->version_name(), "TLSv1.2");
  expect_echo();
}

TEST_F(TlsSessionTest, NoVersionInCommon) {
  server_options.version_min = TlsVersion::tls_1_3;
  client_options.version_max = TlsVersion::tls_1_2;
  serve_good();
  connect();
  ASSERT_TRUE(client.session->failed() && server.session->failed());
  EXPECT_EQ(client.session->failure().cause, Cause::tls_version_unsupported);
  EXPECT_EQ(client.session->failure().detail, "tls alert received: protocol_version");
  EXPECT_EQ(server.session->failure().cause, Cause::tls_version_unsupported);
}

TEST_F(TlsSessionTest, TakesTheHandshakeCutAtEveryByte) {
  for (const TlsVersion version : {TlsVersion::tls_1_2, TlsVersion::tls_1_3}) {
    server_options.version_max = version;
    serve_good();
    start();
    while (client.session->unsent_bytes() + server.session->unsent_bytes() > 0) {
      for (const char byte : client.take_unsent()) server.take({&byte, 1});
      for (const char byte : server.take_unsent()) client.take({&byte, 1});
    }
    expect_echo();
  }
}

TEST_F(TlsSessionTest, TakesRecordsCutAtEveryByte) {
  serve_good();
  connect();
  std::string ciphertext;
  ASSERT_TRUE(client.session->seal(as_bytes("hello"), ciphertext));
  ASSERT_TRUE(client.session->seal(as_bytes(" world"), ciphertext));
  for (const char byte : ciphertext) server.take({&byte, 1});
  EXPECT_EQ(server.plaintext, "hello world");
}

TEST_F(TlsSessionTest, CarriesMoreThanARecord) {
  serve_good();
  connect();
  const std::string large(300'000, 'x');
  std::string ciphertext;
  ASSERT_TRUE(client.session->seal(as_bytes(large), ciphertext));
  server.take(ciphertext);
  EXPECT_EQ(server.plaintext, large);
}

TEST_F(TlsSessionTest, ToldTheEndApart) {
  serve_good();
  connect();
  std::string ciphertext;
  ASSERT_TRUE(client.session->seal(as_bytes("last"), ciphertext));
  client.session->close(ciphertext);
  const std::size_t size = ciphertext.size();
  client.session->close(ciphertext);
  EXPECT_EQ(ciphertext.size(), size) << "close_notify is sent once";
  server.take(ciphertext);
  EXPECT_EQ(server.plaintext, "last");
  EXPECT_EQ(server.status, Status::closed);
  EXPECT_TRUE(server.session->close_received());
  std::string answer;
  EXPECT_TRUE(server.session->seal(as_bytes("half-closed"), answer)) << "only one direction is closed";
  client.take(answer);
  EXPECT_EQ(client.plaintext, "half-closed");
}

TEST_F(TlsSessionTest, GoodNamesAndAddresses) {
  serve({authority->issue("names", {.names = "DNS:chat.example, DNS:*.shop.example, IP:127.0.0.1, IP:::1"})});
  for (const std::string host :
       {"chat.example", "CHAT.example", "chat.example.", "www.shop.example", "127.0.0.1", "::1"}) {
    connect(host);
    EXPECT_TRUE(client.session->established()) << host;
  }
  for (const std::string host : {"example", "shop.example", "a.b.shop.example", "127.0.0.2", "::2"}) {
    connect(host);
    expect_refused(Cause::certificate_wrong_host, "not for " + host, "bad_certificate");
  }
}

TEST_F(TlsSessionTest, ExpiredCertificate) {
  serve({authority->issue("expired", {.valid_from_s = -7200, .valid_to_s = -3600})});
  EXPECT_EQ(server_context->warnings().size(), 1U);
  connect();
  expect_refused(Cause::certificate_expired, "CN = expired expired on 20", "certificate_expired");
}

TEST_F(TlsSessionTest, CertificateOfTheFuture) {
  serve({authority->issue("future", {.valid_from_s = 3600})});
  connect();
  expect_refused(Cause::certificate_not_yet_valid, "CN = future is not valid before 20", "bad_certificate");
}

TEST_F(TlsSessionTest, WrongHostSaysWhichNamesThereAre) {
  serve({authority->issue("other", {.names = "DNS:a.example, DNS:b.example"})});
  connect("c.example");
  expect_refused(Cause::certificate_wrong_host, "is for a.example, b.example, not for c.example", "bad_certificate");
}

TEST_F(TlsSessionTest, SelfSignedCertificate) {
  serve({authority->issue("alone", {.self_signed = true})});
  connect();
  expect_refused(Cause::certificate_unknown_authority, "CN = alone is self-signed", "unknown_ca");
}

TEST_F(TlsSessionTest, UnknownAuthority) {
  TestAuthority stranger;
  client_options.ca_file = stranger.issue("only", {.self_signed = true}).certificate;
  serve_good();
  connect();
  ASSERT_TRUE(client.session->failed());
  EXPECT_EQ(client.session->failure().cause, Cause::certificate_unknown_authority);
}

TEST_F(TlsSessionTest, InsecureTakesAll) {
  client_options.insecure = true;
  serve({authority->issue("worst",
                          {.names = "DNS:x.example", .valid_from_s = -7200, .valid_to_s = -1, .self_signed = true})});
  connect();
  expect_echo();
}

TEST_F(TlsSessionTest, StapledAnswers) {
  const auto files = authority->issue("stapled", {.must_staple = true});
  authority->staple(files, OcspVerdict::good);
  serve({files});
  connect();
  expect_echo();
  const struct {
    OcspVerdict verdict;
    Cause cause;
    const char* words;
  } cases[] = {
      {OcspVerdict::revoked, Cause::certificate_revoked, "(keyCompromise)"},
      {OcspVerdict::unknown, Cause::certificate_status_invalid, "does not know"},
      {OcspVerdict::out_of_date, Cause::certificate_status_invalid, "out of date"},
      {OcspVerdict::of_another_authority, Cause::certificate_status_invalid, "not signed by"},
  };
  for (const auto& test : cases) {
    authority->staple(files, test.verdict);
    serve({files});
    connect();
    expect_refused(test.cause, test.words, "bad_certificate_status_response");
  }
}

TEST_F(TlsSessionTest, RevokedCountsWithoutAPromiseToStaple) {
  const auto files = authority->issue("revoked");
  authority->staple(files, OcspVerdict::revoked);
  serve({files});
  connect();
  expect_refused(Cause::certificate_revoked, "CN = revoked was revoked on 20", "bad_certificate_status_response");
}

TEST_F(TlsSessionTest, PromiseToStapleThatIsNotKept) {
  serve({authority->issue("promise", {.must_staple = true})});
  connect();
  expect_refused(Cause::certificate_status_missing, "demands a stapled", "bad_certificate_status_response");
}

TEST_F(TlsSessionTest, ChoosesTheCertificateByName) {
  serve({authority->issue("default", {.names = "DNS:default.example"}),
         authority->issue("one", {.names = "DNS:one.example, DNS:*.one.example"}),
         authority->issue("two", {.names = "DNS:two.example"})});
  for (const std::string host : {"default.example", "one.example", "www.one.example", "TWO.example"}) {
    connect(host);
    EXPECT_TRUE(client.session->established()) << host;
  }
  connect("three.example");
  expect_refused(Cause::certificate_wrong_host, "is for default.example", "bad_certificate");
}

TEST_F(TlsSessionTest, TakesTwoKeysForOneName) {
  serve({authority->issue("ecdsa"), authority->issue("rsa", {.rsa = true})});
  connect();
  expect_echo();
  server_options.certificates = {authority->issue("first"), authority->issue("second")};
  const auto loaded = TlsServerContext::load(server_options);
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().message.find("second.pem: "), std::string::npos) << loaded.error().message;
}

TEST_F(TlsSessionTest, SomethingThatIsNotTls) {
  serve_good();
  start();
  client.take("HTTP/1.1 400 Bad Request\r\nServer: plain\r\n");
  EXPECT_EQ(client.status, Status::failed);
  EXPECT_EQ(client.session->failure().cause, Cause::not_tls);
  EXPECT_NE(client.session->failure().detail.find("'HTTP/1.1 400 Bad Request'"), std::string::npos);
}

TEST_F(TlsSessionTest, BrokenRecordAfterTheHandshake) {
  serve_good();
  connect();
  std::string ciphertext;
  ASSERT_TRUE(client.session->seal(as_bytes("hello"), ciphertext));
  ciphertext.back() = static_cast<char>(ciphertext.back() ^ 1);
  server.take(ciphertext);
  EXPECT_EQ(server.status, Status::failed);
  EXPECT_EQ(server.session->failure().cause, Cause::tls_broken);
  client.take(server.take_unsent());
  ASSERT_EQ(client.status, Status::failed);
  EXPECT_EQ(client.session->failure().cause, Cause::tls_broken);
  EXPECT_EQ(client.session->failure().detail, "tls alert received: bad_record_mac");
}

TEST_F(TlsSessionTest, RandomBytesNeverCrash) {
  serve_good();
  unsigned state = 1;
  for (int round = 0; round < 200; ++round) {
    start();
    std::string bytes = client.take_unsent();
    for (int i = 0; i < 3; ++i) {
      state = state * 1'664'525U + 1'013'904'223U;
      bytes[state / 7 % bytes.size()] = static_cast<char>(state >> 24);
    }
    server.take(bytes);
    client.take(server.take_unsent());
  }
}

}  // namespace
}  // namespace clearline::net
