#include "ws/deflate_negotiation.h"

#include <gtest/gtest.h>

#include <string>

namespace clearline::ws {
namespace {

// Everything left to the peer.
constexpr DeflateOptions permissive{.server_no_context_takeover = false, .client_no_context_takeover = false};

std::vector<Extension> parse(std::string_view text) {
  return parse_extensions(text).value();
}

std::string answer_to(std::string_view offers, const DeflateOptions& options) {
  const auto grant = grant_deflate(parse(offers), options);
  if (!grant) return "declined";
  const Extension answer[] = {grant->answer};
  return format_extensions(answer);
}

struct Row {
  const char* offer;
  DeflateOptions options;
  const char* answer;
};

TEST(DeflateNegotiation, ServerAnswersByTable) {
  const DeflateOptions defaults;
  const DeflateOptions small{.server_no_context_takeover = false,
                             .client_no_context_takeover = false,
                             .server_window_bits_max = 11,
                             .client_window_bits_max = 10};
  const Row rows[] = {
      {"permessage-deflate", permissive, "permessage-deflate"},
      {"Permessage-Deflate", permissive, "permessage-deflate"},
      {"permessage-deflate", defaults, "permessage-deflate; server_no_context_takeover; client_no_context_takeover"},
      {"permessage-deflate; server_no_context_takeover", permissive, "permessage-deflate; server_no_context_takeover"},
      {"permessage-deflate; client_no_context_takeover", permissive, "permessage-deflate; client_no_context_takeover"},
      {"permessage-deflate; server_max_window_bits=9", permissive, "permessage-deflate; server_max_window_bits=9"},
      {"permessage-deflate; server_max_window_bits=15", permissive, "permessage-deflate; server_max_window_bits=15"},
      {"permessage-deflate; server_max_window_bits=\"10\"", permissive,
       "permessage-deflate; server_max_window_bits=10"},
      {"permessage-deflate; client_max_window_bits", permissive, "permessage-deflate"},
      {"permessage-deflate; client_max_window_bits=12", permissive, "permessage-deflate; client_max_window_bits=12"},
      {"permessage-deflate; client_max_window_bits", small,
       "permessage-deflate; server_max_window_bits=11; client_max_window_bits=10"},
      {"permessage-deflate; client_max_window_bits=9", small,
       "permessage-deflate; server_max_window_bits=11; client_max_window_bits=9"},
      {"permessage-deflate; server_max_window_bits=9", small, "permessage-deflate; server_max_window_bits=9"},
      {"permessage-deflate; server_max_window_bits=14", small, "permessage-deflate; server_max_window_bits=11"},
      // A bad offer is passed over for the next one.
      {"permessage-deflate; unknown, permessage-deflate", permissive, "permessage-deflate"},
      {"x-other, permessage-deflate; server_max_window_bits=7, permessage-deflate; server_no_context_takeover",
       permissive, "permessage-deflate; server_no_context_takeover"},
      // The public suite's three offers at once: the first is taken.
      {"permessage-deflate; client_no_context_takeover; client_max_window_bits; server_no_context_takeover; "
       "server_max_window_bits=9, "
       "permessage-deflate; client_no_context_takeover",
       permissive,
       "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9"},
  };
  for (const Row& row : rows) EXPECT_EQ(answer_to(row.offer, row.options), row.answer) << row.offer;
}

TEST(DeflateNegotiation, ServerDeclinesWhatIsNotValid) {
  for (const char* parameters :
       {"unknown", "server_no_context_takeover=1", "client_no_context_takeover=true", "server_max_window_bits",
        "server_max_window_bits=7", "server_max_window_bits=16", "server_max_window_bits=08",
        "server_max_window_bits=9a", "server_max_window_bits=-9", "client_max_window_bits=7",
        "client_max_window_bits=16", "client_max_window_bits=0x9", "client_max_window_bits=100",
        "server_no_context_takeover; server_no_context_takeover",
        "client_no_context_takeover; client_no_context_takeover", "server_max_window_bits=9; server_max_window_bits=9",
        "client_max_window_bits; client_max_window_bits=9", "client_max_window_bits=9; client_max_window_bits"}) {
    EXPECT_EQ(answer_to(std::string("permessage-deflate; ") + parameters, permissive), "declined") << parameters;
  }
  EXPECT_FALSE(grant_deflate(parse("x-webkit-deflate-frame"), permissive));
  EXPECT_FALSE(grant_deflate({}, permissive));
}

TEST(DeflateNegotiation, ServerHoldsToWhatItAnswered) {
  const auto grant =
      grant_deflate(parse("permessage-deflate; server_max_window_bits=9; client_max_window_bits=12"), permissive);
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->parameters, (DeflateParameters{.server_window_bits = 9, .client_window_bits = 12}));
}

TEST(DeflateNegotiation, ClientOffersWhatItWants) {
  const auto offer = [](const DeflateOptions& options) {
    const Extension extension[] = {deflate_offer(options)};
    return format_extensions(extension);
  };
  EXPECT_EQ(offer(permissive), "permessage-deflate; client_max_window_bits");
  EXPECT_EQ(offer({}),
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; client_max_window_bits");
  EXPECT_EQ(offer({.server_no_context_takeover = false,
                   .client_no_context_takeover = false,
                   .server_window_bits_max = 10,
                   .client_window_bits_max = 9}),
            "permessage-deflate; server_max_window_bits=10; client_max_window_bits=9");
}

TEST(DeflateNegotiation, ClientTakesAnAnswerThatItsOfferAllows) {
  const auto agree = [](std::string_view answer, const DeflateOptions& options) {
    return agree_deflate({.extensions = parse(answer)}, options);
  };
  EXPECT_EQ(agree("", permissive).value(), std::nullopt);
  EXPECT_EQ(agree("permessage-deflate", permissive).value(), DeflateParameters{});
  EXPECT_EQ(agree("permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
                  "server_max_window_bits=9; client_max_window_bits=8",
                  permissive)
                .value(),
            (DeflateParameters{true, true, 9, 8}));
  // Our own promise holds even if the server does not repeat it.
  EXPECT_EQ(agree("permessage-deflate; server_no_context_takeover", {}).value(),
            (DeflateParameters{true, true, 15, 15}));
  DeflateOptions small = permissive;
  small.client_window_bits_max = 10;
  EXPECT_EQ(agree("permessage-deflate", small).value(), (DeflateParameters{.client_window_bits = 10}));
  EXPECT_EQ(agree("permessage-deflate; client_max_window_bits=12", small).value(),
            (DeflateParameters{.client_window_bits = 10}));
}

TEST(DeflateNegotiation, ClientRefusesAnyOtherAnswer) {
  DeflateOptions asks_much = permissive;
  asks_much.server_no_context_takeover = true;
  asks_much.server_window_bits_max = 10;
  for (const char* answer :
       {"permessage-deflate", "permessage-deflate; server_no_context_takeover",
        "permessage-deflate; server_max_window_bits=9",
        "permessage-deflate; server_no_context_takeover; server_max_window_bits=11",
        "permessage-deflate; server_no_context_takeover; server_max_window_bits=9; unknown",
        "permessage-deflate; server_no_context_takeover; server_max_window_bits=9; client_max_window_bits",
        "permessage-deflate; server_no_context_takeover; server_max_window_bits=9, "
        "permessage-deflate; server_no_context_takeover; server_max_window_bits=9"}) {
    const auto agreed = agree_deflate({.extensions = parse(answer)}, asks_much);
    ASSERT_FALSE(agreed) << answer;
    EXPECT_EQ(agreed.error().cause, registry::Cause::handshake_invalid);
    EXPECT_FALSE(agreed.error().reason.empty());
  }
  EXPECT_TRUE(agree_deflate(
      {.extensions = parse("permessage-deflate; server_no_context_takeover; server_max_window_bits=10")}, asks_much));
}

TEST(DeflateNegotiation, BothSidesEndWithTheSameParameters) {
  for (const bool server_asks : {false, true}) {
    for (const bool client_asks : {false, true}) {
      for (std::uint8_t bits = 8; bits <= 15; ++bits) {
        const DeflateOptions client{client_asks, client_asks, bits, 15};
        const DeflateOptions server{server_asks, server_asks, 15, bits};
        const Extension offer[] = {deflate_offer(client)};
        const auto grant = grant_deflate(offer, server);
        ASSERT_TRUE(grant);
        const auto agreed = agree_deflate({.extensions = {grant->answer}}, client);
        ASSERT_TRUE(agreed);
        EXPECT_EQ(*agreed, grant->parameters);
      }
    }
  }
}

TEST(DeflateNegotiation, OptionsInTheWordsOfTheHeader) {
  const auto none = parse_deflate_options(" ").value();
  EXPECT_FALSE(none.server_no_context_takeover);
  EXPECT_FALSE(none.client_no_context_takeover);
  EXPECT_EQ(none.server_window_bits_max, 15);
  EXPECT_EQ(none.client_window_bits_max, 15);
  const auto all = parse_deflate_options(
                       "server_no_context_takeover; client_no_context_takeover;server_max_window_bits=9; "
                       "client_max_window_bits=12")
                       .value();
  EXPECT_TRUE(all.server_no_context_takeover);
  EXPECT_TRUE(all.client_no_context_takeover);
  EXPECT_EQ(all.server_window_bits_max, 9);
  EXPECT_EQ(all.client_window_bits_max, 12);
  for (const char* bad : {"server_max_window_bits=16", "server_max_window_bits=7", "server_max_window_bits", "takeover",
                          "server_no_context_takeover=1", "server_no_context_takeover; server_no_context_takeover",
                          "server_no_context_takeover, x", ";", "a b"}) {
    EXPECT_FALSE(parse_deflate_options(bad)) << bad;
  }
  EXPECT_NE(parse_deflate_options("client_max_window_bits=16").error().message.find("'client_max_window_bits=16'"),
            std::string::npos);
}

}  // namespace
}  // namespace clearline::ws
