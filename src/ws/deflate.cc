#include "ws/deflate.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <new>
#include <vector>

#include "base/result.h"

namespace clearline::ws {
namespace {

// Section 7.2.1: every message ends with an empty block without compression, of which these bytes are not sent.
constexpr std::array<std::byte, 4> tail{std::byte{0x00}, std::byte{0x00}, std::byte{0xFF}, std::byte{0xFF}};
constexpr std::size_t window_bytes_max = std::size_t{1} << 15;
constexpr std::size_t room_bytes_min = 256;
constexpr std::size_t room_bytes_max = std::size_t{64} << 10;
// Of z_stream::data_type after inflate(): a block has just ended; bits of the last byte that belong to what comes next.
constexpr int between_blocks = 128;
constexpr int unused_bits = 63;
// What a thread keeps of the output's buffer from one message to the next.
constexpr std::size_t kept_output_bytes_max = std::size_t{1} << 20;

// zlib reads through a pointer that is not const.
Bytef* input_of(std::span<const std::byte> bytes) {
  return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
}

// A raw deflate stream has no header; zlib takes this from the sign.
int raw(std::uint8_t window_bits) {
  return -static_cast<int>(window_bits);
}

void expect_ok(int result) {
  if (result == Z_MEM_ERROR) throw std::bad_alloc();
  CLEARLINE_ASSERT(result == Z_OK);
}

}  // namespace

// --- Inflater -------------------------------------------------------------------------------------------------------

struct Inflater::Stream : z_stream {};

Inflater::Inflater(std::uint8_t window_bits) : stream_(std::make_unique<Stream>()) {
  expect_ok(inflateInit2(stream_.get(), raw(window_bits)));
}

Inflater::~Inflater() {
  inflateEnd(stream_.get());
}

void Inflater::reset() {
  expect_ok(inflateReset(stream_.get()));
}

InflateResult Inflater::feed(std::span<const std::byte> compressed, MessageBuffer& message, std::uint64_t bytes_max) {
  CLEARLINE_ASSERT(compressed.size() <= std::numeric_limits<uInt>::max());
  z_stream& stream = *stream_;
  stream.next_in = input_of(compressed);
  stream.avail_in = static_cast<uInt>(compressed.size());
  while (true) {
    // At the limit one more byte is asked for, to see whether there is one.
    std::byte excess;
    const std::uint64_t left = bytes_max - message.size();
    const std::size_t wanted =
        std::clamp<std::size_t>(4 * std::size_t{stream.avail_in}, room_bytes_min, room_bytes_max);
    const std::size_t room = static_cast<std::size_t>(std::min<std::uint64_t>(wanted, left));
    const std::span<std::byte> out = room != 0 ? message.extend(room, bytes_max) : std::span(&excess, 1);
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());

    const int result = inflate(&stream, Z_SYNC_FLUSH);
    const bool output_full = stream.avail_out == 0;
    if (room != 0) {
      message.shrink_by(stream.avail_out);
    } else if (output_full) {
      return InflateResult::too_big;
    }
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    if (result == Z_STREAM_END) {
      continue_after_final_block();
      at_block_end_ = true;
      if (stream.avail_in == 0) return InflateResult::ok;
      continue;
    }
    // Z_BUF_ERROR: there was nothing left to do.
    if (result != Z_OK && result != Z_BUF_ERROR) return InflateResult::bad_data;
    at_block_end_ = (stream.data_type & between_blocks) != 0 && (stream.data_type & unused_bits) == 0;
    if (!output_full) return InflateResult::ok;
  }
}

// Section 7.2.3.4: a sender may end its data with a final block and go on behind it, with the same window.
void Inflater::continue_after_final_block() {
  std::array<Bytef, window_bytes_max> window;
  uInt size = 0;
  expect_ok(inflateGetDictionary(stream_.get(), window.data(), &size));
  expect_ok(inflateReset(stream_.get()));
  expect_ok(inflateSetDictionary(stream_.get(), window.data(), size));
}

InflateResult Inflater::finish_message(MessageBuffer& message, std::uint64_t bytes_max) {
  const InflateResult result = feed(tail, message, bytes_max);
  if (result != InflateResult::ok) return result;
  // If not, the message was cut off, or the tail was taken for data.
  return at_block_end_ ? InflateResult::ok : InflateResult::bad_data;
}

// --- Deflater -------------------------------------------------------------------------------------------------------

struct Deflater::Stream : z_stream {};

Deflater::Deflater(const DeflaterOptions& options) : stream_(std::make_unique<Stream>()) {
  CLEARLINE_ASSERT(options.window_bits >= 9 && options.window_bits <= 15);
  expect_ok(deflateInit2(stream_.get(), options.level, Z_DEFLATED, raw(options.window_bits), options.memory_level,
                         Z_DEFAULT_STRATEGY));
}

Deflater::~Deflater() {
  deflateEnd(stream_.get());
}

void Deflater::reset() {
  expect_ok(deflateReset(stream_.get()));
}

std::span<const std::byte> Deflater::compress(std::span<const std::byte> message) {
  CLEARLINE_ASSERT(message.size() <= std::numeric_limits<uInt>::max());
  static thread_local std::vector<std::byte> out;
  z_stream& stream = *stream_;
  stream.next_in = input_of(message);
  stream.avail_in = static_cast<uInt>(message.size());
  if (out.size() > kept_output_bytes_max) out = {};  // one large message must not hold its memory for ever
  if (out.size() < room_bytes_min) out.resize(room_bytes_min);
  std::size_t size = 0;
  while (true) {
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + size);
    stream.avail_out = static_cast<uInt>(std::min<std::size_t>(out.size() - size, std::numeric_limits<uInt>::max()));
    const std::size_t room = stream.avail_out;
    const int result = deflate(&stream, Z_SYNC_FLUSH);
    CLEARLINE_ASSERT(result == Z_OK || result == Z_BUF_ERROR);
    size += room - stream.avail_out;
    // The flush is complete when it leaves room.
    if (stream.avail_out != 0) break;
    out.resize(2 * out.size());
  }
  CLEARLINE_ASSERT(size >= tail.size() &&
                   std::equal(tail.begin(), tail.end(), out.begin() + static_cast<std::ptrdiff_t>(size - tail.size())));
  return std::span(out).first(size - tail.size());
}

}  // namespace clearline::ws
