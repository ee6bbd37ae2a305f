#include "conformance/public_cases.h"

#include <cstddef>
#include <utility>

#include "support/ws/recorder.h"

namespace clearline::ws::testing {
namespace {

class Builder {
 public:
  explicit Builder(bool masked) : masked_(masked) {}

  std::vector<PublicCase> build() {
    framing();
    pings();
    reserved_bits();
    opcodes();
    fragmentation();
    utf8_fragmented();
    utf8_fail_fast();
    utf8_sequences();
    closing();
    return std::move(cases_);
  }

 private:
  using Lines = std::vector<std::string>;

  Bytes frame(Frame f) const {
    f.masked = masked_;
    return encode(f);
  }
  Bytes data(unsigned opcode, const Bytes& payload, bool fin = true) const {
    return frame({.opcode = opcode, .payload = payload, .fin = fin});
  }
  Bytes data(unsigned opcode, std::string_view payload, bool fin = true) const {
    return data(opcode, bytes_of(payload), fin);
  }
  Bytes with_rsv(unsigned opcode, std::string_view payload, unsigned rsv) const {
    return frame({.opcode = opcode, .payload = bytes_of(payload), .rsv = rsv});
  }
  static std::string said(unsigned opcode, std::string_view payload) { return describe(opcode, bytes_of(payload)); }

  PublicCase& add(std::string id, std::vector<Bytes> writes, Lines expected) {
    cases_.push_back({.id = std::move(id), .writes = std::move(writes), .expected = std::move(expected)});
    return cases_.back();
  }
  PublicCase& fails(std::string id, std::vector<Bytes> writes, Lines expected, std::vector<unsigned> codes = {1002}) {
    PublicCase& added = add(std::move(id), std::move(writes), std::move(expected));
    added.ending = Ending::we_fail;
    added.codes = std::move(codes);
    return added;
  }
  PublicCase& closes(std::string id, std::vector<Bytes> writes, Lines expected, std::vector<unsigned> codes) {
    PublicCase& added = add(std::move(id), std::move(writes), std::move(expected));
    added.ending = Ending::by_input;
    added.codes = std::move(codes);
    return added;
  }

  void framing() {
    const std::size_t sizes[] = {0, 125, 126, 127, 128, 65535, 65536, 65536};
    for (std::size_t i = 0; i < std::size(sizes); ++i) {
      const std::string number = std::to_string(i + 1);
      const Bytes stars(sizes[i], std::byte{'*'});
      const Bytes binary_payload(sizes[i], std::byte{0xFE});
      add("1.1." + number, {data(text, stars)}, {describe(text, stars)}).in_chops = i == 7;
      add("1.2." + number, {data(binary, binary_payload)}, {describe(binary, binary_payload)}).in_chops = i == 7;
    }
    Bytes message;
    const Bytes stars(65536, std::byte{'*'});
    for (std::size_t from = 0; from < stars.size(); from += 1300) {
      const std::size_t size = std::min<std::size_t>(1300, stars.size() - from);
      message =
          message + data(from == 0 ? text : continuation, Bytes(size, std::byte{'*'}), from + size == stars.size());
    }
    add("10.1.1", {message}, {describe(text, stars)});
  }

