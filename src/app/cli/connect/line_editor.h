// A line that a person types, kept apart from the screen so that what arrives meanwhile does not garble it: it is
// erased, the news is printed, and it is drawn again. Without I/O: bytes of a terminal in raw mode in, lines and what
// to write to the screen out.
//
//   Enter sends · Backspace, Ctrl-W and Ctrl-U delete a character, a word, all · Ctrl-D on an empty line ends
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace clearline::app::connect {

class LineEditor {
 public:
  // A line is drawn within this many columns; of a longer one its end.
  explicit LineEditor(std::size_t columns) : columns_(columns) {}
  void set_columns(std::size_t columns) { columns_ = columns; }

  struct Typed {
    std::vector<std::string> lines;
    bool ended = false;  // Ctrl-D
  };
  [[nodiscard]] Typed feed(std::string_view bytes);

  // What takes the line off the screen, and what draws it.
  [[nodiscard]] std::string erase() const { return "\r\x1b[K"; }
  [[nodiscard]] std::string draw() const;

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void take(char c, Typed& typed);
  void take_control(char c, Typed& typed);
  [[nodiscard]] bool take_escape(char c);
  void delete_character();
  void delete_word();

  static constexpr std::size_t text_bytes_max = std::size_t{64} << 10;

  enum class Escape : unsigned char { none, begun, sequence };

  std::size_t columns_;
  std::string text_;
  Escape escape_ = Escape::none;  // inside the sequence of a key that we do not know
};

}  // namespace clearline::app::connect
