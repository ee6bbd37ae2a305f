#include "app/http_routes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "app/assets.h"
#include "directory_fixture.h"

namespace clearline::app {
namespace {

using Headers = std::vector<HeaderView>;

std::string header(const http::Response& response, std::string_view name) {
  for (const http::Header& one : response.headers)
    if (http::equal_without_case(one.name, name)) return one.value;
  return {};
}

bool says(const http::Response& response, std::string_view text) {
  return response.body_view().find(text) != std::string_view::npos;
}

class HttpRoutesTest : public DirectoryFixture {
 protected:
  HttpRoutesTest() {
    context_.accounts = std::make_unique<Accounts>(*database_->open_directory(), context_.directory, [] {});
    EXPECT_TRUE(context_.accounts->refresh());
  }

  // The answer, at once or later.
  http::Response ask(std::string_view method, std::string_view target, Headers headers = {},
                     std::string_view body = {}) {
    later_ = {};
    auto future = later_.get_future();
    headers.insert(headers.begin(), {"Host", "chat.example"});
    http::Request request;
    request.method = method;
    request.target = target;
    request.path = target.substr(0, target.find('?'));
    request.query = target.size() > request.path.size() ? target.substr(request.path.size() + 1) : "";
    request.headers = headers;
    request.body = body;
    auto response = routes_.handle(net::ConnectionId{1}, request, source_);
    return response ? std::move(*response) : future.get();
  }
  http::Response sign_in(Headers headers = {}) {
    return ask("POST", "/api/v1/sign-in", std::move(headers), R"({"name":"ada","password":"ada's password"})");
  }
  static std::string cookie_of(const http::Response& response) {
    const std::string set = header(response, "set-cookie");
    return set.substr(0, set.find(';'));
  }

  ServerContext context_;
  net::RequestSource source_{*net::SocketAddress::parse("192.0.2.1", 4711), false, {}};
  std::promise<http::Response> later_;
  std::vector<TokenHash> signed_out_;
  HttpRoutes routes_{context_,
                     [this](net::ConnectionId id, http::Response response) {
                       EXPECT_EQ(id, net::ConnectionId{1});
                       later_.set_value(std::move(response));
                     },
                     [this](const TokenHash& session) { signed_out_.push_back(session); }};
};

TEST_F(HttpRoutesTest, SignInSetsACookieThatIsTheBrowsersAlone) {
  const auto answer = sign_in();
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(says(answer, R"("name":"ada","display_name":"Display ada","role":"admin")"));
  EXPECT_TRUE(says(answer, R"("ticket":")"));
  const std::string cookie = header(answer, "set-cookie");
  for (const char* part : {"; HttpOnly", "; SameSite=Strict", "; Path=/", "; Max-Age=2592000"})
    EXPECT_NE(cookie.find(part), std::string::npos) << part;
  EXPECT_EQ(cookie.find("Secure"), std::string::npos);
  EXPECT_FALSE(says(answer, cookie_of(answer).substr(cookie_of(answer).find('=') + 1)));
  EXPECT_EQ(header(answer, "cache-control"), "no-store");
  const auto behind_tls = sign_in({{"Origin", "https://chat.example"}});
  EXPECT_NE(header(behind_tls, "set-cookie").find("; Secure"), std::string::npos);
}

TEST_F(HttpRoutesTest, TrustedProxiesKnowSchemeAndHost) {
  source_.encrypted = true;
  EXPECT_NE(header(sign_in(), "set-cookie").find("; Secure"), std::string::npos);
  source_.host = "public.example";
  EXPECT_EQ(sign_in({{"Origin", "https://public.example"}}).status, 200);
  EXPECT_EQ(sign_in({{"Origin", "https://chat.example"}}).status, 403) << "the name behind the proxy is nobody's page";
}

TEST_F(HttpRoutesTest, ForeignPagesCannotUseTheCookie) {
  const std::string cookie = cookie_of(sign_in());
  for (const char* origin : {"https://evil.example", "https://chat.example.evil.example", "null",
                             "https://chat.example:444", "https://shop.example"}) {
    for (const char* path : {"/api/v1/tickets", "/api/v1/sign-out", "/api/v1/sign-in"}) {
      const auto answer = ask("POST", path, {{"Cookie", cookie}, {"Origin", origin}});
      EXPECT_EQ(answer.status, 403) << origin << path;
      EXPECT_EQ(header(answer, "access-control-allow-origin"), "");
    }
  }
  EXPECT_EQ(ask("POST", "/api/v1/tickets", {{"Cookie", cookie}, {"Origin", "http://chat.example"}}).status, 200);
  EXPECT_TRUE(signed_out_.empty());
}

TEST_F(HttpRoutesTest, TheCookieIsFoundAmongOthers) {
  const std::string cookie = cookie_of(sign_in());
  const auto status = [&](const Headers& headers) { return ask("GET", "/api/v1/session", headers).status; };
  EXPECT_EQ(status({{"Cookie", cookie}}), 200);
  const std::string among = "a=b;  " + cookie + "; c=d";
  EXPECT_EQ(status({{"cookie", among}}), 200);
  EXPECT_EQ(status({{"Cookie", "a=b"}, {"Cookie", cookie}}), 200);
  const std::string longer_name = "my" + cookie;
  const std::string longer_value = cookie + "x";
  for (const std::string& wrong : {std::string(), std::string("clearline_session"), longer_name, longer_value})
    EXPECT_EQ(status({{"Cookie", wrong}}), 401) << wrong;
}

TEST_F(HttpRoutesTest, SigningOutTellsWhichSessionEnded) {
  const std::string cookie = cookie_of(sign_in());
  const auto answer = ask("POST", "/api/v1/sign-out", {{"Cookie", cookie}});
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.body_view(), "");
  EXPECT_NE(header(answer, "set-cookie").find("clearline_session=; Path=/; Max-Age=0"), std::string::npos);
  context_.accounts->stop();
  EXPECT_EQ(signed_out_, std::vector{hash_token(std::string_view(cookie).substr(cookie.find('=') + 1))});
}

TEST_F(HttpRoutesTest, WhenTheAccountsAreBusyItSaysSo) {
  context_.accounts->stop();
  for (const auto& answer :
       {sign_in(), ask("GET", "/api/v1/session"), ask("POST", "/api/v1/tickets"), ask("POST", "/api/v1/sign-out")}) {
    EXPECT_EQ(answer.status, 503);
    EXPECT_NE(header(answer, "retry-after"), "");
  }
}

TEST_F(HttpRoutesTest, StatusFollowsTheDrain) {
  EXPECT_EQ(ask("GET", "/api/v1/status").status, 200);
  context_.draining.store(true);
  const auto answer = ask("GET", "/api/v1/status");
  EXPECT_EQ(answer.status, 503);
  EXPECT_TRUE(says(answer, R"("status":"draining")"));
  EXPECT_NE(header(answer, "retry-after"), "");
}

TEST_F(HttpRoutesTest, TheWidgetIsForTheSitesOwnPages) {
  const auto status = [&](std::string_view site, Headers headers) {
    const auto answer = ask("GET", site, std::move(headers));
    EXPECT_EQ(header(answer, "vary"), "Origin");
    return answer.status;
  };
  EXPECT_EQ(status("/api/v1/widget?site=shop", {{"Origin", "https://shop.example"}}), 200);
  EXPECT_EQ(status("/api/v1/widget?x=1&site=shop&y=2", {{"Origin", "https://shop.example"}}), 200);
  EXPECT_EQ(status("/api/v1/widget?site=shop", {{"Origin", "https://evil.example"}}), 403);
  EXPECT_EQ(status("/api/v1/widget?site=shop", {}), 200);
  EXPECT_EQ(status("/api/v1/widget?site=nowhere", {}), 404);
  EXPECT_EQ(status("/api/v1/widget?site=", {}), 404);
  EXPECT_EQ(status("/api/v1/widget?website=shop", {}), 404);
  EXPECT_EQ(status("/api/v1/widget", {}), 404);
  const auto answer = ask("GET", "/api/v1/widget?site=shop");
  EXPECT_EQ(answer.body_view(), R"({"site":"shop","name":"Shop \"one\""})");
}

TEST_F(HttpRoutesTest, WrongMethodsAndPaths) {
  EXPECT_EQ(ask("DELETE", "/api/v1/session").status, 405);
  EXPECT_EQ(header(ask("DELETE", "/api/v1/session"), "allow"), "GET");
  EXPECT_EQ(header(ask("HEAD", "/api/v1/sign-in"), "allow"), "POST");
  EXPECT_EQ(ask("HEAD", "/api/v1/status").status, 200);
  EXPECT_EQ(ask("get", "/api/v1/status").status, 405);
  EXPECT_EQ(ask("GET", "/api/v1/nothing").status, 404);
  EXPECT_EQ(ask("POST", "/").status, 405);
  EXPECT_EQ(header(ask("POST", "/"), "allow"), "GET, HEAD");
  const auto websocket = ask("GET", "/ws");
  EXPECT_EQ(websocket.status, 426);
  EXPECT_EQ(header(websocket, "upgrade"), "websocket");
}

class AssetsTest : public HttpRoutesTest {
 protected:
  void SetUp() override {
    if (assets().empty()) GTEST_SKIP() << "this build has no web client in it";
  }
  // The first asset for which it is true.
  template <typename Predicate>
  static const Asset* find(Predicate predicate) {
    const auto all = assets();
    const auto found = std::find_if(all.begin(), all.end(), predicate);
    return found == all.end() ? nullptr : &*found;
  }
};

TEST_F(AssetsTest, AnUnchangedOneIsNotSentAgain) {
  for (const Asset& asset : assets()) {
    const auto fresh = ask("GET", asset.path);
    EXPECT_EQ(fresh.status, 200) << asset.path;
    EXPECT_EQ(fresh.body_view().size(), asset.identity.size());
    const std::string weak = "\"other\", W/" + header(fresh, "etag");
    for (const std::string& tags : {header(fresh, "etag"), weak, std::string("*")}) {
      const auto unchanged = ask("GET", asset.path, {{"If-None-Match", tags}});
      EXPECT_EQ(unchanged.status, 304) << asset.path;
      EXPECT_EQ(unchanged.body_view(), "");
      EXPECT_EQ(header(unchanged, "etag"), header(fresh, "etag"));
      EXPECT_EQ(header(unchanged, "cache-control"), header(fresh, "cache-control"));
      EXPECT_EQ(header(unchanged, "content-encoding"), "");
    }
    EXPECT_EQ(ask("GET", asset.path, {{"If-None-Match", "\"other\""}}).status, 200);
  }
}

TEST_F(AssetsTest, TheBestEncodingThatIsAccepted) {
  const Asset* asset = find([](const Asset& one) { return !one.brotli.empty() && !one.gzip.empty(); });
  if (asset == nullptr) GTEST_SKIP() << "no asset is worth compressing";
  const auto sent = [&](std::string_view accepted) {
    const auto answer = ask("GET", asset->path, {{"Accept-Encoding", accepted}});
    EXPECT_EQ(header(answer, "vary"), "Accept-Encoding");
    return std::pair{header(answer, "content-encoding"), answer.body_view().size()};
  };
  EXPECT_EQ(sent("gzip, deflate, br"), (std::pair{std::string("br"), asset->brotli.size()}));
  EXPECT_EQ(sent("gzip"), (std::pair{std::string("gzip"), asset->gzip.size()}));
  for (const char* none : {"", "identity", "br;q=0", "zstd"})
    EXPECT_EQ(sent(none), (std::pair{std::string(), asset->identity.size()})) << none;
}

TEST_F(AssetsTest, PagesAreGuardedAndTheirPartsAreShared) {
  for (const Asset& asset : assets()) {
    const auto answer = ask("GET", asset.path);
    const bool page = asset.content_type.starts_with("text/html");
    EXPECT_EQ(header(answer, "content-security-policy").empty(), !page) << asset.path;
    EXPECT_EQ(header(answer, "access-control-allow-origin"), page ? "" : "*") << asset.path;
    EXPECT_EQ(header(answer, "x-content-type-options"), "nosniff");
    EXPECT_EQ(header(answer, "cache-control").find("immutable") != std::string::npos, asset.immutable);
  }
}

TEST_F(AssetsTest, NothingBesidesThem) {
  for (const char* path : {"/nothing.js", "/../widget.js", "/console/../widget.js", "//widget.js", "/widget.js/"})
    EXPECT_EQ(ask("GET", path).status, 404) << path;
  EXPECT_EQ(ask("GET", "/").status, 302);
  EXPECT_EQ(header(ask("GET", "/demo"), "location"), "/demo/");
}

}  // namespace
}  // namespace clearline::app