  void pings() {
    const Bytes fe(125, std::byte{0xFE});
    add("2.1", {data(ping, "")}, {said(pong, "")});
    add("2.2", {data(ping, "Hello, world!")}, {said(pong, "Hello, world!")});
    add("2.3", {data(ping, from_hex("00fffefdfcfb00ff"))}, {describe(pong, from_hex("00fffefdfcfb00ff"))});
    add("2.4", {data(ping, fe)}, {describe(pong, fe)});
    fails("2.5", {data(ping, Bytes(126, std::byte{0xFE}))}, {});
    add("2.6", {data(ping, fe)}, {describe(pong, fe)}).in_chops = true;
    const Bytes close_1000 = data(close, close_payload(1000));
    closes("2.7", {data(pong, ""), close_1000}, {}, {1000});
    closes("2.8", {data(pong, "unsolicited pong payload"), close_1000}, {}, {1000});
    add("2.9", {data(pong, "unsolicited pong payload"), data(ping, "ping payload")}, {said(pong, "ping payload")});
    std::vector<Bytes> ten;
    Lines answers;
    for (int i = 0; i < 10; ++i) {
      ten.push_back(data(ping, "payload-" + std::to_string(i)));
      answers.push_back(said(pong, "payload-" + std::to_string(i)));
    }
    add("2.10", ten, answers);
    add("2.11", ten, answers).in_chops = true;
  }

  void reserved_bits() {
    const std::string hello = "Hello, world!";
    const Lines echoed{said(text, hello)};
    fails("3.1", {with_rsv(text, hello, 1)}, {});
    for (const unsigned rsv : {2U, 3U, 4U}) {
      fails("3." + std::to_string(rsv), {data(text, hello), with_rsv(text, hello, rsv), data(ping, "")}, echoed)
          .in_chops = rsv == 4;
    }
    fails("3.5", {frame({.opcode = binary, .payload = from_hex("00fffefdfcfb00ff"), .rsv = 5})}, {});
    fails("3.6", {with_rsv(binary, hello, 6)}, {});
    fails("3.7", {with_rsv(close, "", 7)}, {});
  }

  void opcodes() {
    const std::string hello = "Hello, world!";
    const Lines echoed{said(text, hello)};
    for (const unsigned first : {3U, 11U}) {
      const std::string section = first == 3 ? "4.1." : "4.2.";
      fails(section + "1", {data(first, "")}, {});
      fails(section + "2", {data(first + 1, "reserved opcode payload")}, {});
      fails(section + "3", {data(text, hello), data(first + 2, ""), data(ping, "")}, echoed);
      fails(section + "4", {data(text, hello), data(first + 3, hello), data(ping, "")}, echoed);
      fails(section + "5", {data(text, hello), data(first + 4, hello), data(ping, "")}, echoed).in_chops = true;
    }
  }

  // The same three ways to write: at once, frame by frame, byte by byte.
  void add_thrice(int first, const std::vector<Bytes>& frames, const Lines& expected) {
    Bytes at_once;
    for (const Bytes& bytes : frames) at_once = at_once + bytes;
    add("5." + std::to_string(first), {at_once}, expected);
    add("5." + std::to_string(first + 1), frames, expected);
    add("5." + std::to_string(first + 2), frames, expected).in_chops = true;
  }
  void fail_thrice(int first, const std::vector<Bytes>& frames) {
    Bytes at_once;
    for (const Bytes& bytes : frames) at_once = at_once + bytes;
    fails("5." + std::to_string(first), {at_once}, {});
    fails("5." + std::to_string(first + 1), frames, {});
    fails("5." + std::to_string(first + 2), frames, {}).in_chops = true;
  }

