#include "app/http_routes.h"

#include <fmt/core.h>

#include <array>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <optional>

#include "app/assets.h"
#include "wire/json.h"

namespace clearline::app {

namespace {

constexpr std::string_view cookie_name = "clearline_session";

// The pages of our own: nothing inline, nothing from elsewhere, no frames around them.
constexpr std::string_view page_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; "
    "require-trusted-types-for 'script'";

http::Response json_response(int status, const std::function<void(wire::JsonWriter&)>& write) {
  std::string body;
  wire::JsonWriter json(body);
  json.begin_object();
  write(json);
  json.end_object();
  http::Response response = http::Response::json(status, std::move(body));
  response.add_header("Cache-Control", "no-store");
  response.add_header("X-Content-Type-Options", "nosniff");
  return response;
}

http::Response error_response(int status, std::string_view error, std::string_view message,
                              std::int64_t retry_after_ms = 0) {
  http::Response response =
      json_response(status, [&](wire::JsonWriter& json) { json.member("error", error).member("message", message); });
  if (retry_after_ms > 0) response.add_header("Retry-After", std::to_string((retry_after_ms + 999) / 1000));
  return response;
}

// RFC 9110, section 15.5.22: the answer must say which protocol is required.
http::Response upgrade_required() {
  http::Response response = error_response(426, "upgrade_required", "/ws speaks WebSocket (RFC 6455) only");
  response.add_header("Upgrade", "websocket");
  return response;
}

http::Response busy_response() {
  return error_response(503, "busy", "the server is busy; try again in a second", 1000);
}

std::string_view cookie(const http::Request& request, std::string_view name) {
  for (const HeaderView& header : request.headers) {
    if (!http::equal_without_case(header.name, "cookie")) continue;
    for (std::string_view rest = header.value; !rest.empty();) {
      const std::size_t end = rest.find(';');
      std::string_view pair = rest.substr(0, end);
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
      pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
      if (pair.starts_with(name) && pair.substr(name.size()).starts_with('=')) return pair.substr(name.size() + 1);
    }
  }
  return {};
}

std::string_view query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    if (pair.starts_with(name) && pair.substr(name.size()).starts_with('=')) return pair.substr(name.size() + 1);
  }
  return {};
}

std::string_view host_asked_for(const http::Request& request, const net::RequestSource& source) {
  return source.host.empty() ? request.header("host") : std::string_view(source.host);
}

// A browser names the page that a POST comes from; only our own pages may use the session's cookie. Programs send no
// Origin, and have no cookie that a page could ride on.
bool cross_site(const http::Request& request, const net::RequestSource& source, bool https_only) {
  const std::string_view origin = request.header("origin");
  return !origin.empty() && !is_own_origin(origin, host_asked_for(request, source), https_only);
}

std::string session_cookie(std::string_view token, std::int64_t max_age_s, bool secure) {
  return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{}", cookie_name, token, max_age_s,
                     secure ? "; Secure" : "");
}

// A proxy that says nothing of TLS is betrayed by the page that the browser names.
bool behind_tls(const http::Request& request, const net::RequestSource& source) {
  return source.encrypted || request.header("origin").starts_with("https://");
}

void write_agent(wire::JsonWriter& json, const chat::Agent& agent, WallTime expires_at) {
  json.key("agent").begin_object().member("id", to_text(agent.id)).member("name", agent.name);
  json.member("display_name", agent.display_name);
  json.member("role", agent.role == chat::AgentRole::admin ? "admin" : "agent").end_object();
  json.member("expires_at", expires_at.ms);
}

http::Response refused_sign_in(const SignInRefused& refused) {
  switch (refused.why) {
    case SignInRefused::Why::wrong_credentials:
      return error_response(401, "unauthorized", refused.message);
    case SignInRefused::Why::too_many_failures:
      return error_response(429, "rate_limited", refused.message, refused.retry_after_ms);
    case SignInRefused::Why::store_away:
      break;
  }
  return error_response(503, "busy", refused.message, refused.retry_after_ms);
}

// A store that cannot answer has not said that the session has ended.
http::Response refused_session(const Error& error) {
  return error.code == ErrorCode::unauthorized ? error_response(401, "unauthorized", error.message) : busy_response();
}

struct Credentials {
  std::string name;
  std::string password;
};

