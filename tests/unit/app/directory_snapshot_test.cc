#include "app/directory_snapshot.h"

#include <gtest/gtest.h>

namespace clearline::app {
namespace {

chat::Site site(std::int64_t id, std::string key, std::vector<std::string> origins = {}) {
  chat::Site made;
  made.id = SiteId{id};
  made.key = std::move(key);
  made.allowed_origins = std::move(origins);
  return made;
}

chat::Agent agent(std::int64_t id, std::string name, chat::AgentRole role, std::vector<SiteId> sites) {
  chat::Agent made;
  made.id = AgentId{id};
  made.name = std::move(name);
  made.display_name = "Display " + made.name;
  made.password_hash = "hash of " + made.name;
  made.role = role;
  made.sites = std::move(sites);
  return made;
}

TEST(DirectorySnapshotTest, FindsByKeyAndId) {
  const DirectorySnapshot snapshot({site(9, "alpha"), site(4, "beta")},
                                   {agent(1, "ada", chat::AgentRole::agent, {SiteId{4}})});
  EXPECT_EQ(snapshot.site("beta")->id, SiteId{4});
  EXPECT_EQ(snapshot.site(SiteId{9})->key, "alpha");
  EXPECT_EQ(snapshot.agent(AgentId{1})->name, "ada");
  EXPECT_EQ(snapshot.site("gamma"), nullptr);
  EXPECT_EQ(snapshot.site(SiteId{5}), nullptr);
  EXPECT_EQ(snapshot.agent(AgentId{2}), nullptr);
}

TEST(DirectorySnapshotTest, VisitorsOfASiteShareTheirRights) {
  const DirectorySnapshot snapshot({site(9, "alpha"), site(4, "beta")}, {});
  EXPECT_EQ(snapshot.visitor_rights(SiteId{4}), snapshot.visitor_rights(SiteId{4}));
  EXPECT_EQ(snapshot.visitor_rights(SiteId{4})->sites, std::vector{SiteId{4}});
  EXPECT_FALSE(snapshot.visitor_rights(SiteId{4})->all_sites);
  EXPECT_EQ(snapshot.visitor_rights(SiteId{5}), nullptr);
}

TEST(DirectorySnapshotTest, AdminsServeAllSitesInOrder) {
  const DirectorySnapshot snapshot(
      {site(9, "alpha"), site(4, "beta")},
      {agent(1, "ada", chat::AgentRole::admin, {}), agent(2, "bob", chat::AgentRole::agent, {SiteId{9}})});
  const Rights admin = snapshot.rights_of(*snapshot.agent(AgentId{1}));
  EXPECT_TRUE(admin.all_sites);
  EXPECT_EQ(admin.sites, (std::vector{SiteId{4}, SiteId{9}}));
  const Rights bob = snapshot.rights_of(*snapshot.agent(AgentId{2}));
  EXPECT_FALSE(bob.all_sites);
  EXPECT_EQ(bob.sites, std::vector{SiteId{9}});
  EXPECT_EQ(bob.display_name, "Display bob");
  EXPECT_FALSE(bob.same_reach(admin));
  Rights same_sites = admin;
  same_sites.all_sites = false;
  EXPECT_FALSE(same_sites.same_reach(admin));  // an agent that became an admin of the same sites
}

TEST(DirectorySnapshotTest, KeepsNoPasswordHashButKnowsAnotherOne) {
  const DirectorySnapshot before({}, {agent(1, "ada", chat::AgentRole::agent, {})});
  EXPECT_EQ(before.agents.front().password_hash, "");
  chat::Agent changed = agent(1, "ada", chat::AgentRole::agent, {});
  EXPECT_TRUE(before.same_as(DirectorySnapshot({}, {changed})));
  EXPECT_EQ(before.password_mark(AgentId{1}), password_mark(changed));
  changed.password_hash = "another";
  const DirectorySnapshot after({}, {changed});
  EXPECT_FALSE(before.same_as(after));
  EXPECT_NE(before.password_mark(AgentId{1}), after.password_mark(AgentId{1}));
  EXPECT_NE(after.password_mark(AgentId{1}), 0U);
  EXPECT_EQ(after.password_mark(AgentId{2}), 0U);
}

struct OriginCase {
  std::vector<std::string> allowed;
  std::string_view origin;
  std::string_view host;
  bool expected;
};

TEST(DirectorySnapshotTest, Origins) {
  for (const OriginCase& one : std::vector<OriginCase>{
           {{"https://shop.example"}, "https://shop.example", "chat.example", true},
           {{"https://shop.example"}, "https://shop.example:8443", "chat.example", false},
           {{"https://shop.example"}, "http://shop.example", "chat.example", false},
           {{"https://shop.example"}, "https://shop.example.evil.example", "chat.example", false},
           {{"https://shop.example"}, "https://evil.example/https://shop.example", "chat.example", false},
           {{"https://shop.example"}, "null", "chat.example", false},
           {{"a", "https://shop.example"}, "https://shop.example", "chat.example", true},
           {{"self"}, "https://chat.example", "chat.example", true},
           {{"self"}, "http://chat.example:8080", "chat.example:8080", true},
           {{"self"}, "https://chat.example:8080", "chat.example", false},
           {{"self"}, "https://shop.example", "chat.example", false},
           {{"self"}, "https://", "", false},
           {{"*"}, "https://any.example", "chat.example", true},
           {{"*"}, "null", "chat.example", true},
           {{}, "https://shop.example", "chat.example", false},
           {{}, "", "chat.example", true},  // a program, not a page
       }) {
    EXPECT_EQ(origin_allowed(site(1, "x", one.allowed), one.origin, one.host), one.expected)
        << one.origin << " at " << one.host;
  }
}

// No browser sends it, and it must not name the server's own pages.
TEST(DirectorySnapshotTest, TheWordsOfTheListAreNoOrigins) {
  EXPECT_FALSE(origin_allowed(site(1, "x", {"self"}), "self", "chat.example"));
}

TEST(DirectorySnapshotTest, OwnOrigin) {
  EXPECT_TRUE(is_own_origin("http://127.0.0.1:8080", "127.0.0.1:8080"));
  EXPECT_TRUE(is_own_origin("https://chat.example", "chat.example"));
  EXPECT_FALSE(is_own_origin("ftp://chat.example", "chat.example"));
  EXPECT_FALSE(is_own_origin("chat.example", "chat.example"));
  EXPECT_FALSE(is_own_origin("", ""));
  EXPECT_FALSE(is_own_origin("http://", ""));
}

}  // namespace
}  // namespace clearline::app
