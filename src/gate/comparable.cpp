// SPDX-License-Identifier: Apache-2.0
#include "gate/comparable.h"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "analyse/comparison.h"
#include "base/units.h"

namespace assay {
namespace {

constexpr std::array<std::string_view, 9> kKeys = {"device",  "driver",  "clocks",  "config", "seed",
                                                   "weights", "kernels", "version", "work"};

class Found {
 public:
  void add(std::string_view key, std::string what, std::string base, std::string candidate) {
    if (base == candidate) return;
    all_.push_back({std::string(key), std::move(what), std::move(base), std::move(candidate), false});
  }
  std::vector<GateDifference> take() { return std::move(all_); }

 private:
  std::vector<GateDifference> all_;
};

std::string text_of(const std::map<std::string, std::string>& values, const std::string& key) {
  const auto found = values.find(key);
  return found == values.end() ? "not known" : found->second;
}

void add_devices(Found& found, const Result& base, const Result& candidate) {
  for (const DeviceResult& one : base.devices) {
    const auto at = std::ranges::find(candidate.devices, one.id, &DeviceResult::id);
    if (at == candidate.devices.end()) continue;  // its cases are missing, which is said
    const auto what = [&](const char* of) { return one.id + ", " + of; };
    found.add("device", what("name"), one.name, at->name);
    found.add("device", what("memory"), bytes_text(static_cast<double>(one.memory_bytes)),
              bytes_text(static_cast<double>(at->memory_bytes)));
    found.add("device", what("units"), count_text(one.units), count_text(at->units));
    for (const char* key : {"isa", "threads", "compute_capability", "power_limit", "mig", "ecc"})
      found.add("device", what(key), text_of(one.properties, key), text_of(at->properties, key));
    found.add("driver", what("driver"), text_of(one.properties, "driver"), text_of(at->properties, "driver"));
    for (const auto& [key, value] : one.properties)
      if (key.find("clock") != std::string::npos)
        found.add("clocks", what(key.c_str()), value, text_of(at->properties, key));
  }
  for (const char* key : {"cpu_governor", "cpu_boost"})
    found.add("clocks", key, text_of(base.environment, key), text_of(candidate.environment, key));
}

/// Without what says how long is measured, and names.
Json work_of(const Json& config) {
  Json work = config;
  if (work.is_object())
    for (const char* key : {"measure", "name", "$schema"}) work.erase(key);
  if (work.contains("runs") && work["runs"].is_array())
    for (Json& run : work["runs"]) run = work_of(run);
  return work;
}

/// The first place where they differ.
void add_config(Found& found, const Json& base, const Json& candidate, const std::string& at) {
  if (base == candidate) return;
  if (base.type() == candidate.type() && base.is_structured() && base.size() == candidate.size()) {
    const Json a = base.flatten(), b = candidate.flatten();
    for (const auto& [pointer, value] : a.items()) {
      const auto other = b.find(pointer);
      if (other != b.end() && *other == value) continue;
      found.add("config", at + pointer, value.dump().substr(0, 60),
                other == b.end() ? "nothing" : other->dump().substr(0, 60));
      return;
    }
  }
  found.add("config", at.empty() ? "the configs" : at, "one config", "another");
}

std::string kernel_text(const ChoiceResult& c) {
  return c.variant.empty() ? c.kernel : c.kernel + " (" + c.variant + ")";
}

void add_kernels(Found& found, const CaseResult& base, const CaseResult& candidate) {
  std::map<std::string, std::string> chosen;
  const auto key = [](const ChoiceResult& c) { return c.op + " " + c.shape + " on the " + name_of(c.place); };
  for (const ChoiceResult& c : candidate.choices) chosen[key(c)] = kernel_text(c);
  for (const ChoiceResult& c : base.choices) {
    const auto at = chosen.find(key(c));
    if (at != chosen.end()) found.add("kernels", base.id + ": " + key(c), kernel_text(c), at->second);
  }
}

std::string major(const std::string& version) {
  // Before 1.0 the second number is what breaks.
  const std::size_t first = version.find('.');
  return version.starts_with("0.") ? version.substr(0, version.find('.', first + 1))
                                   : version.substr(0, first);
}

}  // namespace

std::span<const std::string_view> difference_keys() {
  return kKeys;
}

std::vector<GateDifference> incomparable(const Result& base, const Result& candidate,
                                         std::span<const PairedCase> pairs) {
  Found found;
  found.add("version", "major version", major(base.tool.version), major(candidate.tool.version));
  add_devices(found, base, candidate);
  add_config(found, work_of(base.config), work_of(candidate.config), "");
  for (const auto& [one, other] : pairs) {
    if (other == nullptr) continue;
    found.add("seed", one->id + ": seed", std::to_string(one->seed), std::to_string(other->seed));
    found.add("weights", one->id + ": weights", one->weights, other->weights);
    add_kernels(found, *one, *other);
    if (const std::string different = work_difference(*one, *other); !different.empty())
      found.add("work", one->id, "", different);
  }
  return found.take();
}

}  // namespace assay
