#pragma once

#include "chat/store.h"
#include "store/memory/memory_state.h"

namespace clearline::store {

class MemoryDirectory final : public chat::Directory {
 public:
  explicit MemoryDirectory(MemoryState& state) : state_(state) {}

  Result<std::int64_t> data_version() override;
  Result<chat::Epoch> epoch() override;
  Result<std::optional<std::string>> fact(std::string_view name) override;
  Result<void> set_fact(std::string_view name, std::string_view value) override;
  Result<void> create_site(const chat::Site& site) override;
  Result<void> update_site(const chat::Site& site) override;
  Result<std::vector<chat::Site>> sites() override;
  Result<void> create_agent(const chat::Agent& agent) override;
  Result<void> update_agent(const chat::Agent& agent) override;
  Result<std::vector<chat::Agent>> agents() override;
  Result<std::optional<chat::Agent>> find_agent(std::string_view name) override;
  Result<void> create_session(const chat::Session& session) override;
  Result<std::optional<chat::Session>> find_session(const TokenHash& token_hash) override;
  Result<void> delete_session(const TokenHash& token_hash) override;
  Result<std::int64_t> delete_sessions_of(chat::AgentId agent) override;
  Result<std::int64_t> delete_expired_sessions(WallTime now) override;

 private:
  // Both with the mutex held.
  Result<void> put_agent(chat::Agent agent);
  void count_write();

  MemoryState& state_;
  std::int64_t own_writes_ = 0;
};

}  // namespace clearline::store