  void fragmentation() {
    const auto first = [&](std::string_view payload) { return data(text, payload, false); };
    const auto middle = [&](std::string_view payload) { return data(continuation, payload, false); };
    const auto last = [&](std::string_view payload) { return data(continuation, payload); };
    const Lines both{said(text, "fragment1fragment2")};
    fails("5.1", {data(ping, "fragment1", false), last("fragment2")}, {});
    fails("5.2", {data(pong, "fragment1", false), last("fragment2")}, {});
    add_thrice(3, {first("fragment1"), last("fragment2")}, both);
    add_thrice(6, {first("fragment1"), data(ping, "ping payload"), last("fragment2")},
               {said(pong, "ping payload"), both[0]});
    fail_thrice(9, {last("non-continuation payload"), data(text, "Hello, world!")});
    fail_thrice(12, {middle("non-continuation payload"), data(text, "Hello, world!")});
    fails("5.15", {first("fragment1"), last("fragment2"), middle("fragment3"), data(text, "fragment4")}, both);
    const std::vector<Bytes> sixteen{middle("fragment1"), first("fragment2"), last("fragment3")};
    fails("5.16", {sixteen[0], sixteen[1], sixteen[2], sixteen[0], sixteen[1], sixteen[2]}, {});
    const std::vector<Bytes> seventeen{last("fragment1"), first("fragment2"), last("fragment3")};
    fails("5.17", {seventeen[0], seventeen[1], seventeen[2], seventeen[0], seventeen[1], seventeen[2]}, {});
    fails("5.18", {first("fragment1"), data(text, "fragment2")}, {});
    const std::vector<Bytes> five{first("fragment1"),  middle("fragment2"), data(ping, "pongme 1!"),
                                  middle("fragment3"), middle("fragment4"), data(ping, "pongme 2!"),
                                  last("fragment5")};
    const Lines answers{said(pong, "pongme 1!"), said(pong, "pongme 2!"),
                        said(text, "fragment1fragment2fragment3fragment4fragment5")};
    add("5.19", {five[0] + five[1] + five[2], five[3] + five[4] + five[5] + five[6]}, answers);
    add("5.20", five, answers);
  }

  // One frame an octet, as the suite does: the final frame is empty when there are no octets left.
  std::vector<Bytes> in_frames_of_one(const Bytes& payload) const {
    std::vector<Bytes> frames;
    for (std::size_t i = 0; i < payload.size(); ++i) {
      frames.push_back(data(i == 0 ? text : continuation, Bytes{payload[i]}, i + 1 == payload.size()));
    }
    return frames;
  }

  void utf8_fragmented() {
    add("6.1.1", {data(text, "")}, {said(text, "")});
    add("6.1.2", {data(text, "", false), data(continuation, "", false), data(continuation, "")}, {said(text, "")});
    add("6.1.3", {data(text, "", false), data(continuation, "middle frame payload", false), data(continuation, "")},
        {said(text, "middle frame payload")});
    const Bytes hello = from_hex("48656c6c6f2dc2b540c39fc3b6c3a4c3bcc3a0c3a12d5554462d382121");
    const Bytes kosme = from_hex("cebae1bdb9cf83cebcceb5");
    const Bytes broken = kosme + from_hex("eda080656469746564");
    add("6.2.1", {data(text, hello)}, {describe(text, hello)});
    add("6.2.2",
        {data(text, from_hex("48656c6c6f2dc2b540c39fc3b6c3a4"), false),
         data(continuation, from_hex("c3bcc3a0c3a12d5554462d382121"))},
        {describe(text, hello)});
    add("6.2.3", in_frames_of_one(hello), {describe(text, hello)});
    add("6.2.4", in_frames_of_one(kosme), {describe(text, kosme)});
    fails("6.3.1", {data(text, broken)}, {}, {1007});
    // Octet 13 (A0 after ED) makes it a surrogate; the connection fails with that frame.
    fails("6.3.2", in_frames_of_one(broken), {}, {1007}).fails_after_write = 13;
  }

  void utf8_fail_fast() {
    const Bytes kosme = from_hex("cebae1bdb9cf83cebcceb5");
    const auto in_three = [&](const char* id, const char* first, const char* second, const char* third) {
      fails(id,
            {data(text, kosme + from_hex(first), false), data(continuation, from_hex(second), false),
             data(continuation, from_hex(third))},
            {}, {1007})
          .fails_after_write = 2;
    };
    in_three("6.4.1", "", "f4908080", "656469746564");
    in_three("6.4.2", "f4", "90", "8080656469746564");
    // The same inside one frame of which the rest has not arrived.
    const Bytes payload = kosme + from_hex("f4908080") + bytes_of("edited");
    const Bytes whole = data(text, payload, false);
    const std::size_t head = whole.size() - payload.size() + kosme.size();
    const auto cut = [&](const char* id, std::size_t first, std::size_t second) {
      const auto at = [&](std::size_t i) { return whole.begin() + static_cast<std::ptrdiff_t>(i); };
      fails(id,
            {Bytes(at(0), at(first)), Bytes(at(first), at(second)), Bytes(at(second), whole.end()),
             data(continuation, "")},
            {}, {1007})
          .fails_after_write = 2;
    };
    cut("6.4.3", head, head + 4);
    cut("6.4.4", head + 1, head + 2);
  }

