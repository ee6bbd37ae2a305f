#include "ws/end.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace clearline::ws {
namespace {

using registry::Cause;
using registry::Origin;

Closing ours(std::optional<std::uint16_t> code, Cause cause) {
  return {.sent = CloseFrame{code, "our reason"}, .received = {}, .sent_first = true, .cause = cause, .violation = {}};
}

Closing theirs(std::optional<std::uint16_t> code) {
  return {.sent = CloseFrame{code, ""},
          .received = CloseFrame{code, "their reason"},
          .sent_first = false,
          .cause = {},
          .violation = {}};
}

Closing both(std::uint16_t sent, Cause cause, std::optional<std::uint16_t> received) {
  Closing closing = ours(sent, cause);
  closing.received = CloseFrame{received, "their reason"};
  return closing;
}

struct Row {
  const char* name;
  Closing closing;
  TransportEnd transport;
  std::uint16_t status;
  Origin origin;
  Cause cause;
  bool clean;
  std::optional<Cause> unclean_cause;
  std::optional<std::uint16_t> sent_code;
  std::optional<std::uint16_t> received_code;
};

const std::vector<Row>& table() {
  static const std::vector<Row> rows = {
      // The first Close decides, at once and for good.
      {"peer closed", theirs(1000), {}, 1000, Origin::peer, Cause::peer_closed, true, {}, 1000, 1000},
      {"peer closed with its own code",
       theirs(4001),
       {Cause::connection_reset},
       4001,
       Origin::peer,
       Cause::peer_closed,
       true,
       {},
       4001,
       4001},
      {"peer closed without a code", theirs({}), {}, 1005, Origin::peer, Cause::peer_closed, true, {}, {}, {}},
      {"we closed, no answer yet", ours(1012, Cause::drain), {}, 1012, Origin::us, Cause::drain, false, {}, 1012, {}},
      {"we closed without a code",
       ours({}, Cause::application_closed),
       {},
       1005,
       Origin::us,
       Cause::application_closed,
       false,
       {},
       {},
       {}},
      {"we closed, answered", both(1012, Cause::drain, 1012), {}, 1012, Origin::us, Cause::drain, true, {}, 1012, 1012},
      {"we closed, answered, then EOF",
       both(1012, Cause::drain, 1012),
       {Cause::eof_without_close},
       1012,
       Origin::us,
       Cause::drain,
       true,
       {},
       1012,
       1012},
      {"closes crossed",
       both(3008, Cause::hello_timeout, 1001),
       {},
       3008,
       Origin::us,
       Cause::hello_timeout,
       true,
       {},
       3008,
       1001},
      {"closes crossed, theirs empty",
       both(1000, Cause::purpose_fulfilled, {}),
       {},
       1000,
       Origin::us,
       Cause::purpose_fulfilled,
       true,
       {},
       1000,
       {}},

      // One Close only: the status stands, and it is said why it is not clean.
      {"never answered",
       ours(1012, Cause::drain),
       {Cause::close_timeout},
       1012,
       Origin::us,
       Cause::drain,
       false,
       Cause::close_timeout,
       1012,
       {}},
      {"hung up instead of answering",
       ours(1012, Cause::drain),
       {Cause::eof_without_close},
       1012,
       Origin::us,
       Cause::drain,
       false,
       Cause::eof_without_close,
       1012,
       {}},
      {"reset instead of answering",
       ours(1002, Cause::unmasked_frame),
       {Cause::connection_reset},
       1002,
       Origin::us,
       Cause::unmasked_frame,
       false,
       Cause::connection_reset,
       1002,
       {}},
      {"our answer never left",
       theirs(1000),
       {Cause::write_failed, false},
       1000,
       Origin::peer,
       Cause::peer_closed,
       false,
       Cause::write_failed,
       {},
       1000},

      // Our Close was queued, and did not leave: it was not sent.
      {"slow consumer",
       ours(1013, Cause::slow_consumer),
       {Cause::write_failed, false},
       1006,
       Origin::us,
       Cause::slow_consumer,
       false,
       {},
       {},
       {}},
      {"theirs came while ours was queued",
       both(1013, Cause::slow_consumer, 1001),
       {Cause::connection_reset, false},
       1001,
       Origin::peer,
       Cause::peer_closed,
       false,
       Cause::connection_reset,
       {},
       1001},

      // No Close at all: a verdict.
      {"cable pulled",
       {},
       {Cause::connection_reset},
       1006,
       Origin::network,
       Cause::connection_reset,
       false,
       {},
       {},
       {}},
      {"EOF", {}, {Cause::eof_without_close}, 1006, Origin::network, Cause::eof_without_close, false, {}, {}, {}},
      {"write failed", {}, {Cause::write_failed}, 1006, Origin::network, Cause::write_failed, false, {}, {}, {}},
      {"a deadline without a Close",
       {},
       {Cause::heartbeat_timeout},
       1006,
       Origin::us,
       Cause::heartbeat_timeout,
       false,
       {},
       {},
       {}},
      {"connect failed", {}, {Cause::connect_failed}, 1006, Origin::network, Cause::connect_failed, false, {}, {}, {}},
      {"refused", {}, {Cause::handshake_refused}, 1006, Origin::peer, Cause::handshake_refused, false, {}, {}, {}},
      {"TLS", {}, {Cause::tls_failed}, 1015, Origin::network, Cause::tls_failed, false, {}, {}, {}},
      {"certificate",
       {},
       {Cause::certificate_expired},
       1015,
       Origin::us,
       Cause::certificate_expired,
       false,
       {},
       {},
       {}},
      {"asked too early", {}, {}, 1006, Origin::us, Cause::internal_error, false, {}, {}, {}},
  };
  return rows;
}

TEST(End, IsClassifiedByOneTable) {
  for (const Row& row : table()) {
    SCOPED_TRACE(row.name);
    const End end = classify_end(row.closing, row.transport);
    EXPECT_EQ(end.status, row.status);
    EXPECT_EQ(end.origin, row.origin);
    EXPECT_EQ(registry::cause_name(end.cause), registry::cause_name(row.cause));
    EXPECT_EQ(end.clean, row.clean);
    EXPECT_EQ(end.unclean_cause, row.unclean_cause);
    EXPECT_EQ(end.sent_code, row.sent_code);
    EXPECT_EQ(end.received_code, row.received_code);
  }
}

TEST(End, TakesItsReasonFromTheCloseThatDecided) {
  EXPECT_EQ(classify_end(ours(1012, Cause::drain), {}).reason, "our reason");
  EXPECT_EQ(classify_end(both(1012, Cause::drain, 1000), {}).reason, "our reason");
  EXPECT_EQ(classify_end(theirs(1000), {}).reason, "their reason");
  EXPECT_EQ(classify_end({}, {Cause::connection_reset}).reason, registry::cause_text(Cause::connection_reset));
}

TEST(End, NamesWhatThePeerDidWrongAfterOurClose) {
  Closing closing = ours(1012, Cause::drain);
  closing.violation = Cause::invalid_close_code;
  EXPECT_EQ(classify_end(closing, {Cause::eof_without_close}).unclean_cause, Cause::invalid_close_code);
}

// Whatever the transport reports later, an end that was told at once is not contradicted.
TEST(End, IsNotChangedByTheTransportOnceACloseWentOut) {
  for (const registry::CauseEntry& entry : registry::causes()) {
    const TransportEnd later{entry.cause};
    for (const Closing& closing :
         {ours(1012, Cause::drain), theirs(4001), both(1000, Cause::purpose_fulfilled, 1001)}) {
      const End at_once = classify_end(closing, {});
      const End final_end = classify_end(closing, later);
      EXPECT_EQ(final_end.status, at_once.status);
      EXPECT_EQ(final_end.cause, at_once.cause);
      EXPECT_EQ(final_end.origin, at_once.origin);
      EXPECT_EQ(final_end.clean, at_once.clean);
    }
  }
}

}  // namespace
}  // namespace clearline::ws
