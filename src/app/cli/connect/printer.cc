#include "app/cli/connect/printer.h"

#include <fmt/format.h>

#include <iterator>
#include <ostream>

#include "app/cli/connect/end_report.h"
#include "app/cli/inspect/safe_text.h"
#include "wire/json.h"

namespace clearline::app::connect {

namespace {

// One object a line, begun with the event's name.
class Event {
 public:
  explicit Event(std::string_view name) : json_(text_) { json_.begin_object().member("event", name); }
  wire::JsonWriter& json() { return json_; }
  std::string text() {
    json_.end_object();
    return text_;
  }

 private:
  std::string text_;
  wire::JsonWriter json_;
};

std::string extension_list(std::span<const ws::Extension> extensions) {
  return extensions.empty() ? "none" : ws::format_extensions(extensions);
}

void write_extensions(wire::JsonWriter& json, std::span<const ws::Extension> extensions) {
  json.key("extensions").begin_array();
  for (const ws::Extension& extension : extensions) json.value(ws::format_extensions(std::span(&extension, 1)));
  json.end_array();
}

}  // namespace

std::string hexadecimal(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += digits[byte >> 4];
    text += digits[byte & 0xf];
  }
  return text;
}

Printer::Printer(std::ostream& out, std::ostream& err, const PrinterOptions& options, const LineEditor* editor)
    : out_(out), err_(err), options_(options), editor_(editor) {}

void Printer::opened(std::string_view url, const net::Negotiated& negotiated) {
  if (!options_.json) {
    const std::string_view subprotocol = negotiated.subprotocol.empty() ? "none" : negotiated.subprotocol;
    return say(fmt::format("open: {}; subprotocol {}, extensions {}", url, subprotocol,
                           extension_list(negotiated.extensions)));
  }
  Event event("open");
  event.json().member("url", url).key("subprotocol");
  negotiated.subprotocol.empty() ? event.json().null() : event.json().value(negotiated.subprotocol);
  write_extensions(event.json(), negotiated.extensions);
  print(event.text());
}

void Printer::message(ws::MessageKind kind, std::string_view payload) {
  const bool text = kind == ws::MessageKind::text;
  if (options_.json) {
    Event event("message");
    event.json().member("type", text ? "text" : "binary");
    text ? event.json().member("text", payload) : event.json().member("hex", hexadecimal(payload));
    return print(event.text());
  }
  const std::string mark = options_.out_is_terminal ? "< " : "";
  if (!text) return print(fmt::format("{}binary: {}", mark, hexadecimal(payload)));
  print(mark + (options_.out_is_terminal ? inspect::safe_text(payload, payload.size()) : std::string(payload)));
}

void Printer::ping(std::string_view payload) {
  if (!options_.json) return;  // answered already, and of no interest to a person
  Event event("ping");
  event.json().member("hex", hexadecimal(payload));
  print(event.text());
}

void Printer::pong(std::string_view payload, std::optional<std::int64_t> round_trip_us) {
  const auto milliseconds = [&] { return fmt::format("{:.3f}", static_cast<double>(*round_trip_us) / 1000); };
  if (!options_.json) {
    if (round_trip_us) say("pong: " + milliseconds() + " ms");
    return;
  }
  Event event("pong");
  event.json().member("hex", hexadecimal(payload)).key("round_trip_ms");
  round_trip_us ? event.json().raw(milliseconds()) : event.json().null();
  print(event.text());
}

void Printer::ended(const ws::End& end) {
  if (options_.json) {
    Event event("end");
    event.json().raw(end_json(end));
    event.json().member("exit_status", static_cast<int>(exit_status_of(end)));
    print(event.text());
    static_cast<void>(flush());
  }
  erase();
  editor_ = nullptr;
  say(end_line(end));
}

void Printer::say(std::string_view text) {
  erase();
  out_.flush();
  err_ << text << '\n' << std::flush;
}

void Printer::print(std::string_view line) {
  erase();
  out_ << line << '\n';
  // Where both go to one screen, in this order.
  if (editor_ != nullptr) out_.flush();
}

void Printer::erase() {
  if (editor_ == nullptr || !on_screen_) return;
  err_ << editor_->erase() << std::flush;
  on_screen_ = false;
}

void Printer::draw() {
  if (editor_ == nullptr || (on_screen_ && drawn_)) return;
  err_ << editor_->erase() << editor_->draw() << std::flush;
  on_screen_ = drawn_ = true;
}

bool Printer::flush() {
  return static_cast<bool>(out_.flush());
}

}  // namespace clearline::app::connect