Result<Credentials> parse_credentials(std::string_view body) {
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse({body.data(), body.size()}, error);
  if (error) return fail(ErrorCode::invalid_argument, "the body is not JSON: " + error.message());
  const boost::json::object* object = value.if_object();
  if (object == nullptr) return fail(ErrorCode::invalid_argument, "the body is not a JSON object");
  const auto string = [object](std::string_view name) -> const boost::json::string* {
    const boost::json::value* found = object->if_contains({name.data(), name.size()});
    return found == nullptr ? nullptr : found->if_string();
  };
  const boost::json::string* name = string("name");
  const boost::json::string* password = string("password");
  if (name == nullptr || name->empty()) return fail(ErrorCode::invalid_argument, "name is missing");
  if (password == nullptr || password->empty()) return fail(ErrorCode::invalid_argument, "password is missing");
  if (name->size() > 64) return fail(ErrorCode::invalid_argument, "name is longer than 64 bytes");
  if (password->size() > 1024) return fail(ErrorCode::invalid_argument, "password is longer than 1024 bytes");
  return Credentials{std::string(name->data(), name->size()), std::string(password->data(), password->size())};
}

struct Encoding {
  std::string_view name;
  std::span<const std::byte> bytes;
};

Encoding choose_encoding(const Asset& asset, const http::Request& request) {
  const std::string_view accepted = request.header("accept-encoding");
  if (!asset.brotli.empty() && http::list_contains_token(accepted, "br")) return {"br", asset.brotli};
  if (!asset.gzip.empty() && http::list_contains_token(accepted, "gzip")) return {"gzip", asset.gzip};
  return {{}, asset.identity};
}

constexpr std::string_view no_web_client =
    "This Clearline was built without its web client. Build web/ (npm ci, npm run build) and build the server again, "
    "or "
    "use ./run, which does both.\n";

}  // namespace

HttpRoutes::HttpRoutes(ServerContext& context, RespondLater respond_later, SignedOut signed_out)
    : context_(context), respond_later_(std::move(respond_later)), signed_out_(std::move(signed_out)) {}

std::optional<http::Response> HttpRoutes::handle(net::ConnectionId id, const http::Request& request,
                                                 const net::RequestSource& source) {
  struct ApiRoute {
    std::string_view method;
    std::string_view path;
  };
  static constexpr std::array api = {ApiRoute{"GET", "/api/v1/status"},    ApiRoute{"GET", "/api/v1/widget"},
                                     ApiRoute{"GET", "/api/v1/session"},   ApiRoute{"POST", "/api/v1/sign-in"},
                                     ApiRoute{"POST", "/api/v1/sign-out"}, ApiRoute{"POST", "/api/v1/tickets"}};
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (!request.path.starts_with("/api/")) {
    if (request.path == "/ws") return upgrade_required();
    if (reads) return serve_asset(request);
    http::Response response = error_response(405, "method_not_allowed", "only GET and HEAD are allowed here");
    response.add_header("Allow", "GET, HEAD");
    return response;
  }
  for (const ApiRoute& route : api) {
    if (route.path != request.path) continue;
    if (route.method == (reads ? "GET" : request.method)) break;
    http::Response response =
        error_response(405, "method_not_allowed", fmt::format("only {} is allowed here", route.method));
    response.add_header("Allow", route.method);
    return response;
  }
  if (request.path == "/api/v1/status") return status();
  if (request.path == "/api/v1/widget") return widget(request, source);
  if (request.path == "/api/v1/session") return session(id, request);
  if (cross_site(request, source, context_.tls))
    return error_response(403, "forbidden", "the request comes from a page of another origin");
  if (request.path == "/api/v1/sign-in") return sign_in(id, request, source);
  if (request.path == "/api/v1/tickets") return ticket(id, request);
  if (request.path == "/api/v1/sign-out") return sign_out(id, request, source);
  return error_response(404, "not_found", "there is no such endpoint");
}

http::Response HttpRoutes::serve_asset(const http::Request& request) const {
  if (assets().empty()) return http::Response::text(503, std::string(no_web_client));
  std::string_view path = request.path;
  if (path == "/" || path == "/console" || path == "/demo") {
    http::Response redirect = http::Response::text(302, "");
    redirect.add_header("Location", path == "/demo" ? "/demo/" : "/console/");
    return redirect;
  }
  const Asset* asset = find_asset(path);
  if (asset == nullptr) return http::Response::text(404, "There is no such page.\n");
  const bool page = asset->content_type.starts_with("text/html");
  const Encoding encoding = choose_encoding(*asset, request);
  const bool unchanged = http::entity_tag_matches(request.header("if-none-match"), asset->etag);
  http::Response response =
      unchanged ? http::Response::text(304, "") : http::Response::asset(asset->content_type, encoding.bytes);
  response.add_header("ETag", asset->etag);
  response.add_header("Cache-Control", asset->immutable ? "public, max-age=31536000, immutable"
                                       : page           ? "no-cache"
                                                        : "public, max-age=300");
  response.add_header("Vary", "Accept-Encoding");
  response.add_header("X-Content-Type-Options", "nosniff");
  if (!unchanged && !encoding.name.empty()) response.add_header("Content-Encoding", encoding.name);
  if (page) {
    response.add_header("Content-Security-Policy", page_policy);
    response.add_header("Referrer-Policy", "same-origin");
  } else {
    // Modules and fonts of the widget are loaded by other sites' pages. They hold nothing secret.
    response.add_header("Access-Control-Allow-Origin", "*");
    response.add_header("Cross-Origin-Resource-Policy", "cross-origin");
  }
  return response;
}

