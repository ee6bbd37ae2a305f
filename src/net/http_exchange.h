// What a server's connection holds while an HTTP request is read or answered; freed when it waits for the next one, or
// has become a WebSocket. Not part of the public interface.
#pragma once

#include <optional>
#include <string>

#include "http/parser.h"
#include "net/connection.h"
#include "net/request_source.h"

namespace clearline::net {

struct Connection::HttpExchange {
  explicit HttpExchange(const http::ParserLimits& limits) : parser(limits) {}

  http::RequestParser parser;
  std::string pending;                  // input behind the request that is being answered
  std::optional<RequestSource> source;  // of this request, where proxies said something
  bool in_flight = false;               // on_request was called, respond() was not
  bool in_callback = false;             // on_request is running: its views must stay
  bool keep_alive = true;
  bool head_only = false;
  bool http_1_0 = false;
};

}  // namespace clearline::net
