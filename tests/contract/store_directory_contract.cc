// chat::Directory.
#include <array>
#include <memory>

#include "contract/store_contract.h"

namespace clearline::store {
namespace {

const chat::SiteId shop{11};
const chat::SiteId bank{12};
const chat::AgentId ada{601};
const chat::AgentId bob{602};

TEST_P(StoreContract, TheEpochStaysTheSame) {
  const chat::Epoch epoch = value_of(directory().epoch());
  EXPECT_NE(epoch.value, 0U);
  EXPECT_EQ(value_of(directory().epoch()), epoch);
  EXPECT_EQ(value_of(value_of(database().open_directory())->epoch()), epoch);
}

TEST_P(StoreContract, FactsAreBytesByName) {
  EXPECT_EQ(value_of(directory().fact("key")), std::nullopt);
  ASSERT_TRUE(is_ok(directory().set_fact("key", "one")));
  ASSERT_TRUE(is_ok(directory().set_fact("other", "")));
  EXPECT_EQ(value_of(directory().fact("key")), "one");
  EXPECT_EQ(value_of(directory().fact("other")), "");
  EXPECT_EQ(value_of(directory().fact("ke")), std::nullopt);
  EXPECT_EQ(value_of(directory().fact("KEY")), std::nullopt);
  const std::string bytes("\0\xff\x80 any bytes\0", 14);
  ASSERT_TRUE(is_ok(directory().set_fact("key", bytes)));
  EXPECT_EQ(value_of(directory().fact("key")), bytes);
}

TEST_P(StoreContract, SitesComeBackWholeAndByKey) {
  EXPECT_TRUE(value_of(directory().sites()).empty());
  const chat::Site zebra = site(1, "zebra");
  chat::Site apple = site(3, "apple");
  apple.closed = true;
  apple.allowed_origins.clear();
  chat::Site mango = site(2, "mango");
  mango.allowed_origins = {"*", "b", "a", "b"};  // the owner's order, whatever it is
  for (const auto& each : {zebra, apple, mango}) ASSERT_TRUE(is_ok(directory().create_site(each)));
  EXPECT_EQ(value_of(directory().sites()), (std::vector{apple, mango, zebra}));
}

TEST_P(StoreContract, ASitesKeyAndIdAreTakenOnce) {
  ASSERT_TRUE(is_ok(directory().create_site(site(11, "shop"))));
  EXPECT_TRUE(fails_with(directory().create_site(site(12, "shop")), ErrorCode::already_exists, {"shop"}));
  EXPECT_TRUE(fails_with(directory().create_site(site(11, "bank")), ErrorCode::already_exists, {"bank"}));
  EXPECT_EQ(value_of(directory().sites()), std::vector{site(11, "shop")});
}

TEST_P(StoreContract, UpdateSiteReplacesAll) {
  ASSERT_TRUE(is_ok(directory().create_site(site(11, "shop"))));
  ASSERT_TRUE(is_ok(directory().create_site(site(12, "bank"))));
  chat::Site changed = site(11, "shop-2");
  changed.name = "Renamed";
  changed.allowed_origins = {"https://new.example"};
  changed.closed = true;
  changed.created_at = WallTime{7};
  ASSERT_TRUE(is_ok(directory().update_site(changed)));
  ASSERT_TRUE(is_ok(directory().update_site(changed))) << "its own key is not taken by another";
  EXPECT_EQ(value_of(directory().sites()), (std::vector{site(12, "bank"), changed}));
  changed.key = "bank";
  EXPECT_TRUE(fails_with(directory().update_site(changed), ErrorCode::already_exists, {"bank"}));
  EXPECT_TRUE(fails_with(directory().update_site(site(13, "none")), ErrorCode::not_found, {"s000000000000d"}));
  EXPECT_EQ(value_of(directory().sites()).back().key, "shop-2");
}

TEST_P(StoreContract, AgentsComeBackWholeAndByName) {
  ASSERT_TRUE(is_ok(directory().create_site(site(11, "shop"))));
  ASSERT_TRUE(is_ok(directory().create_site(site(12, "bank"))));
  EXPECT_TRUE(value_of(directory().agents()).empty());
  const chat::Agent both = agent(601, "bob", {shop, bank});
  chat::Agent none = agent(602, "ada", {});
  none.role = chat::AgentRole::admin;
  none.disabled = true;
  ASSERT_TRUE(is_ok(directory().create_agent(both)));
  ASSERT_TRUE(is_ok(directory().create_agent(none)));
  EXPECT_EQ(value_of(directory().agents()), (std::vector{none, both}));
  EXPECT_EQ(value_of(directory().find_agent("bob")), both);
  EXPECT_EQ(value_of(directory().find_agent("ada")), none);
  EXPECT_EQ(value_of(directory().find_agent("Bob")), std::nullopt);
  EXPECT_EQ(value_of(directory().find_agent("")), std::nullopt);
}

TEST_P(StoreContract, AnAgentsSitesAreSortedAndOnceEach) {
  ASSERT_TRUE(is_ok(directory().create_site(site(11, "shop"))));
  ASSERT_TRUE(is_ok(directory().create_site(site(12, "bank"))));
  ASSERT_TRUE(is_ok(directory().create_agent(agent(601, "ada", {bank, shop, bank}))));
  EXPECT_EQ(value_of(directory().find_agent("ada"))->sites, (std::vector{shop, bank}));
}

TEST_P(StoreContract, AnAgentsNameAndIdAreTakenOnce) {
  ASSERT_TRUE(is_ok(directory().create_agent(agent(601, "ada", {}))));
  EXPECT_TRUE(fails_with(directory().create_agent(agent(602, "ada", {})), ErrorCode::already_exists, {"ada"}));
  EXPECT_TRUE(fails_with(directory().create_agent(agent(601, "bob", {})), ErrorCode::already_exists, {"bob"}));
  EXPECT_EQ(value_of(directory().agents()), std::vector{agent(601, "ada", {})});
}

TEST_P(StoreContract, AnAgentsSitesMustExist) {
  ASSERT_TRUE(is_ok(directory().create_site(site(11, "shop"))));
  EXPECT_TRUE(
      fails_with(directory().create_agent(agent(601, "ada", {shop, bank})), ErrorCode::not_found, {"s000000000000c"}));
  EXPECT_TRUE(value_of(directory().agents()).empty()) << "half an agent was stored";
  ASSERT_TRUE(is_ok(directory().create_agent(agent(601, "ada", {shop}))));
  EXPECT_TRUE(fails_with(directory().update_agent(agent(601, "ada-2", {bank})), ErrorCode::not_found));
  EXPECT_EQ(value_of(directory().agents()), std::vector{agent(601, "ada", {shop})}) << "half an update was stored";
}

TEST_P(StoreContract, UpdateAgentReplacesAll) {
  ASSERT_TRUE(is_ok(directory().create_site(site(11, "shop"))));
  ASSERT_TRUE(is_ok(directory().create_site(site(12, "bank"))));
  ASSERT_TRUE(is_ok(directory().create_agent(agent(601, "ada", {shop}))));
  ASSERT_TRUE(is_ok(directory().create_agent(agent(602, "bob", {}))));
  chat::Agent changed = agent(601, "ada.l", {bank});
  changed.display_name = "Ada L.";
  changed.password_hash = "another";
  changed.role = chat::AgentRole::admin;
  changed.disabled = true;
  changed.created_at = WallTime{8};
  ASSERT_TRUE(is_ok(directory().update_agent(changed)));
  EXPECT_EQ(value_of(directory().find_agent("ada.l")), changed);
  EXPECT_EQ(value_of(directory().find_agent("ada")), std::nullopt);
  changed.name = "bob";
  EXPECT_TRUE(fails_with(directory().update_agent(changed), ErrorCode::already_exists, {"bob"}));
  EXPECT_TRUE(fails_with(directory().update_agent(agent(603, "eve", {})), ErrorCode::not_found, {"a00000000000jv"}));
}

TEST_P(StoreContract, SessionsAreFoundByTheirTokenHash) {
  ASSERT_TRUE(is_ok(directory().create_agent(agent(601, "ada", {}))));
  const chat::Session session_1 = session(1, ada, WallTime{100});
  const chat::Session session_2 = session(2, ada, WallTime{200});
  ASSERT_TRUE(is_ok(directory().create_session(session_1)));
  ASSERT_TRUE(is_ok(directory().create_session(session_2)));
  EXPECT_EQ(value_of(directory().find_session(session_1.token_hash)), session_1);
  EXPECT_EQ(value_of(directory().find_session(session_2.token_hash)), session_2);
  EXPECT_EQ(value_of(directory().find_session(session(3, ada, {}).token_hash)), std::nullopt);
  EXPECT_TRUE(fails_with(directory().create_session(session_1), ErrorCode::already_exists));
  EXPECT_TRUE(fails_with(directory().create_session(session(3, bob, {})), ErrorCode::not_found, {"a00000000000jt"}));
  EXPECT_EQ(value_of(directory().find_session(session(3, ada, {}).token_hash)), std::nullopt);
}

TEST_P(StoreContract, ADeletedSessionIsGone) {
  ASSERT_TRUE(is_ok(directory().create_agent(agent(601, "ada", {}))));
  const chat::Session kept = session(1, ada, WallTime{100});
  const chat::Session gone = session(2, ada, WallTime{100});
  ASSERT_TRUE(is_ok(directory().create_session(kept)));
  ASSERT_TRUE(is_ok(directory().create_session(gone)));
  EXPECT_TRUE(is_ok(directory().delete_session(gone.token_hash)));
  EXPECT_TRUE(is_ok(directory().delete_session(gone.token_hash))) << "nothing happens if there is none";
  EXPECT_EQ(value_of(directory().find_session(gone.token_hash)), std::nullopt);
  EXPECT_EQ(value_of(directory().find_session(kept.token_hash)), kept);
}

TEST_P(StoreContract, AllSessionsOfAnAgentEndTogether) {
  ASSERT_TRUE(is_ok(directory().create_agent(agent(601, "ada", {}))));
  ASSERT_TRUE(is_ok(directory().create_agent(agent(602, "bob", {}))));
  for (const int token : {1, 2, 3}) ASSERT_TRUE(is_ok(directory().create_session(session(token, ada, WallTime{100}))));
  ASSERT_TRUE(is_ok(directory().create_session(session(4, bob, WallTime{100}))));
  EXPECT_EQ(value_of(directory().delete_sessions_of(ada)), 3);
  EXPECT_EQ(value_of(directory().delete_sessions_of(ada)), 0);
  EXPECT_EQ(value_of(directory().find_session(session(1, ada, {}).token_hash)), std::nullopt);
  EXPECT_NE(value_of(directory().find_session(session(4, bob, {}).token_hash)), std::nullopt);
}

TEST_P(StoreContract, SessionsExpireAtTheirTime) {
  ASSERT_TRUE(is_ok(directory().create_agent(agent(601, "ada", {}))));
  for (const int token : {1, 2, 3})
    ASSERT_TRUE(is_ok(directory().create_session(session(token, ada, WallTime{token * 100}))));
  EXPECT_EQ(value_of(directory().delete_expired_sessions(WallTime{99})), 0);
  EXPECT_NE(value_of(directory().find_session(session(1, ada, {}).token_hash)), std::nullopt);
  EXPECT_EQ(value_of(directory().delete_expired_sessions(WallTime{200})), 2);
  EXPECT_EQ(value_of(directory().find_session(session(2, ada, {}).token_hash)), std::nullopt);
  EXPECT_EQ(value_of(directory().find_session(session(3, ada, {}).token_hash)), session(3, ada, WallTime{300}));
}

// Writes of every kind by another Directory; each must change the number that this one sees.
TEST_P(StoreContract, DataVersionChangesWithEveryWriteOfAnother) {
  const auto other = value_of(database().open_directory());
  ASSERT_NE(other, nullptr);
  const std::vector<std::function<Result<void>()>> writes = {
      [&] { return other->set_fact("key", "value"); },
      [&] { return other->create_site(site(11, "shop")); },
      [&] { return other->update_site(site(11, "shop-2")); },
      [&] { return other->create_agent(agent(601, "ada", {})); },
      [&] { return other->update_agent(agent(601, "ada", {shop})); },
      [&] { return other->create_session(session(1, ada, WallTime{1})); },
      [&] { return other->delete_session(session(1, ada, WallTime{1}).token_hash); },
      [&] { return other->create_session(session(2, ada, WallTime{1})); },
      [&]() -> Result<void> {
        CLEARLINE_CHECK(other->delete_sessions_of(ada));
        return {};
      },
      [&] { return other->create_session(session(3, ada, WallTime{1})); },
      [&]() -> Result<void> {
        CLEARLINE_CHECK(other->delete_expired_sessions(WallTime{1}));
        return {};
      },
  };
  std::int64_t before = value_of(directory().data_version());
  for (std::size_t i = 0; i < writes.size(); ++i) {
    EXPECT_EQ(value_of(directory().data_version()), before) << "changed without a write, before " << i;
    ASSERT_TRUE(is_ok(writes[i]())) << i;
    const std::int64_t after = value_of(directory().data_version());
    EXPECT_NE(after, before) << "write " << i << " was not noticed";
    before = after;
  }
  EXPECT_EQ(value_of(directory().sites()).front().key, "shop-2");
}

TEST_P(StoreContract, DataVersionIsNotDisturbedByOwnWritesOrByMessages) {
  const std::int64_t before = value_of(directory().data_version());
  ASSERT_TRUE(is_ok(directory().create_site(site(11, "shop"))));
  ASSERT_FALSE(directory().create_site(site(11, "shop")));
  write(conversation(101), messages(3));
  EXPECT_EQ(value_of(directory().data_version()), before);
}

}  // namespace
}  // namespace clearline::store
