#include "streams.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "ws/frame.h"

namespace clearline::bench {

namespace {

using Bytes = std::vector<std::byte>;

constexpr std::array<std::uint32_t, messages_per_period> mask_keys = {0x3D21FA37, 0x00000001, 0xFFA500C3, 0x7F80E1B2};

// Printable ASCII, different in every variant from the first byte on.
Bytes payload_of(std::size_t variant, std::size_t size) {
  constexpr std::size_t printable = 95;
  Bytes payload(size);
  for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<std::byte>(' ' + (31 * variant + 7 * i) % printable);
  return payload;
}

void append_frame(Bytes& stream, Bytes payload, std::optional<std::uint32_t> mask_key) {
  std::array<std::byte, ws::frame_header_bytes_max> head;
  const ws::FrameHeader header{.payload_bytes = payload.size(), .mask_key = mask_key};
  const std::size_t head_bytes = ws::encode_header(header, head);
  if (mask_key) ws::mask_in_place(payload, *mask_key);
  stream.insert(stream.end(), head.begin(), head.begin() + static_cast<std::ptrdiff_t>(head_bytes));
  stream.insert(stream.end(), payload.begin(), payload.end());
}

Streams streams_of(Bytes requests, Bytes answers, const StreamSettings& settings) {
  const std::size_t sent_bytes = requests.size() / messages_per_period * settings.in_flight;
  return {CyclicStream(std::move(requests), sent_bytes), CyclicStream(std::move(answers), settings.receive_bytes)};
}

}  // namespace

CyclicStream::CyclicStream(std::vector<std::byte> period, std::size_t window_bytes)
    : bytes_(std::move(period)), period_bytes_(bytes_.size()) {
  bytes_.resize(period_bytes_ + window_bytes);
  for (std::size_t i = 0; i < window_bytes; ++i) bytes_[period_bytes_ + i] = bytes_[i];
}

Streams websocket_streams(const StreamSettings& settings) {
  Bytes requests;
  Bytes answers;
  for (std::size_t variant = 0; variant < messages_per_period; ++variant) {
    append_frame(requests, payload_of(variant, settings.payload_bytes), mask_keys[variant]);
    append_frame(answers, payload_of(variant, settings.payload_bytes), std::nullopt);
  }
  return streams_of(std::move(requests), std::move(answers), settings);
}

Streams raw_streams(const StreamSettings& settings) {
  Streams streams = websocket_streams(settings);
  const Bytes requests(messages_per_period * streams.requests.message_bytes(), std::byte{'x'});
  const Bytes answers(messages_per_period * streams.answers.message_bytes(), std::byte{'x'});
  return streams_of(requests, answers, settings);
}

}  // namespace clearline::bench