http::Response HttpRoutes::status() const {
  const bool draining = context_.draining.load();
  http::Response response = json_response(draining ? 503 : 200, [&](wire::JsonWriter& json) {
    json.member("status", draining ? "draining" : "ok").member("time", wall_now().ms);
  });
  if (draining) response.add_header("Retry-After", "5");
  response.add_header("Access-Control-Allow-Origin", "*");
  response.add_header("Access-Control-Expose-Headers", "Retry-After");
  return response;
}

// Tells a page whether it may show the widget. The answer is readable for the site's own pages only.
http::Response HttpRoutes::widget(const http::Request& request, const net::RequestSource& source) const {
  const std::string_view origin = request.header("origin");
  const auto directory = context_.directory.get();
  const chat::Site* site = directory->site(query_value(request.query, "site"));
  const bool allowed =
      site != nullptr && !site->closed && origin_allowed(*site, origin, host_asked_for(request, source), context_.tls);
  http::Response response =
      site == nullptr ? error_response(404, "not_found", "there is no site of that key")
      : !allowed      ? error_response(403, "forbidden", fmt::format("the site does not allow the origin {}", origin))
                      : json_response(
                            200, [&](wire::JsonWriter& json) { json.member("site", site->key).member("name", site->name); });
  response.add_header("Vary", "Origin");
  if (!origin.empty()) response.add_header("Access-Control-Allow-Origin", origin);
  return response;
}

std::optional<http::Response> HttpRoutes::sign_in(net::ConnectionId id, const http::Request& request,
                                                  const net::RequestSource& source) {
  auto credentials = parse_credentials(request.body);
  if (!credentials) return error_response(400, "invalid_argument", credentials.error().message);
  const bool secure = context_.tls || behind_tls(request, source);
  const auto done = [this, id, secure](tl::expected<SignedIn, SignInRefused> result) {
    if (!result) {
      return respond_later_(id, refused_sign_in(result.error()));
    }
    const std::string new_ticket = context_.accounts->issue_ticket(
        {result->agent.id, hash_token(result->session_token), result->password_mark, result->expires_at},
        monotonic_now());
    http::Response response = json_response(200, [&](wire::JsonWriter& json) {
      write_agent(json, result->agent, result->expires_at);
      json.member("ticket", new_ticket);
    });
    response.add_header("Set-Cookie", session_cookie(result->session_token, session_lifetime_ms / 1000, secure));
    respond_later_(id, std::move(response));
  };
  if (!context_.accounts->sign_in(std::move(credentials->name), std::move(credentials->password), source.address.ip(),
                                  done))
    return busy_response();
  return std::nullopt;
}

std::optional<http::Response> HttpRoutes::session(net::ConnectionId id, const http::Request& request) {
  const auto done = [this, id](Result<SignedIn> result) {
    if (!result) return respond_later_(id, refused_session(result.error()));
    respond_later_(
        id, json_response(200, [&](wire::JsonWriter& json) { write_agent(json, result->agent, result->expires_at); }));
  };
  if (!context_.accounts->find_session(std::string(cookie(request, cookie_name)), done)) return busy_response();
  return std::nullopt;
}

std::optional<http::Response> HttpRoutes::ticket(net::ConnectionId id, const http::Request& request) {
  std::string token(cookie(request, cookie_name));
  const TokenHash hash = hash_token(token);
  const auto done = [this, id, hash](Result<SignedIn> result) {
    if (!result) return respond_later_(id, refused_session(result.error()));
    const std::string new_ticket = context_.accounts->issue_ticket(
        {result->agent.id, hash, result->password_mark, result->expires_at}, monotonic_now());
    respond_later_(id, json_response(200, [&](wire::JsonWriter& json) { json.member("ticket", new_ticket); }));
  };
  if (!context_.accounts->find_session(std::move(token), done)) return busy_response();
  return std::nullopt;
}

std::optional<http::Response> HttpRoutes::sign_out(net::ConnectionId id, const http::Request& request,
                                                   const net::RequestSource& source) {
  std::string token(cookie(request, cookie_name));
  const bool secure = context_.tls || behind_tls(request, source);
  const TokenHash hash = hash_token(token);
  const auto done = [this, id, secure, hash](Result<void> result) {
    if (!result) return respond_later_(id, busy_response());
    http::Response response = http::Response::text(204, "");
    response.add_header("Set-Cookie", session_cookie("", 0, secure));
    respond_later_(id, std::move(response));
    signed_out_(hash);
  };
  if (!context_.accounts->sign_out(std::move(token), done)) return busy_response();
  return std::nullopt;
}

}  // namespace clearline::app
