#include "app/cli/admin_output.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <ostream>
#include <string_view>
#include <vector>

#include "app/cli/text_table.h"
#include "wire/json.h"

namespace clearline::app {

namespace {

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : " ") + part;
  return text;
}

std::vector<std::string> keys_of(const chat::Agent& agent, std::span<const chat::Site> sites) {
  std::vector<std::string> keys;
  for (const chat::Site& site : sites) {
    if (std::binary_search(agent.sites.begin(), agent.sites.end(), site.id)) keys.push_back(site.key);
  }
  return keys;
}

void append_texts(wire::JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.key(name).begin_array();
  for (const std::string& text : texts) json.value(text);
  json.end_array();
}

void append_site(wire::JsonWriter& json, const chat::Site& site) {
  json.begin_object().member("key", site.key).member("name", site.name);
  append_texts(json, "origins", site.allowed_origins);
  json.member("closed", site.closed).member("created_at", site.created_at.ms).end_object();
}

void append_agent(wire::JsonWriter& json, const chat::Agent& agent, std::span<const chat::Site> sites,
                  const std::optional<std::string>& generated_password) {
  json.begin_object()
      .member("id", to_text(agent.id))
      .member("name", agent.name)
      .member("display_name", agent.display_name)
      .member("role", role_name(agent.role))
      .member("disabled", agent.disabled);
  append_texts(json, "sites", keys_of(agent, sites));
  json.member("created_at", agent.created_at.ms);
  if (generated_password) json.member("password", *generated_password);
  json.end_object();
}

}  // namespace

void AdminOutput::list_sites(std::span<const chat::Site> sites) {
  if (json_) {
    std::string text;
    wire::JsonWriter json(text);
    json.begin_array();
    for (const chat::Site& site : sites) append_site(json, site);
    json.end_array();
    out_ << text << '\n';
    return;
  }
  TextTable table({"KEY", "NAME", "STATUS", "ORIGINS"});
  for (const chat::Site& site : sites)
    table.add({site.key, site.name, site.closed ? "closed" : "open", joined(site.allowed_origins)});
  table.print(out_);
}

void AdminOutput::list_agents(std::span<const chat::Agent> agents) {
  if (json_) {
    std::string text;
    wire::JsonWriter json(text);
    json.begin_array();
    for (const chat::Agent& agent : agents) append_agent(json, agent, sites_, std::nullopt);
    json.end_array();
    out_ << text << '\n';
    return;
  }
  TextTable table({"NAME", "DISPLAY NAME", "ROLE", "STATUS", "SITES"});
  for (const chat::Agent& agent : agents)
    table.add({agent.name, agent.display_name, std::string(role_name(agent.role)),
               agent.disabled ? "disabled" : "active", site_keys(agent)});
  table.print(out_);
}

void AdminOutput::site(const chat::Site& site, const std::string& done) {
  if (!json_) {
    out_ << done << '\n';
    return;
  }
  std::string text;
  wire::JsonWriter json(text);
  append_site(json, site);
  out_ << text << '\n';
}

void AdminOutput::agent(const AdminOperations::AgentWithPassword& made, const std::string& done) {
  if (json_) {
    std::string text;
    wire::JsonWriter json(text);
    append_agent(json, made.agent, sites_, made.generated_password);
    out_ << text << '\n';
    return;
  }
  out_ << done << '\n';
  if (made.generated_password)
    out_ << fmt::format("Password: {}\nIt is shown this once and stored nowhere.\n", *made.generated_password);
}

std::string AdminOutput::site_keys(const chat::Agent& agent) const {
  return agent.role == chat::AgentRole::admin ? "all" : joined(keys_of(agent, sites_));
}

}  // namespace clearline::app
