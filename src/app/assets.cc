#include "app/assets.h"

#include <algorithm>

namespace clearline::app {

const Asset* find_asset(std::string_view path) {
  const std::span<const Asset> all = assets();
  const auto found = std::ranges::lower_bound(all, path, {}, &Asset::path);
  return found != all.end() && found->path == path ? &*found : nullptr;
}

}  // namespace clearline::app
