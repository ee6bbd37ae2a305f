#include "app/cli/connect/input_reader.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

namespace clearline::app::connect {

namespace {

constexpr std::size_t read_bytes_max = std::size_t{64} << 10;

}  // namespace

Result<std::unique_ptr<InputReader>> InputReader::start(net::Loop& loop, int fd, Callback callback) {
  net::FileDescriptor wake_up(::eventfd(0, EFD_CLOEXEC));
  if (!wake_up) return fail(ErrorCode::io, "eventfd: " + std::generic_category().message(errno));
  return std::unique_ptr<InputReader>(new InputReader(loop, fd, std::move(wake_up), std::move(callback)));
}

InputReader::InputReader(net::Loop& loop, int fd, net::FileDescriptor wake_up, Callback callback)
    : loop_(loop),
      fd_(fd),
      wake_up_(std::move(wake_up)),
      callback_(std::move(callback)),
      self_(std::make_shared<InputReader*>(this)),
      thread_([this] { run(); }) {}

InputReader::~InputReader() {
  stopping_.store(true);
  wake_up();
  thread_.join();
}

void InputReader::resume() {
  wake_up();
}

void InputReader::wake_up() const {
  const std::uint64_t one = 1;
  static_cast<void>(::write(wake_up_.get(), &one, sizeof one));  // fails only when it is readable anyway
}

void InputReader::run() {
  while (wait_for_input()) {
    auto input = std::make_shared<const Input>(read_once());
    loop_.post([input, weak = std::weak_ptr<InputReader*>(self_)] {
      if (const auto self = weak.lock()) (*self)->callback_(*input);
    });
    if (input->ended) return;
    take_wake_up();
  }
}

bool InputReader::wait_for_input() const {
  while (!stopping_.load()) {
    std::array<pollfd, 2> polled{pollfd{fd_, POLLIN, 0}, pollfd{wake_up_.get(), POLLIN, 0}};
    if (::poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) return true;  // the read will say why
    if (stopping_.load()) return false;
    if (polled[0].revents != 0) return true;
    if (polled[1].revents != 0) take_wake_up();
  }
  return false;
}

void InputReader::take_wake_up() const {
  std::uint64_t count = 0;
  while (::read(wake_up_.get(), &count, sizeof count) < 0 && errno == EINTR) {
  }
}

Input InputReader::read_once() const {
  Input input;
  input.bytes.resize(read_bytes_max);
  ssize_t count = 0;
  do {
    count = ::read(fd_, input.bytes.data(), input.bytes.size());
  } while (count < 0 && errno == EINTR);
  if (count < 0) input.error = std::generic_category().message(errno);
  input.bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  input.ended = count <= 0;
  return input;
}

}  // namespace clearline::app::connect
