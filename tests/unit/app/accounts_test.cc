#include "app/accounts.h"

#include <gtest/gtest.h>

#include "directory_fixture.h"

namespace clearline::app {
namespace {

using Why = SignInRefused::Why;

class AccountsTest : public DirectoryFixture {
 protected:
  void SetUp() override { ASSERT_TRUE(accounts_.refresh()); }

  tl::expected<SignedIn, SignInRefused> sign_in(const std::string& name, const std::string& password,
                                                const std::string& address = "192.0.2.1") {
    std::promise<tl::expected<SignedIn, SignInRefused>> promise;
    EXPECT_TRUE(accounts_.sign_in(name, password, address, [&](auto result) { promise.set_value(std::move(result)); }));
    return promise.get_future().get();
  }
  Result<SignedIn> find_session(const std::string& token) {
    std::promise<Result<SignedIn>> promise;
    EXPECT_TRUE(accounts_.find_session(token, [&](auto result) { promise.set_value(std::move(result)); }));
    return promise.get_future().get();
  }
  void sign_out(const std::string& token) {
    std::promise<bool> promise;
    EXPECT_TRUE(accounts_.sign_out(token, [&](auto result) { promise.set_value(result.has_value()); }));
    EXPECT_TRUE(promise.get_future().get());
  }
  // What is queued on the accounts' thread is done.
  void settle() { static_cast<void>(find_session("nobody's")); }

  DirectoryCache cache_;
  std::atomic<int> changes_ = 0;
  Accounts accounts_{*database_->open_directory(), cache_, [this] { ++changes_; }};
};

TEST_F(AccountsTest, TheRightPasswordOpensASession) {
  const auto signed_in = sign_in("ada", "ada's password");
  ASSERT_TRUE(signed_in);
  EXPECT_EQ(signed_in->agent.id, AgentId{601});
  EXPECT_EQ(signed_in->agent.password_hash, "");
  const auto session = find_session(signed_in->session_token);
  ASSERT_TRUE(session);
  EXPECT_EQ(session->agent.name, "ada");
  EXPECT_EQ(session->session_token, "");
  EXPECT_EQ(session->password_mark, cache_.get()->password_mark(AgentId{601}));
  // Only the hash is stored.
  EXPECT_TRUE(*directory_->find_session(hash_token(signed_in->session_token)));
}

TEST_F(AccountsTest, WrongPasswordAndWrongNameAreAnsweredAlike) {
  const auto wrong_password = sign_in("ada", "bob's password");
  const auto wrong_name = sign_in("eve", "bob's password");
  ASSERT_FALSE(wrong_password);
  ASSERT_FALSE(wrong_name);
  EXPECT_EQ(wrong_password.error().why, Why::wrong_credentials);
  EXPECT_EQ(wrong_name.error().why, Why::wrong_credentials);
  EXPECT_EQ(wrong_password.error().message, wrong_name.error().message);
}

TEST_F(AccountsTest, TheDecoyCostsWhatARealHashCosts) {
  EXPECT_FALSE(needs_rehash(decoy_password_hash));
  EXPECT_FALSE(verify_password(decoy_password_hash, ""));
  EXPECT_FALSE(sign_in("eve", ""));
}

TEST_F(AccountsTest, FiveFailuresBlockTheNameAndTheAddress) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(sign_in("ada", "wrong").error().why, Why::wrong_credentials);
  for (const auto& refused :
       {sign_in("ada", "ada's password", "192.0.2.99"), sign_in("bob", "bob's password", "192.0.2.1")}) {
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().why, Why::too_many_failures);
    EXPECT_GT(refused.error().retry_after_ms, 0);
    EXPECT_LE(refused.error().retry_after_ms, 30'000);
  }
  EXPECT_TRUE(sign_in("bob", "bob's password", "192.0.2.99"));
}

TEST_F(AccountsTest, SuccessForgetsTheFailures) {
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 4; ++i) EXPECT_EQ(sign_in("ada", "wrong").error().why, Why::wrong_credentials);
    EXPECT_TRUE(sign_in("ada", "ada's password"));
  }
}

TEST_F(AccountsTest, ADisabledAgentIsNobody) {
  const auto signed_in = sign_in("bob", "bob's password");
  ASSERT_TRUE(signed_in);
  change_agent("bob", [](chat::Agent& bob) { bob.disabled = true; });
  EXPECT_EQ(sign_in("bob", "bob's password").error().why, Why::wrong_credentials);
  accounts_.refresh_soon();
  const auto session = find_session(signed_in->session_token);
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().code, ErrorCode::unauthorized);
}

