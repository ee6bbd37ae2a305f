// A move-only void() for Loop::post and timers. std::function demands copyable captures and would keep unique_ptr out;
// captures up to 48 bytes stay inside, larger ones take one allocation.
#pragma once

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace clearline::net {

class Task {
 public:
  Task() = default;

  template <typename Function, typename = std::enable_if_t<!std::is_same_v<std::decay_t<Function>, Task>>>
  Task(Function&& function) {  // NOLINT(google-explicit-constructor): callers pass lambdas
    using Stored = std::decay_t<Function>;
    if constexpr (fits_inside<Stored>) {
      new (storage_) Stored(std::forward<Function>(function));
      operations_ = &inside_operations<Stored>;
    } else {
      new (storage_) Stored*(new Stored(std::forward<Function>(function)));
      operations_ = &outside_operations<Stored>;
    }
  }

  Task(Task&& other) noexcept { take(other); }
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      clear();
      take(other);
    }
    return *this;
  }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() { clear(); }

  void operator()() { operations_->call(storage_); }
  [[nodiscard]] explicit operator bool() const { return operations_ != nullptr; }

 private:
  struct Operations {
    void (*call)(void* storage);
    void (*move)(void* from, void* to) noexcept;
    void (*destroy)(void* storage) noexcept;
  };

  static constexpr std::size_t storage_bytes = 48;

  template <typename Stored>
  static constexpr bool fits_inside =
      sizeof(Stored) <= storage_bytes &&
      alignof(Stored) <= alignof(std::max_align_t) && std::is_nothrow_move_constructible_v<Stored>;

  template <typename Stored>
  static Stored* as(void* storage) {
    return std::launder(static_cast<Stored*>(storage));
  }

  template <typename Stored>
  static constexpr Operations inside_operations = {[](void* storage) { (*as<Stored>(storage))(); },
                                                   [](void* from, void* to) noexcept {
                                                     new (to) Stored(std::move(*as<Stored>(from)));
                                                     as<Stored>(from)->~Stored();
                                                   },
                                                   [](void* storage) noexcept { as<Stored>(storage)->~Stored(); }};

  template <typename Stored>
  static constexpr Operations outside_operations = {
      [](void* storage) { (**as<Stored*>(storage))(); },
      [](void* from, void* to) noexcept { new (to) Stored*(*as<Stored*>(from)); },
      [](void* storage) noexcept { delete *as<Stored*>(storage); }};

  void take(Task& other) noexcept {
    if (other.operations_ == nullptr) return;
    other.operations_->move(other.storage_, storage_);
    operations_ = std::exchange(other.operations_, nullptr);
  }
  void clear() noexcept {
    if (operations_ != nullptr) std::exchange(operations_, nullptr)->destroy(storage_);
  }

  const Operations* operations_ = nullptr;
  alignas(std::max_align_t) std::byte storage_[storage_bytes];
};

}  // namespace clearline::net
