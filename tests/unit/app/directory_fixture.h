// A directory in memory with a site and two agents, and the accounts on it. The agents' passwords are their names and
// "'s password".
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <map>
#include <memory>
#include <string>

#include "app/accounts.h"
#include "app/password.h"
#include "store/memory/memory_database.h"

namespace clearline::app {

class DirectoryFixture : public testing::Test {
 protected:
  DirectoryFixture() : database_(store::make_memory_database(Epoch{9})), directory_(*database_->open_directory()) {
    chat::Site shop;
    shop.id = SiteId{11};
    shop.key = "shop";
    shop.name = "Shop \"one\"";
    shop.allowed_origins = {"https://shop.example"};
    EXPECT_TRUE(directory_->create_site(shop));
    add_agent(601, "ada", chat::AgentRole::admin);
    add_agent(602, "bob", chat::AgentRole::agent);
  }

  void add_agent(std::int64_t id, const std::string& name, chat::AgentRole role) {
    // Made once: a hash takes its time on purpose.
    static const std::map<std::string, std::string> hashes{{"ada", *hash_password("ada's password")},
                                                           {"bob", *hash_password("bob's password")}};
    chat::Agent agent;
    agent.id = AgentId{id};
    agent.name = name;
    agent.display_name = "Display " + name;
    agent.role = role;
    agent.password_hash = hashes.at(name);
    ASSERT_TRUE(directory_->create_agent(agent));
  }
  template <typename Change>
  void change_agent(const std::string& name, Change change) {
    chat::Agent agent = **directory_->find_agent(name);
    change(agent);
    ASSERT_TRUE(directory_->update_agent(agent));
  }

  std::unique_ptr<chat::Database> database_;
  std::unique_ptr<chat::Directory> directory_;  // as clearline admin has one
};

}  // namespace clearline::app