  // Each item is hex, with a + for valid or a - for invalid behind it.
  void sequences(const std::string& section, const std::vector<std::string>& items) {
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::string id = section + "." + std::to_string(i + 1);
      const Bytes payload = from_hex(std::string_view(items[i]).substr(0, items[i].size() - 1));
      if (items[i].back() == '+') {
        add(id, {data(text, payload)}, {describe(text, payload)});
      } else {
        fails(id, {data(text, payload)}, {}, {1007});
      }
    }
  }

  static std::string octets(unsigned first, unsigned last, const char* between) {
    std::string hex;
    for (unsigned value = first; value <= last; ++value) {
      hex += "0123456789abcdef"[value >> 4];
      hex += "0123456789abcdef"[value & 15];
      hex += between;
    }
    return hex;
  }

  void utf8_sequences() {
    sequences("6.5", {"68656c6c6f24776f726c64+", "68656c6c6fc2a2776f726c64+", "68656c6c6fe282ac776f726c64+",
                      "68656c6c6ff0a4ada2776f726c64+", "cebae1bdb9cf83cebcceb5+"});
    sequences("6.6", {"ce-", "ceba+", "cebae1-", "cebae1bd-", "cebae1bdb9+", "cebae1bdb9cf-", "cebae1bdb9cf83+",
                      "cebae1bdb9cf83ce-", "cebae1bdb9cf83cebc+", "cebae1bdb9cf83cebcce-", "cebae1bdb9cf83cebcceb5+"});
    sequences("6.7", {"00+", "c280+", "e0a080+", "f0908080+"});
    sequences("6.8", {"f888808080-", "fc8480808080-"});
    sequences("6.9", {"7f+", "dfbf+", "efbfbf+", "f48fbfbf+"});
    sequences("6.10", {"f7bfbfbf-", "fbbfbfbfbf-", "fdbfbfbfbfbf-"});
    sequences("6.11", {"ed9fbf+", "ee8080+", "efbfbd+", "f48fbfbf+", "f4908080-"});
    sequences("6.12", {"80-", "bf-", "80bf-", "80bf80-", "80bf80bf-", "80bf80bf80-", "80bf80bf80bf-",
                       octets(0x80, 0xBE, "") + "-"});
    sequences("6.13", {octets(0xC0, 0xDF, "20") + "-", octets(0xE0, 0xEF, "20") + "-", octets(0xF0, 0xF6, "20") + "-",
                       octets(0xF8, 0xFA, "20") + "-", "fc20-"});
    sequences("6.14", {"c0-", "e080-", "f08080-", "f8808080-", "fc80808080-", "df-", "efbf-", "f7bfbf-", "fbbfbfbf-",
                       "fdbfbfbfbf-"});
    sequences("6.15", {"c0e080f08080f8808080fc80808080dfefbff7bfbffbbfbfbffdbfbfbfbf-"});
    sequences("6.16", {"fe-", "ff-", "fefeffff-"});
    sequences("6.17", {"c0af-", "e080af-", "f08080af-", "f8808080af-", "fc80808080af-"});
    sequences("6.18", {"c1bf-", "e09fbf-", "f08fbfbf-", "f887bfbfbf-", "fc83bfbfbfbf-"});
    sequences("6.19", {"c080-", "e08080-", "f0808080-", "f880808080-", "fc8080808080-"});
    sequences("6.20", {"eda080-", "edadbf-", "edae80-", "edafbf-", "edb080-", "edbe80-", "edbfbf-"});
    sequences("6.21", {"eda080edb080-", "eda080edbfbf-", "edadbfedb080-", "edadbfedbfbf-", "edae80edb080-",
                       "edae80edbfbf-", "edafbfedb080-", "edafbfedbfbf-"});
    sequences("6.22", {"efbfbe+",   "efbfbf+",   "f09fbfbe+", "f09fbfbf+", "f0afbfbe+", "f0afbfbf+", "f0bfbfbe+",
                       "f0bfbfbf+", "f18fbfbe+", "f18fbfbf+", "f19fbfbe+", "f19fbfbf+", "f1afbfbe+", "f1afbfbf+",
                       "f1bfbfbe+", "f1bfbfbf+", "f28fbfbe+", "f28fbfbf+", "f29fbfbe+", "f29fbfbf+", "f2afbfbe+",
                       "f2afbfbf+", "f2bfbfbe+", "f2bfbfbf+", "f38fbfbe+", "f38fbfbf+", "f39fbfbe+", "f39fbfbf+",
                       "f3afbfbe+", "f3afbfbf+", "f3bfbfbe+", "f3bfbfbf+", "f48fbfbe+", "f48fbfbf+"});
    sequences("6.23", {"efbfb9+", "efbfba+", "efbfbb+", "efbfbc+", "efbfbd+", "efbfbe+", "efbfbf+"});
  }

