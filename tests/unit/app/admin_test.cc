#include "app/cli/admin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <memory>
#include <sstream>
#include <vector>

#include "app/data_directory.h"
#include "app/runtime_file.h"
#include "base/random.h"
#include "store/sqlite/sqlite_database.h"
#include "temporary_directory.h"

namespace clearline::app {
namespace {

namespace json = boost::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Admin : public ::testing::Test {
 protected:
  Admin() { database_ = open(); }

  [[nodiscard]] std::unique_ptr<chat::Database> open() const {
    return store::open_sqlite_database(database_path(temporary_.path()), {}).value();
  }

  int run(std::vector<std::string> arguments, const std::string& input = "") {
    arguments.insert(arguments.begin(), {"--data", temporary_.path().string()});
    return run_plain(arguments, input);
  }
  int run_plain(const std::vector<std::string>& arguments, const std::string& input = "") {
    std::istringstream in(input);
    out_.str("");
    err_.str("");
    return run_admin(arguments, {in, out_, err_}, random_bytes);
  }
  [[nodiscard]] json::value json_out() const { return json::parse(out_.str()); }
  [[nodiscard]] std::string out() const { return out_.str(); }
  [[nodiscard]] std::string err() const { return err_.str(); }

  [[nodiscard]] chat::Agent agent(const std::string& name) const {
    return database_->open_directory().value()->find_agent(name).value().value();
  }
  [[nodiscard]] std::vector<chat::Site> sites() const { return database_->open_directory().value()->sites().value(); }

