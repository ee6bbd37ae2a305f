// The keys that seal a server's session tickets (RFC 5077, RFC 8446 section 4.6.1). They change with time and are never
// written down, so that who steals one opens little. Thread-safe. Not part of the public interface.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>

#include "base/clock.h"
#include "net/tls/handles.h"

namespace clearline::net {

class TicketKeys {
 public:
  static constexpr std::size_t name_bytes = 16;
  struct Key {
    std::array<unsigned char, name_bytes> name{};
    std::array<unsigned char, 32> encryption{};
    std::array<unsigned char, 32> authentication{};
    MonotonicTime made;
  };
  struct Found {
    Key key;
    bool renew;  // the ticket is good, and should be replaced by one under the present key
  };

  explicit TicketKeys(std::int64_t lifetime_s) : lifetime_ms_(lifetime_s * 1000) {}

  // The one to seal with; a new one once the present one is older than the lifetime.
  [[nodiscard]] Key current(MonotonicTime now);
  // The present key or the one before it, unless it is older than two lifetimes.
  [[nodiscard]] std::optional<Found> find(std::span<const unsigned char> name, MonotonicTime now);

  // Lets the context use these keys, which must outlive it.
  void attach(ssl_ctx_st* context);

 private:
  [[nodiscard]] bool expired(const Key& key, MonotonicTime now, std::int64_t lifetimes) const;

  const std::int64_t lifetime_ms_;
  std::mutex mutex_;
  std::optional<Key> current_;
  std::optional<Key> previous_;
};

}  // namespace clearline::net
