#include "conformance/large_cases.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <random>

#include "support/ws/zlib_codec.h"

namespace clearline::ws::testing {
namespace {

constexpr std::size_t kib = 1024;
constexpr std::size_t mib = 1024 * kib;

std::string number(const char* section, std::size_t n) {
  return section + std::to_string(n);
}

// --- The list -------------------------------------------------------------------------------------------------------

void add_growing(std::vector<LargeCase>& cases) {
  const std::size_t sizes[] = {64 * kib, 256 * kib, mib, 4 * mib, 8 * mib, 16 * mib};
  for (std::size_t i = 0; i < std::size(sizes); ++i) {
    cases.push_back({number("9.1.", i + 1), text, Content::repeated_text, sizes[i]});
    cases.push_back({number("9.2.", i + 1), binary, Content::repeated_octets, sizes[i]});
  }
}

void add_fragmented(std::vector<LargeCase>& cases) {
  const std::size_t frames[] = {64, 256, kib, 4 * kib, 16 * kib, 64 * kib, 256 * kib, mib, 4 * mib};
  for (std::size_t i = 0; i < std::size(frames); ++i) {
    const Content content = i == 0 ? Content::octets : Content::stars;
    cases.push_back({number("9.3.", i + 1), text, Content::stars, 4 * mib, 1, frames[i]});
    cases.push_back({number("9.4.", i + 1), binary, content, 4 * mib, 1, frames[i]});
  }
}

void add_chopped(std::vector<LargeCase>& cases) {
  const std::size_t chops[] = {64, 128, 256, 512, kib, 2 * kib};
  for (std::size_t i = 0; i < std::size(chops); ++i) {
    cases.push_back({number("9.5.", i + 1), text, Content::repeated_text, mib, 1, 0, chops[i]});
    cases.push_back({number("9.6.", i + 1), binary, Content::repeated_octets, mib, 1, 0, chops[i]});
  }
}

void add_round_trips(std::vector<LargeCase>& cases) {
  const std::size_t sizes[] = {0, 16, 64, 256, kib, 4 * kib};
  for (std::size_t i = 0; i < std::size(sizes); ++i) {
    cases.push_back({number("9.7.", i + 1), text, Content::stars, sizes[i], 1000});
    cases.push_back({number("9.8.", i + 1), binary, Content::octets, sizes[i], 1000});
  }
}

struct Compression {
  const char* section;
  unsigned opcode;
  Content content;
  std::string offers;
  bool asks_client_no_takeover = false;
  unsigned asks_client_window_bits = 0;
};

void add_compressed(std::vector<LargeCase>& cases, const Compression& c) {
  struct Size {
    std::size_t message_bytes;
    std::size_t frame_bytes;
  };
  const Size sizes[] = {{16, 0},           {64, 0},           {256, 0},          {kib, 0},        {4 * kib, 0},
                        {8 * kib, 0},      {16 * kib, 0},     {32 * kib, 0},     {64 * kib, 0},   {128 * kib, 0},
                        {8 * kib, 256},    {16 * kib, 256},   {32 * kib, 256},   {64 * kib, 256}, {128 * kib, 256},
                        {128 * kib, 1024}, {128 * kib, 4096}, {128 * kib, 32768}};
  for (std::size_t i = 0; i < std::size(sizes); ++i) {
    cases.push_back({number(c.section, i + 1), c.opcode, c.content, sizes[i].message_bytes, 1000, sizes[i].frame_bytes,
                     0, c.offers, c.asks_client_no_takeover, c.asks_client_window_bits});
  }
}

void add_compressed(std::vector<LargeCase>& cases) {
  const std::string plain = "permessage-deflate; client_no_context_takeover; client_max_window_bits";
  const std::string no_takeover = plain + "; server_no_context_takeover";
  const Compression kinds[] = {
      {"12.1.", text, Content::json, plain},
      {"12.2.", binary, Content::picture, plain},
      {"12.3.", binary, Content::prose, plain},
      {"12.4.", text, Content::html, plain},
      {"12.5.", binary, Content::document, plain},
      {"13.1.", text, Content::json, plain},
      {"13.2.", text, Content::json, no_takeover, true},
      {"13.3.", text, Content::json, plain + "; server_max_window_bits=9", false, 9},
      {"13.4.", text, Content::json, plain + "; server_max_window_bits=15", false, 15},
      {"13.5.", text, Content::json, no_takeover + "; server_max_window_bits=9", true, 9},
      {"13.6.", text, Content::json, no_takeover + "; server_max_window_bits=15", true, 15},
      {"13.7.", text, Content::json, no_takeover + "; server_max_window_bits=9, " + no_takeover + ", " + plain, true,
       9},
  };
  for (const Compression& kind : kinds) add_compressed(cases, kind);
}

// --- The data -------------------------------------------------------------------------------------------------------

constexpr std::size_t material_bytes = 2 * mib;

std::string pick(std::mt19937& random, const std::vector<std::string>& words) {
  return words[random() % words.size()];
}

std::string json_record(std::mt19937& random) {
  static const std::vector<std::string> names = {"Anna", "Bj\xC3\xB6rn", "\xE5\xBC\xA0\xE4\xBC\x9F", "Dmitri", "Eva"};
  return "{\"id\":" + std::to_string(random() % 100000) + ",\"name\":\"" + pick(random, names) + "\",\"balance\":\"$" +
         std::to_string(random() % 4000) + ".00\",\"active\":" + (random() % 2 == 0 ? "true" : "false") + "},\n";
}

std::string sentence(std::mt19937& random) {
  static const std::vector<std::string> words = {
      "und",    "der", "Geist", "ich",  "nicht", "die",   "Welt", "was",          "mich",  "h\xC3\xA4lt", "im",
      "Innern", "ach", "nun",   "Tage", "so",    "immer", "Herz", "sch\xC3\xB6n", "bleib", "Augenblick"};
  std::string line;
  for (int i = 0; i < 9; ++i) line += pick(random, words) + (i < 8 ? " " : ",\n");
  return line;
}

std::string html_row(std::mt19937& random) {
  return "<tr class=\"row\"><td>" + std::to_string(random() % 1000) + "</td><td>" + sentence(random) + "</td></tr>\n";
}

std::string noise(std::mt19937& random, std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(random() % 256);
  return bytes;
}

// Rows of a grey picture: neighbours differ by little.
std::string picture_row(std::mt19937& random) {
  std::string row;
  auto grey = static_cast<unsigned>(random() % 256);
  for (int i = 0; i < 512; ++i) {
    grey += static_cast<unsigned>(random() % 7);
    row += static_cast<char>(grey - 3);
  }
  return row;
}

std::string document_part(std::mt19937& random) {
  return "7 0 obj << /Length 300 /Filter /FlateDecode >> stream\n" + noise(random, 300) + "\nendstream endobj\n";
}

std::string piece_of(Content content, std::mt19937& random) {
  switch (content) {
    case Content::json:
      return json_record(random);
    case Content::picture:
      return picture_row(random);
    case Content::prose:
      return sentence(random);
    case Content::html:
      return html_row(random);
    case Content::document:
      return document_part(random);
    case Content::stars:
      return "*";
    case Content::octets:
      return "\xFE";
    case Content::repeated_text:
      return "BAsd7&jh23";
    case Content::repeated_octets:
      return std::string("\x00\xFE\x23\xFA\xF0", 5);
  }
  return {};
}

const std::string& material(Content content) {
  static std::map<Content, std::string> all;
  std::string& made = all[content];
  std::mt19937 random(7);
  while (made.size() < material_bytes) made += piece_of(content, random);
  return made;
}

bool inside_code_point(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

}  // namespace

std::vector<LargeCase> large_cases() {
  std::vector<LargeCase> cases;
  add_growing(cases);
  add_fragmented(cases);
  add_chopped(cases);
  add_round_trips(cases);
  add_compressed(cases);
  return cases;
}

Bytes message_of(const LargeCase& c, std::size_t number_of_message) {
  const std::string& all = material(c.content);
  // Sections 12 and 13 walk through their material; the others repeat from its beginning.
  std::size_t from = c.compressed() ? number_of_message * 997 % (material_bytes / 2) : 0;
  if (c.opcode == text) {
    while (inside_code_point(all[from])) ++from;
  }
  std::string payload;
  while (payload.size() < c.message_bytes) {
    payload += all.substr(from, c.message_bytes - payload.size());
    from = 0;
  }
  // The cut may have left a part of a code point.
  if (c.opcode == text && !payload.empty()) {
    std::size_t last = payload.size() - 1;
    while (inside_code_point(payload[last])) --last;
    if ((static_cast<unsigned char>(payload[last]) & 0x80) != 0) payload.resize(last);
    payload.resize(c.message_bytes, '.');
  }
  return bytes_of(payload);
}

Bytes frames_of(const LargeCase& c, const Bytes& message, bool masked, ZlibDeflater* deflate) {
  const Bytes wire = deflate != nullptr ? deflate->message(message) : message;
  const std::size_t frame_bytes = c.frame_bytes != 0 ? c.frame_bytes : std::max<std::size_t>(wire.size(), 1);
  Bytes frames;
  std::size_t from = 0;
  do {
    const std::size_t size = std::min(frame_bytes, wire.size() - from);
    const auto piece = std::span(wire).subspan(from, size);
    const Bytes frame = encode({.opcode = from == 0 ? c.opcode : continuation,
                                .payload = Bytes(piece.begin(), piece.end()),
                                .fin = from + size == wire.size(),
                                .rsv = from == 0 && deflate != nullptr ? 4U : 0U,
                                .masked = masked});
    frames.insert(frames.end(), frame.begin(), frame.end());
    from += size;
  } while (from < wire.size());
  return frames;
}

std::string deflate_answer(const LargeCase& c, std::string_view offer) {
  std::string answer = "permessage-deflate";
  // What the client asks of its server must be granted (RFC 7692 sections 7.1.1.1 and 7.1.2.1).
  if (offer.find("server_no_context_takeover") != offer.npos) answer += "; server_no_context_takeover";
  if (const std::size_t at = offer.find("server_max_window_bits"); at != offer.npos) {
    answer += "; " + std::string(offer.substr(at, offer.find_first_of(";,", at) - at));
  }
  if (c.asks_client_no_takeover) answer += "; client_no_context_takeover";
  if (c.asks_client_window_bits != 0 && offer.find("client_max_window_bits") != offer.npos) {
    answer += "; client_max_window_bits=" + std::to_string(c.asks_client_window_bits);
  }
  return answer;
}

}  // namespace clearline::ws::testing
