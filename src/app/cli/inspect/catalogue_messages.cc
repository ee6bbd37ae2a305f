// RFC 6455 sections 5.4 and 5.6: messages that are right, whole and in fragments, as an echo server returns them.
#include "app/cli/inspect/catalogue.h"
#include "app/cli/inspect/probe_parts.h"
#include "app/cli/inspect/raw_frame.h"

namespace clearline::app::inspect {

namespace {

// Two, three and four bytes a code point.
constexpr std::string_view euro_text = "\xC2\xA3\xE2\x82\xAC\xF0\x9F\x98\x80";

std::string in_frames_of_one_byte(std::string_view text) {
  std::string bytes = text_frame(text.substr(0, 1), false);
  for (std::size_t at = 1; at < text.size(); ++at)
    bytes += continuation_frame(text.substr(at, 1), at + 1 == text.size());
  return bytes;
}

// The lengths at which the header changes its form.
void append_sizes(std::vector<Probe>& probes) {
  for (const std::size_t size : {125U, 126U, 65'535U, 65'536U}) {
    const std::string text(size, '*');
    const std::string bytes = std::to_string(size);
    probes.push_back(echo_probe(
        Group::messages,
        {"text-" + bytes, "RFC 6455 5.2", "text of " + bytes + " bytes", text_frame(text), {text_answer(text)}}));
  }
}

}  // namespace

void append_message_probes(std::vector<Probe>& probes) {
  const std::string_view bytes("\x00\xFF\xFE\x80", 4);
  const ExpectedAnswer binary{EventKind::binary, std::string(bytes)};
  for (const Exchange& exchange : {
           Exchange{"text-empty", "RFC 6455 5.6", "empty text", text_frame(""), {text_answer("")}},
           Exchange{"binary", "RFC 6455 5.6", "binary of 4 bytes", binary_frame(bytes), {binary}},
           Exchange{"binary-empty", "RFC 6455 5.6", "empty binary", binary_frame(""), {{EventKind::binary, ""}}},
           Exchange{"two-messages",
                    "RFC 6455 5.6",
                    "two texts at once",
                    text_frame("one") + text_frame("two"),
                    {text_answer("one"), text_answer("two")}},
           Exchange{"fragments",
                    "RFC 6455 5.4",
                    "text in three fragments",
                    text_frame("a", false) + continuation_frame("b", false) + continuation_frame("c"),
                    {text_answer("abc")}},
           Exchange{"fragments-empty",
                    "RFC 6455 5.4",
                    "text in three fragments of no byte",
                    text_frame("", false) + continuation_frame("", false) + continuation_frame(""),
                    {text_answer("")}},
           Exchange{"fragments-empty-around",
                    "RFC 6455 5.4",
                    "fragments of no byte around one with text",
                    text_frame("", false) + continuation_frame("middle", false) + continuation_frame(""),
                    {text_answer("middle")}},
           Exchange{"fragments-of-a-byte",
                    "RFC 6455 5.4",
                    "a byte a fragment: cut inside code points",
                    in_frames_of_one_byte(euro_text),
                    {text_answer(euro_text)}},
           Exchange{"ping-between-fragments",
                    "RFC 6455 5.4",
                    "ping between two fragments",
                    text_frame("a", false) + ping_frame("between") + continuation_frame("b"),
                    {pong_answer("between"), text_answer("ab")}},
       }) {
    probes.push_back(echo_probe(Group::messages, exchange));
  }
  append_sizes(probes);
}

}  // namespace clearline::app::inspect
