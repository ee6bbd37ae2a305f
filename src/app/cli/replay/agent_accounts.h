// The agents that a replay signs in as.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "app/password.h"
#include "base/result.h"

namespace clearline::app::replay {

struct AgentAccount {
  std::string name;
  std::string password;
};

// Agents of the replay's own, made in the server's database with a password that nobody else has, granted the one site,
// and disabled when this object goes. They are named replay-1, replay-2 … and used again by the next replay, so that a
// hundred runs do not leave hundreds of agents behind; enabled ones are left alone, they may be another replay's.
class TemporaryAgents {
 public:
  [[nodiscard]] static Result<TemporaryAgents> create(const std::filesystem::path& data_directory,
                                                      const std::string& site_key, std::size_t count,
                                                      RandomSource random);
  TemporaryAgents(TemporaryAgents&& other) noexcept = default;
  TemporaryAgents& operator=(TemporaryAgents&& other) = delete;
  ~TemporaryAgents();

  [[nodiscard]] const std::vector<AgentAccount>& accounts() const { return accounts_; }
  // Signs them out for good; the destructor does it where nobody asked before.
  [[nodiscard]] Result<void> disable();

 private:
  explicit TemporaryAgents(std::filesystem::path database) : database_(std::move(database)) {}

  std::filesystem::path database_;
  std::vector<AgentAccount> accounts_;  // empty once disabled or moved from
};

}  // namespace clearline::app::replay
