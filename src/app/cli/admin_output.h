// How `clearline admin` shows sites and agents: tables for people, JSON for programs.
#pragma once

#include <iosfwd>
#include <span>
#include <string>

#include "app/cli/admin_operations.h"
#include "chat/types.h"

namespace clearline::app {

class AdminOutput {
 public:
  // `sites` gives ids their keys.
  AdminOutput(std::ostream& out, bool json, std::span<const chat::Site> sites)
      : out_(out), json_(json), sites_(sites) {}

  void list_sites(std::span<const chat::Site> sites);
  void list_agents(std::span<const chat::Agent> agents);
  // `done` is the sentence for people: "Created site demo."
  void site(const chat::Site& site, const std::string& done);
  void agent(const AdminOperations::AgentWithPassword& agent, const std::string& done);

 private:
  [[nodiscard]] std::string site_keys(const chat::Agent& agent) const;

  std::ostream& out_;
  bool json_;
  std::span<const chat::Site> sites_;
};

}  // namespace clearline::app
