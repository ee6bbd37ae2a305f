#include "http/body_decoder.h"

#include <algorithm>
#include <charconv>

#include "http/token.h"

namespace clearline::http {

namespace {

// RFC 9110 section 5.5: what may stand in a field's value or a chunk's extension.
bool is_field_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
  });
}

}  // namespace

void BodyDecoder::expect_length(std::uint64_t bytes) {
  if (bytes > limits_.body_bytes_max) return fail(413, "the body is too large");
  framing_ = bytes == 0 ? Framing::complete : Framing::length;
  remaining_ = bytes;
}

std::size_t BodyDecoder::feed(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && !complete() && !failed()) {
    const std::string_view rest = bytes.substr(taken);
    const bool is_data =
        framing_ == Framing::length || framing_ == Framing::until_eof || framing_ == Framing::chunk_data;
    taken += is_data ? take_data(rest) : take_line(rest);
  }
  return taken;
}

void BodyDecoder::finish() {
  if (framing_ == Framing::until_eof) framing_ = Framing::complete;
  if (!complete() && !failed()) fail(400, "the message is incomplete");
}

std::size_t BodyDecoder::take_data(std::string_view bytes) {
  if (framing_ == Framing::until_eof) {
    if (bytes.size() > limits_.body_bytes_max - body_.size()) fail(413, "the body is too large");
    if (!failed()) body_.append(bytes);
    return bytes.size();
  }
  const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, bytes.size()));
  body_.append(bytes.substr(0, count));
  remaining_ -= count;
  if (remaining_ == 0) framing_ = framing_ == Framing::length ? Framing::complete : Framing::chunk_end;
  return count;
}

std::size_t BodyDecoder::take_line(std::string_view bytes) {
  const std::size_t end = bytes.find('\n');
  const std::size_t count = end == std::string_view::npos ? bytes.size() : end + 1;
  // Counted up to the limit and one more, so that a cut makes no difference to what is refused.
  const std::size_t room = limits_.header_bytes_max + 1 - line_.size();
  line_.append(bytes.substr(0, std::min(count, room)));
  if (line_.size() > limits_.header_bytes_max) {
    fail(431, "the chunk header or trailer is too large");
  } else if (end != std::string_view::npos) {
    end_line();
    line_.clear();
  }
  return std::min(count, room);
}

void BodyDecoder::end_line() {
  std::string_view line = line_;
  line.remove_suffix(1);
  if (line.empty() || line.back() != '\r') return fail(400, "a line ends without CR");
  line.remove_suffix(1);
  if (framing_ == Framing::chunk_end) {
    if (!line.empty()) return fail(400, "a chunk is longer than its size");
    framing_ = Framing::chunk_line;
  } else if (framing_ == Framing::chunk_line) {
    begin_chunk(line);
  } else {
    take_trailer_line(line);
  }
}

// chunk-size [ chunk-ext ], section 7.1. Extensions are ignored (7.1.1), but a control character in one is not.
void BodyDecoder::begin_chunk(std::string_view line) {
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), remaining_, 16);
  std::string_view extensions = line.substr(static_cast<std::size_t>(end - line.data()));
  const bool has_size = end != line.data() && error == std::errc{};
  extensions.remove_prefix(std::min(extensions.find_first_not_of(" \t"), extensions.size()));
  if (!has_size || (!extensions.empty() && extensions.front() != ';') || !is_field_text(extensions)) {
    return fail(400, "bad chunk");
  }
  if (remaining_ == 0) {
    framing_ = Framing::trailer;
  } else if (remaining_ > limits_.body_bytes_max - body_.size()) {
    fail(413, "the body is too large");
  } else {
    framing_ = Framing::chunk_data;
  }
}

// Trailer fields are dropped (RFC 9110 section 6.5.1): nothing here knows one that is safe to merge.
void BodyDecoder::take_trailer_line(std::string_view line) {
  if (line.empty()) {
    framing_ = Framing::complete;
    return;
  }
  trailer_bytes_ += line.size();
  if (trailer_bytes_ > limits_.header_bytes_max) return fail(431, "the chunk header or trailer is too large");
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)) || !is_field_text(line)) {
    fail(400, "bad trailer field");
  }
}

}  // namespace clearline::http