  TemporaryDirectory temporary_;
  std::unique_ptr<chat::Database> database_;  // as a running server has it open
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(Admin, MakesSitesAndListsThem) {
  EXPECT_EQ(
      run({"sites", "create", "shop", "--name", "Shop", "--origin", "https://Shop.example:443", "--origin", "self"}), 0)
      << err();
  EXPECT_THAT(out(), HasSubstr("data-site=\"shop\""));
  EXPECT_EQ(run({"sites", "create", "blog", "--name", "\xE5\x8D\x9A\xE5\xAE\xA2"}), 0);
  EXPECT_EQ(run({"sites", "list"}), 0);
  EXPECT_EQ(out(),
            "KEY   NAME  STATUS  ORIGINS\n"
            "blog  \xE5\x8D\x9A\xE5\xAE\xA2  open    self\n"
            "shop  Shop  open    https://shop.example self\n");
  EXPECT_EQ(run({"sites", "list", "--json"}), 0);
  EXPECT_EQ(json_out().as_array()[1].at("origins").as_array()[0], "https://shop.example");
  EXPECT_EQ(json_out().as_array()[1].at("closed"), false);
}

TEST_F(Admin, RefusesASiteOfATakenKey) {
  ASSERT_EQ(run({"sites", "create", "shop", "--name", "Shop"}), 0);
  EXPECT_EQ(run({"sites", "create", "shop", "--name", "Other"}), 1);
  EXPECT_THAT(err(), HasSubstr("shop"));
  EXPECT_EQ(sites().at(0).name, "Shop");
}

TEST_F(Admin, ChangesASite) {
  ASSERT_EQ(run({"sites", "create", "shop", "--name", "Shop"}), 0);
  EXPECT_EQ(run({"sites", "set-origins", "shop", "--origin", "*"}), 0);
  EXPECT_THAT(sites().at(0).allowed_origins, ElementsAre("*"));
  EXPECT_EQ(run({"sites", "close", "shop", "--json"}), 0);
  EXPECT_EQ(json_out().at("closed"), true);
  EXPECT_TRUE(sites().at(0).closed);
  EXPECT_EQ(run({"sites", "open", "shop"}), 0);
  EXPECT_EQ(out(), "Site shop is open.\n");
  EXPECT_FALSE(sites().at(0).closed);
  EXPECT_EQ(run({"sites", "close", "none"}), 1);
  EXPECT_EQ(err(), "clearline admin: there is no site \"none\"\n");
}

TEST_F(Admin, MakesAnAgentWithAPasswordThatIsShownOnce) {
  ASSERT_EQ(run({"sites", "create", "shop", "--name", "Shop"}), 0);
  ASSERT_EQ(run({"agents", "create", "ada", "--display-name", "Ada", "--site", "shop", "--json"}), 0) << err();
  const std::string password(json_out().at("password").as_string());
  EXPECT_EQ(password.size(), 23u);
  const chat::Agent ada = agent("ada");
  EXPECT_TRUE(verify_password(ada.password_hash, password));
  EXPECT_EQ(ada.display_name, "Ada");
  EXPECT_EQ(ada.role, chat::AgentRole::agent);
  EXPECT_THAT(ada.sites, ElementsAre(sites().at(0).id));
  ASSERT_EQ(run({"agents", "list"}), 0);
  EXPECT_EQ(out(),
            "NAME  DISPLAY NAME  ROLE   STATUS  SITES\n"
            "ada   Ada           agent  active  shop\n");
}

TEST_F(Admin, TakesAPasswordFromStandardInput) {
  ASSERT_EQ(run({"agents", "create", "root", "--role", "admin", "--password-stdin"}, "correct horse\r\nmore\n"), 0)
      << err();
  EXPECT_EQ(out(), "Created admin root.\n");
  EXPECT_TRUE(verify_password(agent("root").password_hash, "correct horse"));
  EXPECT_EQ(run({"agents", "create", "bob", "--password-stdin"}, ""), 2);
  EXPECT_EQ(err(), "clearline admin: standard input has no password\n");
  EXPECT_EQ(run({"agents", "create", "bob", "--password-stdin"}, "short"), 2);
  EXPECT_EQ(run({"agents", "list", "--json"}), 0);
  EXPECT_EQ(json_out().as_array().size(), 1u) << "nothing was made of what was refused";
}

TEST_F(Admin, ANewPasswordEndsTheSessions) {
  ASSERT_EQ(run({"agents", "create", "ada"}), 0);
  const auto directory = database_->open_directory().value();
  chat::Session session;
  session.token_hash[0] = std::byte{7};
  session.agent = agent("ada").id;
  session.expires_at = WallTime{INT64_C(1) << 50};
  ASSERT_TRUE(directory->create_session(session));
  ASSERT_EQ(run({"agents", "set-password", "ada", "--password-stdin"}, "another horse\n"), 0) << err();
  EXPECT_TRUE(verify_password(agent("ada").password_hash, "another horse"));
  EXPECT_EQ(directory->find_session(session.token_hash).value(), std::nullopt);

  ASSERT_TRUE(directory->create_session(session));
  EXPECT_EQ(run({"agents", "disable", "ada"}), 0);
  EXPECT_TRUE(agent("ada").disabled);
  EXPECT_EQ(directory->find_session(session.token_hash).value(), std::nullopt);
  EXPECT_EQ(run({"agents", "enable", "ada"}), 0);
  EXPECT_FALSE(agent("ada").disabled);
}

TEST_F(Admin, GrantsAndRevokesSites) {
  for (const char* key : {"one", "two", "three"}) ASSERT_EQ(run({"sites", "create", key, "--name", key}), 0);
  ASSERT_EQ(run({"agents", "create", "ada", "--site", "two"}), 0);
  ASSERT_EQ(run({"agents", "grant", "ada", "--site", "one", "--site", "two", "--site", "three"}), 0);
  const std::vector<SiteId> granted = agent("ada").sites;
  EXPECT_EQ(granted.size(), 3u);
  EXPECT_TRUE(std::is_sorted(granted.begin(), granted.end()));
  ASSERT_EQ(run({"agents", "revoke", "ada", "--site", "two", "--json"}), 0);
  EXPECT_EQ(json_out().at("sites").as_array(), (json::array{"one", "three"}));
  EXPECT_EQ(run({"agents", "grant", "ada", "--site", "none"}), 1);
  EXPECT_EQ(agent("ada").sites.size(), 2u);
}

TEST_F(Admin, SaysWhatIsWrongWithTheLine) {
  EXPECT_EQ(run({"sites", "create", "Shop", "--name", "Shop"}), 2);
  EXPECT_THAT(err(), HasSubstr("\"Shop\" is not a site's key"));
  EXPECT_EQ(run({"sites", "create", "shop", "--name", "Shop", "--origin", "shop.example"}), 2);
  EXPECT_THAT(err(), HasSubstr("not an origin"));
  EXPECT_EQ(run({"sites", "create", "shop"}), 2);
  EXPECT_THAT(err(), HasSubstr("--name is required"));
  EXPECT_EQ(run({"agents", "create", "ada", "--role", "boss"}), 2);
  EXPECT_THAT(err(), HasSubstr("boss"));
  EXPECT_EQ(run({"agents", "frobnicate"}), 2);
  EXPECT_EQ(run({"sites"}), 2);
  EXPECT_EQ(run({}), 2);
  EXPECT_TRUE(sites().empty());
}

TEST_F(Admin, HelpsAtEveryLevel) {
  for (const std::vector<std::string>& level :
       {std::vector<std::string>{}, {"sites"}, {"sites", "create"}, {"agents"}, {"agents", "set-password"}}) {
    std::vector<std::string> arguments = level;
    arguments.emplace_back("--help");
    EXPECT_EQ(run_plain(arguments), 0);
    EXPECT_THAT(out(), HasSubstr("Usage: clearline admin")) << out();
  }
}

TEST_F(Admin, NeedsADatabaseThatIsThere) {
  EXPECT_EQ(run_plain({"sites", "list", "--data", (temporary_.path() / "none").string()}), 1);
  EXPECT_THAT(err(), HasSubstr("there is no database in " + (temporary_.path() / "none").string()));
  EXPECT_FALSE(std::filesystem::exists(temporary_.path() / "none")) << "a typing error makes no database";
}

TEST_F(Admin, FindsTheServerByItsPort) {
  const auto file = RuntimeFile::create({::getpid(), 18081, "127.0.0.1", temporary_.path().string(), WallTime{1}});
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(run_plain({"sites", "create", "shop", "--name", "Shop", "--server-port", "18081"}), 0) << err();
  EXPECT_EQ(sites().size(), 1u);
  EXPECT_EQ(run_plain({"sites", "list", "--server-port", "18082"}), 1);
  EXPECT_THAT(err(), HasSubstr("no server of this user is running on port 18082"));
}

}  // namespace
}  // namespace clearline::app
