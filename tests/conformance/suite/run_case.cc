#include "conformance/suite/run_case.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "support/ws/recorder.h"
#include "support/ws/zlib_codec.h"

namespace clearline::ws::testing {
namespace {

Verdict failed(std::string detail) {
  return {Behavior::failed, std::move(detail)};
}

std::string join(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : " + ") + line;
  return text.empty() ? "nothing" : text;
}

// What came from the tested side: messages and pongs in order, then its Close.
struct Heard {
  std::vector<std::string> answers;
  std::optional<ReadFrame> close;
  std::string faults;

  void take(ReadFrame frame, Role tested) {
    faults += faults_of(frame, tested == Role::client);
    if (frame.rsv != 0) faults += " WRONG: reserved bits";
    if (frame.opcode == ws::testing::close) {
      close = std::move(frame);
    } else {
      answers.push_back(describe(frame.opcode, frame.payload));
    }
  }
  [[nodiscard]] unsigned close_code() const {
    if (!close || close->payload.size() < 2) return 0;
    return static_cast<unsigned>(close->payload[0]) << 8 | static_cast<unsigned>(close->payload[1]);
  }
};

Bytes close_frame(Role tested, const Bytes& payload) {
  return encode({.opcode = close, .payload = payload, .masked = tested == Role::server});
}

void hear_until(SocketPeer& peer, Heard& heard, Role tested, std::size_t answers) {
  while (!heard.close && heard.answers.size() < answers) {
    auto frame = peer.next_frame();
    if (!frame) return;
    heard.take(std::move(*frame), tested);
  }
}

void hear_close(SocketPeer& peer, Heard& heard, Role tested) {
  hear_until(peer, heard, tested, SIZE_MAX);
}

// Behind both Close frames the server closes TCP first (RFC 6455 section 7.1.1), and nothing more comes from either.
Verdict expect_tcp_end(SocketPeer& peer, Role tested) {
  if (tested == Role::client) peer.shut_down_sending();
  if (peer.wait_for_eof()) return {};
  return failed("TCP was not closed properly behind the Close frames");
}

// Writes the case. Where it must fail before its end, the rest is not written, as the connection is gone.
Verdict write_case(SocketPeer& peer, const PublicCase& c, Heard& heard, Role tested) {
  for (std::size_t i = 0; i < c.writes.size(); ++i) {
    if (!peer.send(c.writes[i], c.in_chops ? 1 : 0)) return {};  // judged by what was heard
    if (c.fails_after_write != i + 1 || i + 1 == c.writes.size()) continue;
    hear_close(peer, heard, tested);
    if (!heard.close) return {Behavior::non_strict, "did not fail as soon as the bytes showed it"};
    return {};
  }
  return {};
}

Verdict judge(const PublicCase& c, const Heard& heard) {
  if (!heard.faults.empty()) return failed("malformed frames:" + heard.faults);
  if (!heard.close) return failed("no Close frame came; heard " + join(heard.answers));
  const std::vector<unsigned> allowed = c.ending == Ending::fuzzer_closes ? std::vector<unsigned>{1000} : c.codes;
  const unsigned code = heard.close_code();
  const bool code_is_right =
      allowed.empty() ? heard.close->payload.empty() : std::find(allowed.begin(), allowed.end(), code) != allowed.end();
  if (!code_is_right) return failed("the Close has code " + std::to_string(code));
  if (heard.answers == c.expected) return {};
  const Behavior behavior = heard.answers.empty() ? Behavior::non_strict : Behavior::failed;
  return {behavior, "expected " + join(c.expected) + ", heard " + join(heard.answers)};
}

}  // namespace

std::string_view behavior_name(Behavior behavior) {
  switch (behavior) {
    case Behavior::ok:
      return "OK";
    case Behavior::non_strict:
      return "NON-STRICT";
    case Behavior::unimplemented:
      return "UNIMPLEMENTED";
    case Behavior::failed:
      return "FAILED";
  }
  return "";
}

Verdict run_case(SocketPeer& peer, const PublicCase& c, Role tested) {
  Heard heard;
  Verdict verdict = write_case(peer, c, heard, tested);
  if (verdict.behavior != Behavior::ok) return verdict;
  if (c.ending == Ending::fuzzer_closes) {
    hear_until(peer, heard, tested, c.expected.size());
    if (heard.close) return failed("closed by itself with code " + std::to_string(heard.close_code()));
    peer.send(close_frame(tested, close_payload(1000)));
  }
  hear_close(peer, heard, tested);
  verdict = judge(c, heard);
  if (verdict.behavior != Behavior::ok) return verdict;
  // The fuzzer answers a Close that it did not ask for.
  if (c.ending == Ending::we_fail) peer.send(close_frame(tested, heard.close->payload));
  return expect_tcp_end(peer, tested);
}

Verdict run_case(SocketPeer& peer, const LargeCase& c, Role tested, const std::optional<DeflateParameters>& agreed) {
  std::unique_ptr<ZlibDeflater> deflate;
  std::unique_ptr<ZlibInflater> inflate;
  if (agreed) {
    const DeflateSides sides = sides_of(*agreed, tested == Role::server);
    deflate = std::make_unique<ZlibDeflater>(sides.peer.window_bits, sides.peer.takeover);
    inflate = std::make_unique<ZlibInflater>(sides.ours.window_bits, sides.ours.takeover);
  }
  for (std::size_t i = 0; i < c.messages; ++i) {
    const Bytes message = message_of(c, i);
    if (!peer.send(frames_of(c, message, tested == Role::server, deflate.get()), c.write_bytes)) break;
    auto echo = peer.next_frame();
    if (!echo) return failed("no echo of message " + std::to_string(i));
    const std::string faults = faults_of(*echo, tested == Role::client);
    if (!faults.empty()) return failed(faults);
    if (echo->rsv == 4 && inflate) {
      echo->payload = inflate->message(echo->payload);
    } else if (echo->rsv != 0) {
      return failed("reserved bits in message " + std::to_string(i));
    }
    if (!echo->fin || echo->opcode != c.opcode || echo->payload != message) {
      return failed("message " + std::to_string(i) + " came back as " + describe(echo->opcode, echo->payload));
    }
  }
  Heard heard;
  peer.send(close_frame(tested, close_payload(1000)));
  hear_close(peer, heard, tested);
  const Verdict verdict = judge({.id = c.id, .writes = {}, .expected = {}}, heard);
  return verdict.behavior == Behavior::ok ? expect_tcp_end(peer, tested) : verdict;
}

}  // namespace clearline::ws::testing
