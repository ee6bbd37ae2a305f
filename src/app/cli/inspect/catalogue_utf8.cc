// RFC 6455 section 8.1 and RFC 3629: text that is no UTF-8, whole, in fragments and as it arrives; and text that is.
#include <fmt/core.h>

#include "app/cli/inspect/catalogue.h"
#include "app/cli/inspect/probe_parts.h"
#include "app/cli/inspect/raw_frame.h"

namespace clearline::app::inspect {

namespace {

using registry::Cause;

struct Sample {
  std::string_view name;
  std::string_view sent;
  std::string_view bytes;
};

// Letters around the bytes, and the marker, by which acceptance shows.
std::string around(std::string_view bytes) {
  return std::string(marker) + ": " + std::string(bytes) + "!";
}

void append_invalid(std::vector<Probe>& probes) {
  for (const Sample& sample : {
           Sample{"continuation-byte", "text with a lone continuation byte", "\x80"},
           Sample{"impossible-byte-fe", "text with the byte FE", "\xFE"},
           Sample{"impossible-byte-ff", "text with the byte FF", "\xFF"},
           Sample{"overlong-two", "text with an overlong '/', C0 AF", "\xC0\xAF"},
           Sample{"overlong-three", "text with an overlong '/', E0 80 AF", "\xE0\x80\xAF"},
           Sample{"overlong-four", "text with an overlong '/', F0 80 80 AF", "\xF0\x80\x80\xAF"},
           Sample{"overlong-nul", "text with an overlong NUL, C0 80", "\xC0\x80"},
           Sample{"surrogate-high", "text with the surrogate D800", "\xED\xA0\x80"},
           Sample{"surrogate-low", "text with the surrogate DFFF", "\xED\xBF\xBF"},
           Sample{"surrogate-pair", "text with a pair of surrogates", "\xED\xA0\x80\xED\xB0\x80"},
           Sample{"above-10ffff", "text with code point 110000", "\xF4\x90\x80\x80"},
           Sample{"five-bytes", "text with a sequence of five bytes", "\xF8\x88\x80\x80\x80"},
           Sample{"six-bytes", "text with a sequence of six bytes", "\xFC\x84\x80\x80\x80\x80"},
           Sample{"sequence-cut", "text with a sequence cut by a letter", "\xE2\x82"},
       }) {
    probes.push_back(offence_probe(Group::utf8, {sample.name, "RFC 6455 8.1", sample.sent, Cause::invalid_utf8,
                                                 text_frame(around(sample.bytes))}));
  }
}

void append_unfinished(std::vector<Probe>& probes) {
  const std::string cut = std::string(marker) + " \xE2\x82";
  for (const Offence& offence : {
           Offence{"incomplete", "RFC 6455 8.1", "text that ends inside a code point", Cause::invalid_utf8,
                   text_frame(cut)},
           Offence{"incomplete-fragments", "RFC 6455 8.1", "fragments that end inside a code point",
                   Cause::invalid_utf8, text_frame(cut, false) + continuation_frame("")},
           Offence{"invalid-in-last-fragment", "RFC 6455 8.1", "bad bytes in the last fragment", Cause::invalid_utf8,
                   text_frame(marker, false) + continuation_frame("\xFF")},
           Offence{"invalid-across-fragments", "RFC 6455 8.1", "F4 | 90 80 80: bad only together", Cause::invalid_utf8,
                   text_frame(std::string(marker) + "\xF4", false) + continuation_frame("\x90\x80\x80")},
       }) {
    probes.push_back(offence_probe(Group::utf8, offence));
  }
}

// Nothing demands an answer before the message is complete; who answers at once spares both sides the rest.
void append_fail_fast(std::vector<Probe>& probes) {
  const std::string bad = std::string(marker) + "\xF4\x90";
  const auto append = [&](std::string_view name, std::string_view sent, std::string first, std::string rest) {
    Probe probe = offence_probe(Group::utf8, {name, "RFC 6455 8.1", sent, Cause::invalid_utf8, ""});
    probe.steps = {send(std::move(first)), pause(), send(std::move(rest))};
    probe.expect.late = Verdict::allowed;
    probe.expect.words += ", at best at once";
    probes.push_back(std::move(probe));
  };
  const std::string end = "\x80\x80";
  append("fail-fast-fragment", "bad bytes in the first fragment; pause; the rest", text_frame(bad, false),
         continuation_frame(end) + ping_frame(marker));
  const std::string whole = text_frame(bad + end);
  append("fail-fast-frame", "a frame up to the bad bytes; pause; the rest", whole.substr(0, whole.size() - end.size()),
         whole.substr(whole.size() - end.size()) + ping_frame(marker));
}

void append_valid(std::vector<Probe>& probes) {
  using namespace std::string_view_literals;
  for (const Sample& sample : {
           Sample{"nul", "text of the code point 0", "\x00"sv},
           Sample{"first-of-each-length", "first code points of two, three, four bytes",
                  "\xC2\x80\xE0\xA0\x80\xF0\x90\x80\x80"},
           Sample{"last-code-point", "code point 10FFFF", "\xF4\x8F\xBF\xBF"},
           Sample{"around-surrogates", "code points D7FF and E000", "\xED\x9F\xBF\xEE\x80\x80"},
           Sample{"byte-order-mark", "text that begins with a byte order mark", "\xEF\xBB\xBFtext"},
           Sample{"noncharacters", "code points FFFE, FFFF, 1FFFE", "\xEF\xBF\xBE\xEF\xBF\xBF\xF0\x9F\xBF\xBE"},
           Sample{"replacement-character", "code point FFFD", "\xEF\xBF\xBD"},
       }) {
    const std::string name = fmt::format("valid-{}", sample.name);
    probes.push_back(echo_probe(
        Group::utf8, {name, "RFC 3629 3", sample.sent, text_frame(sample.bytes), {text_answer(sample.bytes)}}));
  }
}

}  // namespace

void append_utf8_probes(std::vector<Probe>& probes) {
  append_valid(probes);
  append_invalid(probes);
  append_unfinished(probes);
  append_fail_fast(probes);
}

}  // namespace clearline::app::inspect
