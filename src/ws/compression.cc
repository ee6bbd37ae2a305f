#include "ws/compression.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace clearline::ws {
namespace {

constexpr std::uint8_t window_bits_max = 15;
// Section 7.1.2.1 allows a window of 256 bytes, with which zlib cannot compress. What goes out is then not compressed,
// which is always allowed.
constexpr std::uint8_t compressible_window_bits_min = 9;
// Of a thread's decompressors that wait for a message; each holds about 40 KB.
constexpr std::size_t waiting_inflaters_max = 4;

std::vector<std::unique_ptr<Inflater>>& waiting_inflaters() {
  static thread_local std::vector<std::unique_ptr<Inflater>> waiting;
  return waiting;
}

// A decompressor with the largest window reads every smaller one.
std::unique_ptr<Inflater> take_inflater() {
  auto& waiting = waiting_inflaters();
  if (waiting.empty()) return std::make_unique<Inflater>(window_bits_max);
  auto inflater = std::move(waiting.back());
  waiting.pop_back();
  inflater->reset();
  return inflater;
}

// A hash table in proportion to the window: a small window is asked for to save memory.
DeflaterOptions options_for(std::uint8_t window_bits) {
  DeflaterOptions options{.window_bits = window_bits};
  options.memory_level = static_cast<std::uint8_t>(std::min<int>(options.memory_level, window_bits - 6));
  return options;
}

void give_back(std::unique_ptr<Inflater> inflater) {
  auto& waiting = waiting_inflaters();
  if (waiting.size() < waiting_inflaters_max) waiting.push_back(std::move(inflater));
}

// The thread's compressor for this window, without a memory of earlier messages.
Deflater& thread_deflater(std::uint8_t window_bits) {
  static thread_local std::unique_ptr<Deflater> deflaters[window_bits_max + 1];
  auto& deflater = deflaters[window_bits];
  if (deflater) {
    deflater->reset();
  } else {
    deflater = std::make_unique<Deflater>(options_for(window_bits));
  }
  return *deflater;
}

}  // namespace

std::optional<std::span<const std::byte>> compress_alone(std::span<const std::byte> message, std::uint8_t window_bits) {
  // zlib has nothing to flush for an empty message.
  if (message.empty() || window_bits < compressible_window_bits_min) return std::nullopt;
  const auto compressed = thread_deflater(window_bits).compress(message);
  if (compressed.size() >= message.size()) return std::nullopt;
  return compressed;
}

Compression::Compression(registry::Role role, const DeflateParameters& parameters)
    : in_{parameters.client_window_bits, !parameters.client_no_context_takeover},
      out_{parameters.server_window_bits, !parameters.server_no_context_takeover} {
  if (role == registry::Role::client) std::swap(in_, out_);
}

Inflater& Compression::inflater() {
  if (inflater_) return *inflater_;
  inflater_ = in_.takeover ? std::make_unique<Inflater>(in_.window_bits) : take_inflater();
  return *inflater_;
}

InflateResult Compression::feed(std::span<const std::byte> compressed, MessageBuffer& message,
                                std::uint64_t bytes_max) {
  if (compressed.empty()) return InflateResult::ok;
  return inflater().feed(compressed, message, bytes_max);
}

InflateResult Compression::finish_message(MessageBuffer& message, std::uint64_t bytes_max) {
  const InflateResult result = inflater().finish_message(message, bytes_max);
  if (!in_.takeover) give_back(std::move(inflater_));
  return result;
}

std::optional<std::span<const std::byte>> Compression::compress(std::span<const std::byte> message) {
  if (!out_.takeover) return compress_alone(message, out_.window_bits);
  if (message.empty() || out_.window_bits < compressible_window_bits_min) return std::nullopt;
  // What went into the context must go out, so that the peer's has it too.
  if (!deflater_) deflater_ = std::make_unique<Deflater>(options_for(out_.window_bits));
  return deflater_->compress(message);
}

void Compression::release() {
  if (inflater_ && !in_.takeover) give_back(std::move(inflater_));
  inflater_.reset();
  deflater_.reset();
}

}  // namespace clearline::ws
