// SPDX-License-Identifier: Apache-2.0
#include "acceptance/systems.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "gate/limits.h"

namespace assay {
namespace {

/// As a person writes it: 8, "bf16" without its quotes.
std::string plain(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

bool has(const Json& wanted, const Json& value) {
  if (!wanted.is_array()) return wanted == value;
  return std::ranges::any_of(wanted, [&](const Json& one) { return one == value; });
}

std::string label_of(const System& system, const Summary& summary, bool many_devices) {
  std::vector<std::string> parts;
  if (many_devices || system.at.empty()) parts.push_back(summary.devices[system.device].label);
  for (const auto& [name, value] : system.at.items())
    parts.push_back(value.is_string() ? plain(value) : name + " " + plain(value));
  return join(parts, ", ");
}

}  // namespace

Json setting_of(const CaseSummary& one, const std::string& name) {
  if (name == "workload") return one.workload;
  if (name == "model") return one.model;
  const auto found = one.settings.find(name);
  return found == one.settings.end() ? Json() : *found;
}

bool is_meant(const CaseChoice& choice, const CaseSummary& one) {
  if (!fits(choice.cases, one.id)) return false;
  for (const auto& [name, wanted] : choice.where.items())
    if (!has(wanted, setting_of(one, name))) return false;
  return true;
}

std::string why_none_is_meant(const CaseChoice& choice, const Summary& summary) {
  for (const auto& [name, wanted] : choice.where.items()) {
    std::set<std::string> names = {"workload", "model"}, values;
    for (const CaseSummary& one : summary.cases) {
      for (const auto& [known, value] : one.settings.items()) names.insert(known);
      if (const Json value = setting_of(one, name); !value.is_null()) values.insert(plain(value));
    }
    if (values.empty())
      return "no case has a setting \"" + name + "\"; they have " +
             join(std::vector(names.begin(), names.end()), ", ");
    const bool known = std::ranges::any_of(
        summary.cases, [&](const CaseSummary& one) { return has(wanted, setting_of(one, name)); });
    if (!known)
      return "no case has " + name + " " + plain(wanted) + "; there is " +
             join(std::vector(values.begin(), values.end()), ", ");
  }
  return choice.cases == "*" ? "no case has all of these settings"
                             : "no case's id fits \"" + choice.cases + "\"";
}

std::vector<System> systems_of(const Summary& summary, const std::vector<std::string>& across) {
  std::vector<System> systems;
  std::set<std::size_t> devices;
  for (std::size_t c = 0; c < summary.cases.size(); ++c) {
    const CaseSummary& one = summary.cases[c];
    devices.insert(one.device);
    Json at = Json::object();
    for (const std::string& name : across) at[name] = setting_of(one, name);
    auto found =
        std::ranges::find_if(systems, [&](const System& s) { return s.device == one.device && s.at == at; });
    if (found == systems.end()) {
      systems.push_back({.label = {}, .device = one.device, .at = std::move(at), .cases = {}});
      found = std::prev(systems.end());
    }
    found->cases.push_back(c);
  }
  for (System& system : systems) system.label = label_of(system, summary, devices.size() > 1);
  return systems;
}

}  // namespace assay
