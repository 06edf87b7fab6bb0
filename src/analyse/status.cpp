// SPDX-License-Identifier: Apache-2.0
#include "analyse/status.h"

#include <algorithm>
#include <array>

#include "analyse/status_fields.h"

namespace assay {

std::span<const std::string_view> enum_names(Standing) {
  static constexpr std::array<std::string_view, 3> kNames = {"valid", "draft", "invalid"};
  return kNames;
}

namespace {

void add_once(std::vector<std::string>& all, std::string one) {
  if (!one.empty() && std::ranges::find(all, one) == all.end()) all.push_back(std::move(one));
}

/// A run that did not end is among the reasons of a usability.
Standing standing_of(Usable verdict) {
  switch (verdict) {
    case Usable::usable: return Standing::valid;
    case Usable::with_care: return Standing::draft;
    case Usable::not_usable: break;
  }
  return Standing::invalid;
}

/// The processor's name with the numbers that tell which it is where a hypervisor shortens it.
std::string cpu_of(const Result& result) {
  const auto told = [&](const char* key) {
    const auto found = result.environment.find(key);
    return found == result.environment.end() ? std::string() : found->second;
  };
  std::string name = told("cpu");
  if (name.empty())
    if (const auto cpu = std::ranges::find(result.devices, "cpu", &DeviceResult::kind);
        cpu != result.devices.end())
      name = cpu->name;
  const std::string numbers = told("cpu_numbers");
  if (name.empty() || numbers.empty()) return name.empty() ? numbers : name;
  return name + " (" + numbers + ")";
}

/// "2 NVIDIA L4 and NVIDIA T4"
std::string accelerators_of(const Result& result) {
  std::vector<std::pair<std::string, int>> all;
  for (const DeviceResult& device : result.devices) {
    if (device.kind == "cpu") continue;
    const std::string& name = device.name.empty() ? device.id : device.name;
    auto at = std::ranges::find_if(all, [&](const auto& seen) { return seen.first == name; });
    if (at == all.end()) at = all.insert(at, {name, 0});
    ++at->second;
  }
  std::string text;
  for (const auto& [name, count] : all)
    text += (text.empty() ? "" : " and ") + (count > 1 ? std::to_string(count) + " " : std::string()) + name;
  return text;
}

std::string machine_of(const Result& result) {
  const std::string cpu = cpu_of(result), accelerators = accelerators_of(result);
  return cpu.empty() || accelerators.empty() ? cpu + accelerators : cpu + " with " + accelerators;
}

}  // namespace

Status status_of(const Summary& summary, std::span<const Result> results, std::span<const DataFile> data) {
  Status status{.standing = standing_of(summary.usable.verdict), .why = summary.usable.reasons};
  for (const Result& result : results) {
    add_once(status.machines, machine_of(result));
    add_once(status.versions, result.tool.git.empty() ? result.tool.version
                                                      : result.tool.version + " (" + result.tool.git + ")");
    for (const std::string& time : {result.started_at, result.finished_at}) {
      const std::string day = time.substr(0, 10);
      if (day.empty()) continue;
      status.first_day = status.first_day.empty() ? day : std::min(status.first_day, day);
      status.last_day = std::max(status.last_day, day);
    }
  }
  status.data.assign(data.begin(), data.end());
  return status;
}

Json to_json(const Status& status) {
  return JsonWriter::write(status);
}

}  // namespace assay