  void closing() {
    const auto close_with = [&](unsigned code, std::string_view reason = {}) {
      return data(close, close_payload(code, reason));
    };
    add("7.1.1", {data(text, "Hello World!")}, {said(text, "Hello World!")});
    closes("7.1.2", {close_with(1000), data(close, "")}, {}, {1000});
    closes("7.1.3", {close_with(1000), data(ping, "")}, {}, {1000});
    closes("7.1.4", {close_with(1000), data(text, "Hello World!")}, {}, {1000});
    closes("7.1.5", {data(text, "fragment1", false), close_with(1000), data(continuation, "fragment2")}, {}, {1000});
    Bytes long_text;
    for (std::size_t i = 0; i < 262144; ++i) long_text.push_back(static_cast<std::byte>("BAsd7&jh23"[i % 10]));
    closes("7.1.6", {data(text, long_text), data(text, "Hello World!"), close_with(1000), data(ping, "")},
           {describe(text, long_text), said(text, "Hello World!")}, {1000});
    closes("7.3.1", {data(close, "")}, {}, {});
    fails("7.3.2", {data(close, "a")}, {});
    closes("7.3.3", {close_with(1000)}, {}, {1000});
    closes("7.3.4", {close_with(1000, "Hello World!")}, {}, {1000});
    closes("7.3.5", {close_with(1000, std::string(123, '*'))}, {}, {1000});
    fails("7.3.6", {close_with(1000, std::string(124, '*'))}, {});
    fails("7.5.1", {data(close, close_payload(1000) + from_hex("cebae1bdb9cf83cebcceb5eda080656469746564"))}, {},
          {1007});
    const unsigned valid[] = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999};
    for (std::size_t i = 0; i < std::size(valid); ++i) {
      closes("7.7." + std::to_string(i + 1), {close_with(valid[i])}, {}, {valid[i]});
    }
    const unsigned invalid[] = {0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999};
    for (std::size_t i = 0; i < std::size(invalid); ++i)
      fails("7.9." + std::to_string(i + 1), {close_with(invalid[i])}, {});
    fails("7.13.1", {close_with(5000)}, {});
    fails("7.13.2", {close_with(65535)}, {});
  }

  bool masked_;
  std::vector<PublicCase> cases_;
};

}  // namespace

std::vector<PublicCase> public_cases(bool masked) {
  return Builder(masked).build();
}

}  // namespace clearline::ws::testing
