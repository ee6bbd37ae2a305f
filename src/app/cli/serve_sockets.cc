#include "app/cli/serve_sockets.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace clearline::app {

namespace {

constexpr std::string_view systemd_word = "systemd";

// Which passed sockets a value asks for.
struct PassedChoice {
  std::optional<std::string_view> name;  // none: all
  std::string_view options;

  [[nodiscard]] bool takes(const net::PassedSocket& socket) const { return !name || *name == socket.name; }
};

// Nothing if the value is an address.
std::optional<PassedChoice> passed_choice(std::string_view text) {
  const std::size_t comma = text.find(',');
  std::string_view place = text.substr(0, comma);
  if (!place.starts_with(systemd_word)) return std::nullopt;
  place.remove_prefix(systemd_word.size());
  if (!place.empty() && place.front() != ':') return std::nullopt;
  PassedChoice choice;
  if (!place.empty()) choice.name = place.substr(1);
  if (comma != text.npos) choice.options = text.substr(comma + 1);
  return choice;
}

Result<void> take_passed(const PassedChoice& choice, std::vector<net::PassedSocket>& passed, ServerSettings& settings) {
  net::ListenOptions options;
  CLEARLINE_CHECK(options.add_options(choice.options));
  const auto mine = std::stable_partition(passed.begin(), passed.end(),
                                          [&](const net::PassedSocket& socket) { return !choice.takes(socket); });
  if (mine == passed.end()) {
    return fail(ErrorCode::invalid_argument,
                choice.name ? "systemd passed no socket of the name '" + std::string(*choice.name) + "'"
                            : "systemd passed no socket (LISTEN_FDS); is there a .socket unit for this service?");
  }
  for (auto socket = mine; socket != passed.end(); ++socket) {
    settings.passed.push_back({socket->fd.release(), options});
  }
  passed.erase(mine, passed.end());
  return {};
}

}  // namespace

Result<void> set_listeners(const std::vector<std::string>& listen, std::vector<net::PassedSocket> passed,
                           ServerSettings& settings) {
  for (const std::string& text : listen) {
    if (const auto choice = passed_choice(text)) {
      if (auto taken = take_passed(*choice, passed, settings); !taken) {
        return tl::unexpected(taken.error().at("--listen " + text));
      }
      continue;
    }
    auto options = net::ListenOptions::parse(text);
    if (!options) return tl::unexpected(options.error().at("--listen"));
    settings.listen.push_back(*std::move(options));
  }
  if (passed.empty()) return {};
  return fail(ErrorCode::invalid_argument,
              "systemd passed a socket of the name '" + passed.front().name +
                  "', and nothing listens on it: add --listen systemd:" + passed.front().name);
}

}  // namespace clearline::app
