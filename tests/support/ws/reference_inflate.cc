#include "support/ws/reference_inflate.h"

#include <zlib.h>

#include <algorithm>
#include <stdexcept>

namespace clearline::ws::testing {
namespace {

constexpr std::size_t window_bytes = 32768;
// z_stream::data_type after inflate(): how many bits of the last byte are left, and whether a block has just ended.
constexpr int unused_bits = 63;
constexpr int between_blocks = 128;

// A raw stream that may refer back to these bytes.
class RawInflate {
 public:
  explicit RawInflate(const Bytes& before) {
    if (inflateInit2(&stream, -15) != Z_OK) throw std::runtime_error("inflateInit2");
    const std::size_t size = std::min(before.size(), window_bytes);
    const auto* last = reinterpret_cast<const Bytef*>(before.data() + (before.size() - size));
    if (size != 0 && inflateSetDictionary(&stream, last, static_cast<uInt>(size)) != Z_OK) {
      throw std::runtime_error("inflateSetDictionary");
    }
  }
  ~RawInflate() { inflateEnd(&stream); }
  RawInflate(const RawInflate&) = delete;
  RawInflate& operator=(const RawInflate&) = delete;

  z_stream stream{};
};

}  // namespace

Inflated reference_inflate(const Bytes& history, Bytes compressed, bool complete, std::uint64_t plain_bytes_max) {
  if (complete) compressed = compressed + from_hex("0000ffff");
  Inflated result;
  std::size_t taken = 0;
  // Once for every final block that has something behind it (section 7.2.3.4).
  while (true) {
    RawInflate inflate(history + result.plain);
    z_stream& stream = inflate.stream;
    stream.next_in = reinterpret_cast<Bytef*>(compressed.data() + taken);
    stream.avail_in = static_cast<uInt>(compressed.size() - taken);
    int status = Z_OK;
    do {
      std::byte out[1000];
      stream.next_out = reinterpret_cast<Bytef*>(out);
      stream.avail_out = sizeof out;
      status = ::inflate(&stream, Z_SYNC_FLUSH);
      result.plain.insert(result.plain.end(), out, out + (sizeof out - stream.avail_out));
    } while (stream.avail_out == 0 && result.plain.size() <= plain_bytes_max);
    taken = compressed.size() - stream.avail_in;
    if (result.plain.size() > plain_bytes_max) {
      result.plain.resize(static_cast<std::size_t>(plain_bytes_max));
      result.state = Inflated::State::too_big;
      return result;
    }
    if (status == Z_STREAM_END && taken < compressed.size()) continue;
    const bool good_so_far = status == Z_OK || status == Z_BUF_ERROR || status == Z_STREAM_END;
    const bool block_ended =
        status == Z_STREAM_END || ((stream.data_type & between_blocks) != 0 && (stream.data_type & unused_bits) == 0);
    if (!good_so_far || (complete && !block_ended)) result.state = Inflated::State::bad;
    return result;
  }
}

}  // namespace clearline::ws::testing
