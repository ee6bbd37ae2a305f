// One HTTP header field as both ws/ (the opening handshake) and http/ see it. Views into the request's own buffer.
#pragma once

#include <string_view>

namespace clearline {

struct HeaderView {
  std::string_view name;   // as received; compare without case
  std::string_view value;  // leading and trailing white space removed
};

}  // namespace clearline
