// What `clearline admin` does to the directory: no command line, no database file, so that it is tested on its own.
// Errors: invalid_argument (a name breaks a rule), not_found, already_exists, and what the store says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/password.h"
#include "base/clock.h"
#include "base/result.h"
#include "chat/store.h"
#include "chat/types.h"

namespace clearline::app {

class AdminOperations {
 public:
  AdminOperations(chat::Directory& directory, WallTime now, RandomSource random)
      : directory_(directory), now_(now), random_(random) {}

  [[nodiscard]] Result<std::vector<chat::Site>> sites() { return directory_.sites(); }
  // No origins: "self" alone.
  [[nodiscard]] Result<chat::Site> create_site(const std::string& key, const std::string& name,
                                               const std::vector<std::string>& origins);
  [[nodiscard]] Result<chat::Site> set_origins(const std::string& key, const std::vector<std::string>& origins);
  [[nodiscard]] Result<chat::Site> set_closed(const std::string& key, bool closed);

  struct NewAgent {
    std::string name;
    std::string display_name;
    chat::AgentRole role = chat::AgentRole::agent;
    std::vector<std::string> sites;  // keys
    std::optional<std::string> password;
  };
  struct AgentWithPassword {
    chat::Agent agent;
    std::optional<std::string> generated_password;  // shown once, stored nowhere
  };
  [[nodiscard]] Result<std::vector<chat::Agent>> agents() { return directory_.agents(); }
  [[nodiscard]] Result<AgentWithPassword> create_agent(const NewAgent& agent);
  // Ends the agent's sessions. No password: one is generated.
  [[nodiscard]] Result<AgentWithPassword> set_password(const std::string& name,
                                                       const std::optional<std::string>& password);
  // Disabling ends the agent's sessions.
  [[nodiscard]] Result<chat::Agent> set_disabled(const std::string& name, bool disabled);
  [[nodiscard]] Result<chat::Agent> grant(const std::string& name, const std::vector<std::string>& sites);
  [[nodiscard]] Result<chat::Agent> revoke(const std::string& name, const std::vector<std::string>& sites);

 private:
  [[nodiscard]] std::int64_t new_id() const;
  [[nodiscard]] Result<chat::Site> find_site(std::string_view key);
  [[nodiscard]] Result<std::vector<SiteId>> site_ids(const std::vector<std::string>& keys);
  [[nodiscard]] Result<chat::Agent> find_agent(std::string_view name);
  [[nodiscard]] Result<std::string> hash_or_generate(const std::optional<std::string>& password,
                                                     std::optional<std::string>& generated) const;

  chat::Directory& directory_;
  WallTime now_;
  RandomSource random_;
};

// The text of a role and back.
[[nodiscard]] std::string_view role_name(chat::AgentRole role);
[[nodiscard]] std::optional<chat::AgentRole> role_from_name(std::string_view name);

}  // namespace clearline::app
