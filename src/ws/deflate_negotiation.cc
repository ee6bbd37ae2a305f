#include "ws/deflate_negotiation.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "ws/http_lists.h"

namespace clearline::ws {
namespace {

constexpr std::string_view server_no_takeover = "server_no_context_takeover";
constexpr std::string_view client_no_takeover = "client_no_context_takeover";
constexpr std::string_view server_bits = "server_max_window_bits";
constexpr std::string_view client_bits = "client_max_window_bits";
constexpr std::uint8_t window_bits_max = 15;

// The parameters as they stand in an offer or an answer.
struct Written {
  bool server_no_context_takeover = false;
  bool client_no_context_takeover = false;
  std::optional<std::uint8_t> server_window_bits = {};
  bool client_window_bits_named = false;  // an offer may name it without a value
  std::optional<std::uint8_t> client_window_bits = {};
};

// Section 7.1.2: decimal, 8 to 15, no leading zero.
std::optional<std::uint8_t> parse_window_bits(std::string_view text) {
  if (text == "8") return std::uint8_t{8};
  if (text == "9") return std::uint8_t{9};
  if (text.size() != 2 || text[0] != '1' || text[1] < '0' || text[1] > '5') return std::nullopt;
  return static_cast<std::uint8_t>(10 + (text[1] - '0'));
}

bool take_flag(const Extension::Parameter& parameter, bool& flag) {
  if (parameter.value || flag) return false;
  flag = true;
  return true;
}

bool take_window_bits(const Extension::Parameter& parameter, std::optional<std::uint8_t>& bits) {
  if (bits || !parameter.value) return false;
  bits = parse_window_bits(*parameter.value);
  return bits.has_value();
}

bool take_parameter(const Extension::Parameter& parameter, Written& written) {
  if (parameter.name == server_no_takeover) return take_flag(parameter, written.server_no_context_takeover);
  if (parameter.name == client_no_takeover) return take_flag(parameter, written.client_no_context_takeover);
  if (parameter.name == server_bits) return take_window_bits(parameter, written.server_window_bits);
  if (parameter.name != client_bits || written.client_window_bits_named) return false;
  written.client_window_bits_named = true;
  return !parameter.value || take_window_bits(parameter, written.client_window_bits);
}

// Section 7.1: an unknown parameter, a bad value, or one that is there twice spoils the whole element.
std::optional<Written> read(const Extension& extension) {
  Written written;
  for (const Extension::Parameter& parameter : extension.parameters) {
    if (!take_parameter(parameter, written)) return std::nullopt;
  }
  return written;
}

void add(Extension& extension, std::string_view name, std::optional<unsigned> value = std::nullopt) {
  extension.parameters.push_back({std::string(name), value ? std::optional(std::to_string(*value)) : std::nullopt});
}

DeflateGrant grant(const Written& offer, const DeflateOptions& options) {
  DeflateParameters parameters;
  parameters.server_no_context_takeover = offer.server_no_context_takeover || options.server_no_context_takeover;
  parameters.client_no_context_takeover = offer.client_no_context_takeover || options.client_no_context_takeover;
  parameters.server_window_bits =
      std::min(offer.server_window_bits.value_or(window_bits_max), options.server_window_bits_max);
  // Section 7.1.2.2: a client that does not name the parameter cannot be told to keep its window small.
  if (offer.client_window_bits_named) {
    parameters.client_window_bits =
        std::min(offer.client_window_bits.value_or(window_bits_max), options.client_window_bits_max);
  }

  DeflateGrant result{{std::string(deflate_extension_name), {}}, parameters};
  if (parameters.server_no_context_takeover) add(result.answer, server_no_takeover);
  if (parameters.client_no_context_takeover) add(result.answer, client_no_takeover);
  if (offer.server_window_bits || parameters.server_window_bits < window_bits_max) {
    add(result.answer, server_bits, parameters.server_window_bits);
  }
  if (parameters.client_window_bits < window_bits_max) add(result.answer, client_bits, parameters.client_window_bits);
  return result;
}

tl::unexpected<HandshakeFailure> invalid(std::string reason) {
  return tl::unexpected(HandshakeFailure{registry::Cause::handshake_invalid, 101, std::move(reason)});
}

}  // namespace

Result<DeflateOptions> parse_deflate_options(std::string_view parameters) {
  std::string element(deflate_extension_name);
  if (!trim(parameters).empty()) element.append("; ").append(parameters);
  const auto extensions = parse_extensions(element);
  if (!extensions || extensions->size() != 1) {
    return fail(ErrorCode::invalid_argument, "'" + std::string(parameters) + "' is not a list of parameters");
  }
  Written written;
  for (const Extension::Parameter& parameter : extensions->front().parameters) {
    if (take_parameter(parameter, written)) continue;
    const std::string value = parameter.value ? "=" + *parameter.value : "";
    return fail(ErrorCode::invalid_argument,
                "'" + parameter.name + value +
                    "' is not server_no_context_takeover, client_no_context_takeover, server_max_window_bits=N or "
                    "client_max_window_bits=N with N from 8 to 15, each at most once");
  }
  return DeflateOptions{.server_no_context_takeover = written.server_no_context_takeover,
                        .client_no_context_takeover = written.client_no_context_takeover,
                        .server_window_bits_max = written.server_window_bits.value_or(window_bits_max),
                        .client_window_bits_max = written.client_window_bits.value_or(window_bits_max)};
}

std::optional<DeflateGrant> grant_deflate(std::span<const Extension> offers, const DeflateOptions& options) {
  for (const Extension& offer : offers) {
    if (!equals_ignoring_case(offer.name, deflate_extension_name)) continue;
    if (const auto written = read(offer)) return grant(*written, options);
  }
  return std::nullopt;
}

Extension deflate_offer(const DeflateOptions& options) {
  Extension offer{std::string(deflate_extension_name), {}};
  if (options.server_no_context_takeover) add(offer, server_no_takeover);
  if (options.client_no_context_takeover) add(offer, client_no_takeover);
  if (options.server_window_bits_max < window_bits_max) add(offer, server_bits, options.server_window_bits_max);
  if (options.client_window_bits_max < window_bits_max) {
    add(offer, client_bits, options.client_window_bits_max);
  } else {
    add(offer, client_bits);
  }
  return offer;
}

tl::expected<std::optional<DeflateParameters>, HandshakeFailure> agree_deflate(const Agreed& agreed,
                                                                               const DeflateOptions& options) {
  const Extension* answer = nullptr;
  for (const Extension& extension : agreed.extensions) {
    if (!equals_ignoring_case(extension.name, deflate_extension_name)) continue;
    if (answer != nullptr) return invalid("the server answered permessage-deflate twice");
    answer = &extension;
  }
  if (answer == nullptr) return std::nullopt;
  const auto written = read(*answer);
  if (!written) return invalid("the server's permessage-deflate has a parameter that is unknown, bad or there twice");
  if (written->client_window_bits_named && !written->client_window_bits) {
    return invalid("the server's client_max_window_bits has no value");
  }
  // Sections 7.1.1.1 and 7.1.2.1: what was asked of the server must be granted, or the extension declined.
  if (options.server_no_context_takeover && !written->server_no_context_takeover) {
    return invalid("the server does not promise server_no_context_takeover, which was asked");
  }
  DeflateParameters parameters;
  parameters.server_no_context_takeover = written->server_no_context_takeover;
  parameters.client_no_context_takeover = written->client_no_context_takeover || options.client_no_context_takeover;
  parameters.server_window_bits = written->server_window_bits.value_or(window_bits_max);
  if (parameters.server_window_bits > options.server_window_bits_max) {
    return invalid("the server's window is larger than was asked");
  }
  parameters.client_window_bits =
      std::min(written->client_window_bits.value_or(window_bits_max), options.client_window_bits_max);
  return parameters;
}

}  // namespace clearline::ws
