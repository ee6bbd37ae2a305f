// The web client, embedded in the binary at build time (tools/embed-assets).
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace clearline::app {

struct Asset {
  std::string_view path;  // as requested, for example "/widget.js"
  std::string_view content_type;
  std::string_view etag;  // quoted
  bool immutable;         // its name carries a hash of its content
  std::span<const std::byte> identity;
  std::span<const std::byte> gzip;    // empty: not smaller
  std::span<const std::byte> brotli;  // empty: not smaller
};

// All assets, by path. Empty in a build without the web client.
[[nodiscard]] std::span<const Asset> assets();
[[nodiscard]] const Asset* find_asset(std::string_view path);

}  // namespace clearline::app
