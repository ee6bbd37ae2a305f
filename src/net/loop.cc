#include "net/loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <limits>

#include "net/system_calls.h"

namespace clearline::net {

namespace {

constexpr int events_per_turn_max = 1024;
// Hooks that keep giving each other work get the rest of it in the next turn, behind the descriptors.
constexpr int hook_rounds_max = 8;
constexpr std::size_t spare_timers_max = 16;

Error system_error(const char* call) {
  return {ErrorCode::io, std::string(call) + ": " + std::strerror(errno)};
}

}  // namespace

Result<std::unique_ptr<Loop>> Loop::create() {
  FileDescriptor epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) return tl::unexpected(system_error("epoll_create1"));
  FileDescriptor wake_up(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake_up) return tl::unexpected(system_error("eventfd"));
  std::unique_ptr<Loop> loop(new Loop(std::move(epoll), std::move(wake_up)));
  CLEARLINE_CHECK(loop->watch(loop->wake_up_.fd.get(), EPOLLIN, loop->wake_up_));
  return loop;
}

Loop::Loop(FileDescriptor epoll, FileDescriptor wake_up)
    : epoll_(std::move(epoll)), receive_buffer_(new char[receive_buffer_bytes]), now_(monotonic_now()) {
  wake_up_.fd = std::move(wake_up);
}

Loop::~Loop() = default;

void Loop::WakeUp::on_ready(std::uint32_t /*epoll_events*/) {
  std::uint64_t count = 0;
  // Only the reset matters. It comes before run_posted() empties the queue, so no later post is lost.
  (void)!::read(fd.get(), &count, sizeof count);
}

void Loop::run() {
  read_clock();
  while (!stopping_.load(std::memory_order_acquire)) turn(-1);
  stopping_.store(false, std::memory_order_release);
}

void Loop::run_once(int timeout_ms) {
  read_clock();
  turn(timeout_ms);
}

void Loop::stop() {
  stopping_.store(true, std::memory_order_release);
  const std::uint64_t one = 1;
  (void)!::write(wake_up_.fd.get(), &one, sizeof one);
}

void Loop::post(Task task) {
  bool first = false;
  {
    const std::lock_guard lock(posted_mutex_);
    first = posted_.empty();
    posted_.push_back(std::move(task));
    has_posted_.store(true, std::memory_order_release);
  }
  if (!first) return;  // whoever found the queue empty has woken the loop
  const std::uint64_t one = 1;
  (void)!::write(wake_up_.fd.get(), &one, sizeof one);
}

TimerId Loop::after(std::int64_t delay_ms, Task task) {
  const Timer timer{{monotonic_now().ms + std::max<std::int64_t>(delay_ms, 0)}, next_timer_id_++};
  if (spare_timers_.empty()) {
    timer_tasks_.emplace(timer.id, std::move(task));
  } else {
    auto node = std::move(spare_timers_.back());
    spare_timers_.pop_back();
    node.key() = timer.id;
    node.mapped() = std::move(task);
    timer_tasks_.insert(std::move(node));
  }
  timer_heap_.push_back(timer);
  std::push_heap(timer_heap_.begin(), timer_heap_.end(), std::greater<>{});
  return TimerId(timer.id);
}

bool Loop::cancel(TimerId id) {
  const bool found = timer_tasks_.erase(id.value()) > 0;
  drop_cancelled_timers();
  return found;
}

void Loop::drop_cancelled_timers() {
  // A program that sets and cancels the same far timer over and over must not fill the heap with it.
  if (timer_heap_.size() < 2 * timer_tasks_.size() + 64) return;
  std::erase_if(timer_heap_, [this](const Timer& timer) { return !timer_tasks_.contains(timer.id); });
  std::make_heap(timer_heap_.begin(), timer_heap_.end(), std::greater<>{});
}

Result<void> Loop::watch(int fd, std::uint32_t epoll_events, Watcher& watcher) {
  epoll_event event{};
  event.events = epoll_events;
  event.data.ptr = &watcher;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) return tl::unexpected(system_error("epoll_ctl add"));
  return {};
}

void Loop::change(int fd, std::uint32_t epoll_events, Watcher& watcher) {
  epoll_event event{};
  event.events = epoll_events;
  event.data.ptr = &watcher;
  // Of a descriptor that is watched, this cannot fail.
  CLEARLINE_ASSERT(::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) == 0);
}

void Loop::unwatch(int fd) {
  CLEARLINE_ASSERT(::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr) == 0);
}

void Loop::add_turn_end_hook(TurnEndHook& hook) {
  turn_end_hooks_.push_back(&hook);
}
void Loop::remove_turn_end_hook(TurnEndHook& hook) {
  std::erase(turn_end_hooks_, &hook);
}

void Loop::turn(int timeout_ms) {
  std::array<epoll_event, events_per_turn_max> events;
  const int count = wait_for_events(epoll_.get(), events.data(), events_per_turn_max, wait_ms(timeout_ms));
  CLEARLINE_ASSERT(count >= 0 || errno == EINTR);
  read_clock();
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    static_cast<Watcher*>(event.data.ptr)->on_ready(event.events);
  }
  run_posted();
  run_due_timers();
  run_turn_end_hooks();
}

int Loop::wait_ms(int timeout_ms) const {
  if (hooks_unfinished_) return 0;
  if (timer_heap_.empty()) return timeout_ms;
  // By the time that the turn before began: a timer may be as late as that turn took, and no clock is read for it.
  const std::int64_t until_due_ms =
      std::clamp<std::int64_t>(timer_heap_.front().due.ms - now_.ms, 0, std::numeric_limits<int>::max());
  const int due_ms = static_cast<int>(until_due_ms);
  return timeout_ms < 0 ? due_ms : std::min(timeout_ms, due_ms);
}

void Loop::run_posted() {
  // Most turns have none, and need no lock to know.
  if (!has_posted_.load(std::memory_order_acquire)) return;
  {
    const std::lock_guard lock(posted_mutex_);
    running_.swap(posted_);
    has_posted_.store(false, std::memory_order_release);
  }
  for (Task& task : running_) task();
  running_.clear();
}

void Loop::run_due_timers() {
  // Timers that are set meanwhile wait for the next turn: a zero delay must not keep this loop here.
  const std::uint64_t first_new_id = next_timer_id_;
  while (!timer_heap_.empty()) {
    const Timer timer = timer_heap_.front();
    if (timer.due > now_ || timer.id >= first_new_id) return;
    std::pop_heap(timer_heap_.begin(), timer_heap_.end(), std::greater<>{});
    timer_heap_.pop_back();
    auto node = timer_tasks_.extract(timer.id);
    if (node.empty()) continue;
    node.mapped()();
    node.mapped() = {};
    if (spare_timers_.size() < spare_timers_max) spare_timers_.push_back(std::move(node));
  }
}

void Loop::run_turn_end_hooks() {
  hooks_unfinished_ = true;
  for (int round = 0; round < hook_rounds_max && hooks_unfinished_; ++round) {
    hooks_unfinished_ = false;
    for (TurnEndHook* hook : turn_end_hooks_) hooks_unfinished_ |= hook->on_turn_end();
  }
}

void Loop::read_clock() {
  now_ = monotonic_now();
}

}  // namespace clearline::net
