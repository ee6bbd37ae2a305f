#include "app/cli/connect/line_editor.h"

#include <utility>

#include "app/cli/text_table.h"

namespace clearline::app::connect {

namespace {

constexpr std::string_view prompt = "> ";

constexpr char ctrl(char letter) {
  return static_cast<char>(letter & 0x1f);
}

constexpr char escape = 0x1b;
constexpr char delete_key = 0x7f;

bool begins_code_point(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == delete_key;
}

}  // namespace

LineEditor::Typed LineEditor::feed(std::string_view bytes) {
  Typed typed;
  for (const char c : bytes) {
    if (!typed.ended) take(c, typed);
  }
  return typed;
}

void LineEditor::take(char c, Typed& typed) {
  if (take_escape(c)) return;
  if (is_control(c) && c != '\t') return take_control(c, typed);
  if (text_.size() < text_bytes_max) text_ += c;
}

// Arrows and other keys send ESC [ … letter, or ESC O letter; they mean nothing here and must not become text.
bool LineEditor::take_escape(char c) {
  switch (escape_) {
    case Escape::none:
      if (c != escape) return false;
      escape_ = Escape::begun;
      return true;
    case Escape::begun:
      escape_ = c == '[' || c == 'O' ? Escape::sequence : Escape::none;
      return true;
    case Escape::sequence:
      if (c >= 0x40 && c <= 0x7e) escape_ = Escape::none;
      return true;
  }
  return false;
}

void LineEditor::take_control(char c, Typed& typed) {
  switch (c) {
    case '\r':
    case '\n':
      typed.lines.push_back(std::exchange(text_, {}));
      return;
    case ctrl('D'):
      typed.ended = text_.empty();
      return;
    case ctrl('H'):
    case delete_key:
      return delete_character();
    case ctrl('W'):
      return delete_word();
    case ctrl('U'):
      text_.clear();
      return;
    default:
      return;
  }
}

void LineEditor::delete_character() {
  while (!text_.empty() && !begins_code_point(text_.back())) text_.pop_back();
  if (!text_.empty()) text_.pop_back();
}

void LineEditor::delete_word() {
  while (!text_.empty() && text_.back() == ' ') text_.pop_back();
  while (!text_.empty() && text_.back() != ' ') text_.pop_back();
}

std::string LineEditor::draw() const {
  std::string shown = text_;
  for (char& c : shown) {
    if (c == '\t') c = ' ';
  }
  // The end of a line that is too long, so that it never wraps: what has wrapped cannot be erased simply.
  const std::size_t room = columns_ > 2 * prompt.size() ? columns_ - prompt.size() - 1 : prompt.size();
  std::size_t begin = shown.size();
  std::size_t width = 0;
  while (begin > 0) {
    std::size_t start = begin - 1;
    while (start > 0 && !begins_code_point(shown[start])) --start;
    width += display_width(std::string_view(shown).substr(start, begin - start));
    if (width > room) break;
    begin = start;
  }
  return std::string(prompt) + shown.substr(begin);
}

}  // namespace clearline::app::connect
