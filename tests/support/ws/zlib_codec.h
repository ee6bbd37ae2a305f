// Raw deflate straight on zlib, as RFC 7692 section 7.2 describes it, for both ends of a test: it holds a peer to what
// the handshake promised. Nothing is shared with src/ws.
#pragma once

#include <zlib.h>

#include <stdexcept>

#include "support/ws/wire.h"
#include "ws/deflate_negotiation.h"

namespace clearline::ws::testing {

// What was agreed for each direction, by who compresses: the code under test or its peer.
struct DeflateSides {
  struct Side {
    int window_bits;
    bool takeover;
  };
  Side ours;
  Side peer;
};

inline DeflateSides sides_of(const DeflateParameters& agreed, bool we_are_server) {
  const DeflateSides::Side server{agreed.server_window_bits, !agreed.server_no_context_takeover};
  const DeflateSides::Side client{agreed.client_window_bits, !agreed.client_no_context_takeover};
  return we_are_server ? DeflateSides{server, client} : DeflateSides{client, server};
}

class ZlibInflater {
 public:
  ZlibInflater(int window_bits, bool takeover) : takeover_(takeover) {
    if (inflateInit2(&stream_, -window_bits) != Z_OK) throw std::runtime_error("inflateInit2");
  }
  ~ZlibInflater() { inflateEnd(&stream_); }
  ZlibInflater(const ZlibInflater&) = delete;
  ZlibInflater& operator=(const ZlibInflater&) = delete;

  Bytes message(Bytes compressed) {
    if (!takeover_) inflateReset(&stream_);
    compressed = compressed + from_hex("0000ffff");
    Bytes out(std::size_t{1} << 18);  // more than any message of the tests
    stream_.next_in = reinterpret_cast<Bytef*>(compressed.data());
    stream_.avail_in = static_cast<uInt>(compressed.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    if (inflate(&stream_, Z_SYNC_FLUSH) != Z_OK || stream_.avail_in != 0) throw std::runtime_error("inflate");
    out.erase(out.end() - static_cast<std::ptrdiff_t>(stream_.avail_out), out.end());
    return out;
  }

 private:
  z_stream stream_{};
  bool takeover_;
};

class ZlibDeflater {
 public:
  ZlibDeflater(int window_bits, bool takeover) : takeover_(takeover) {
    if (deflateInit2(&stream_, 6, Z_DEFLATED, -window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::runtime_error("deflateInit2");
    }
  }
  ~ZlibDeflater() { deflateEnd(&stream_); }
  ZlibDeflater(const ZlibDeflater&) = delete;
  ZlibDeflater& operator=(const ZlibDeflater&) = delete;

  Bytes message(Bytes plain) {
    if (!takeover_) deflateReset(&stream_);
    Bytes out(plain.size() * 2 + 100);
    stream_.next_in = reinterpret_cast<Bytef*>(plain.data());
    stream_.avail_in = static_cast<uInt>(plain.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    if (deflate(&stream_, Z_SYNC_FLUSH) != Z_OK) throw std::runtime_error("deflate");
    out.erase(out.end() - static_cast<std::ptrdiff_t>(stream_.avail_out + std::size_t{4}), out.end());
    return out;
  }

 private:
  z_stream stream_{};
  bool takeover_;
};

}  // namespace clearline::ws::testing