TEST_F(AccountsTest, SessionsThatAreNone) {
  for (const char* token : {"", "nonsense"}) EXPECT_EQ(find_session(token).error().code, ErrorCode::unauthorized);
  ASSERT_TRUE(directory_->create_session({hash_token("expired"), AgentId{601}, WallTime{1}, WallTime{2}}));
  EXPECT_EQ(find_session("expired").error().code, ErrorCode::unauthorized);
}

TEST_F(AccountsTest, ATicketIsGoodOnceAndForAMinute) {
  const MonotonicTime now{5'000};
  const TicketHolder holder{AgentId{601}, hash_token("session"), 7, WallTime{1234}};
  const std::string ticket = accounts_.issue_ticket(holder, now);
  EXPECT_NE(ticket, accounts_.issue_ticket(holder, now));
  const auto redeemed = accounts_.redeem_ticket(ticket, {now.ms + ticket_lifetime_ms - 1});
  ASSERT_TRUE(redeemed);
  EXPECT_EQ(redeemed->agent, holder.agent);
  EXPECT_EQ(redeemed->session, holder.session);
  EXPECT_EQ(redeemed->password_mark, holder.password_mark);
  EXPECT_EQ(redeemed->expires_at, holder.expires_at);
  EXPECT_FALSE(accounts_.redeem_ticket(ticket, now));

  const std::string late = accounts_.issue_ticket(holder, now);
  EXPECT_FALSE(accounts_.redeem_ticket(late, {now.ms + ticket_lifetime_ms}));
  EXPECT_FALSE(accounts_.redeem_ticket(late, now));
  EXPECT_FALSE(accounts_.redeem_ticket("", now));
}

TEST_F(AccountsTest, SigningOutEndsTheSessionAndItsTickets) {
  const auto signed_in = sign_in("ada", "ada's password");
  ASSERT_TRUE(signed_in);
  const MonotonicTime now{5'000};
  const std::string own =
      accounts_.issue_ticket({AgentId{601}, hash_token(signed_in->session_token), signed_in->password_mark}, now);
  const std::string other = accounts_.issue_ticket({AgentId{601}, hash_token("another session"), 1}, now);
  sign_out(signed_in->session_token);
  EXPECT_FALSE(find_session(signed_in->session_token));
  EXPECT_FALSE(accounts_.redeem_ticket(own, now));
  EXPECT_TRUE(accounts_.redeem_ticket(other, now));
  sign_out("nobody's");
}

TEST_F(AccountsTest, ChangesOfAnotherProcessAreNoticedOnce) {
  accounts_.refresh_soon();
  settle();
  EXPECT_EQ(changes_, 0);
  change_agent("bob", [](chat::Agent& bob) { bob.sites = {SiteId{11}}; });
  accounts_.refresh_soon();
  accounts_.refresh_soon();
  settle();
  EXPECT_EQ(changes_, 1);
  EXPECT_EQ(cache_.get()->agent(AgentId{602})->sites, std::vector{SiteId{11}});
  // A write that changes nobody's rights, such as a new session.
  ASSERT_TRUE(directory_->create_session({hash_token("x"), AgentId{601}, WallTime{1}, WallTime{2}}));
  accounts_.refresh_soon();
  settle();
  EXPECT_EQ(changes_, 1);
}

TEST_F(AccountsTest, ANewPasswordIsAChange) {
  const std::uint64_t before = cache_.get()->password_mark(AgentId{602});
  change_agent("bob", [](chat::Agent& bob) { bob.password_hash = *hash_password("another password"); });
  accounts_.refresh_soon();
  settle();
  EXPECT_EQ(changes_, 1);
  EXPECT_NE(cache_.get()->password_mark(AgentId{602}), before);
}

TEST_F(AccountsTest, WhoSignsInWithANewerPasswordThanTheSnapshotsIsWelcome) {
  change_agent("bob", [](chat::Agent& bob) { bob.password_hash = *hash_password("another password"); });
  const auto signed_in = sign_in("bob", "another password");
  ASSERT_TRUE(signed_in);
  EXPECT_EQ(cache_.get()->password_mark(AgentId{602}), signed_in->password_mark);
  EXPECT_EQ(changes_, 1);
}

}  // namespace
}  // namespace clearline::app
