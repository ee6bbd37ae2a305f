#include <fmt/format.h>

#include <array>
#include <iterator>
#include <string>
#include <string_view>

#include "app/cli/code_output.h"
#include "registry/registry.h"
#include "registry/texts.h"

namespace clearline::app {
namespace {

using registry::Audience;
using registry::Entry;

constexpr std::size_t columns = 80;
constexpr std::size_t label_columns = 19;

std::string number_text(const Entry& entry) {
  if (!entry.is_range()) return std::to_string(entry.code_first);
  return fmt::format("{}-{}", entry.code_first, entry.code_last);
}

std::string_view wire_text(registry::WireRule rule) {
  switch (rule) {
    case registry::WireRule::never:
      return "never";
    case registry::WireRule::anyone:
      return "yes";
    case registry::WireRule::client_only:
      return "from client";
    case registry::WireRule::by_extension:
      return "by extension";
  }
  return "";
}

// Characters rather than bytes. Wide ones count once; a line that grows too long by them is left to the terminal.
std::size_t length_of(std::string_view word) {
  std::size_t length = 0;
  for (const char byte : word) length += (static_cast<unsigned char>(byte) & 0xC0) != 0x80 ? 1 : 0;
  return length;
}

// "  label   text", wrapped at spaces, the further lines under the text.
void append_field(std::string& out, std::string_view label, std::string_view text) {
  if (text.empty()) return;
  fmt::format_to(std::back_inserter(out), "  {:<{}}", label, label_columns - 2);
  std::size_t column = label_columns;
  bool first = true;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    const std::size_t length = length_of(word);
    if (!first && column + 1 + length > columns) {
      out += '\n';
      out.append(label_columns, ' ');
      column = label_columns;
    } else if (!first) {
      out += ' ';
      ++column;
    }
    out += word;
    column += length;
    first = false;
  }
  out += '\n';
}

std::string on_the_wire(const Entry& entry, std::uint16_t code) {
  std::string text;
  switch (entry.wire) {
    case registry::WireRule::never:
      text = "never";
      break;
    case registry::WireRule::anyone:
      text = "yes, from either side";
      break;
    case registry::WireRule::client_only:
      text = "yes, from a client to a server only";
      break;
    case registry::WireRule::by_extension:
      text = "only by a negotiated extension that defines it";
      break;
  }
  text += registry::valid_on_wire_when_received(code)
              ? "; received, it is taken as it is"
              : fmt::format("; received, it is answered with {}", registry::protocol_error);
  text += entry.browser_may_send ? "; a browser's page may send it" : "; a browser's page cannot send it";
  return text;
}

std::string causes_of(const Entry& entry) {
  std::string names;
  for (const registry::CauseEntry& cause : registry::causes()) {
    if (entry.is_range() || cause.status != entry.code_first) continue;
    if (!names.empty()) names += ", ";
    names += cause.name;
  }
  return names;
}

std::string sentence(const Entry& entry, Audience audience, std::string_view language) {
  constexpr std::array<registry::Placeholder, 3> unknown{{{"seconds", "…"}, {"id", "…"}, {"detail", "…"}}};
  if (entry.told.empty()) return "nothing";
  return registry::fill(registry::told(entry.told, audience, language), unknown);
}

std::string heading(const Entry& entry, std::uint16_t code) {
  if (entry.is_range()) return fmt::format("{} is in {}: {}", code, number_text(entry), entry.name);
  std::string text = fmt::format("{} {} ({}", code, entry.name, entry.constant);
  if (!entry.also.empty()) text += fmt::format("; {}", entry.also);
  return text + ")";
}

}  // namespace

std::string code_table_text() {
  std::string out = fmt::format("{:<12}{:<28}{:<14}{}\n", "STATUS", "NAME", "ON THE WIRE", "CLIENT RETURNS");
  for (const Entry& entry : registry::entries()) {
    fmt::format_to(std::back_inserter(out), "{:<12}{:<28}{:<14}{}\n", number_text(entry), entry.name,
                   wire_text(entry.wire), registry::again_policy(entry.again).name);
  }
  out += "\nA number without a line of its own belongs to its range. One in full: clearline code 1006\n";
  return out;
}

std::string code_entry_text(std::uint16_t code, std::string_view language) {
  const Entry& entry = registry::lookup(code);
  const registry::AgainPolicy& again = registry::again_policy(entry.again);
  std::string out = heading(entry, code) + "\n\n";
  append_field(out, "Meaning", entry.meaning);
  append_field(out, "Assigned by", entry.source);
  append_field(out, "Who may send it", entry.sender);
  append_field(out, "On the wire", on_the_wire(entry, code));
  append_field(out, "Clearline", entry.what_clearline_does);
  append_field(out, "Causes", causes_of(entry));
  append_field(out, "Client returns", fmt::format("{}: {}", again.name, again.text));
  if (entry.quiet_ms > 0) {
    append_field(
        out, "People are told",
        fmt::format("only when it lasts longer than {} s, or when the client stays closed", entry.quiet_ms / 1000));
  }
  append_field(out, "Visitor is told", sentence(entry, Audience::visitor, language));
  append_field(out, "Agent is told", sentence(entry, Audience::agent, language));
  append_field(out, "Operator", entry.help);
  return out;
}

}  // namespace clearline::app
