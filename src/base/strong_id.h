// Ids that the compiler tells apart. A StrongId<Tag> is a 64-bit number with no arithmetic and no implicit conversion.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace clearline {

template <typename Tag, typename Value = std::int64_t>
class StrongId {
 public:
  using value_type = Value;

  constexpr StrongId() = default;
  explicit constexpr StrongId(Value value) : value_(value) {}

  [[nodiscard]] constexpr Value value() const { return value_; }
  // Zero is never handed out; it stands for "none" in a field that is always present.
  [[nodiscard]] explicit constexpr operator bool() const { return value_ != Value{}; }

  friend constexpr auto operator<=>(StrongId, StrongId) = default;

 private:
  Value value_{};
};

}  // namespace clearline

template <typename Tag, typename Value>
struct std::hash<clearline::StrongId<Tag, Value>> {
  std::size_t operator()(clearline::StrongId<Tag, Value> id) const noexcept {
    // Ids carry their time in the high bits, so spread them before a power-of-two table sees them.
    return static_cast<std::size_t>(static_cast<std::uint64_t>(id.value()) * 0x9E3779B97F4A7C15ULL);
  }
};
