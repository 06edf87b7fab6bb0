// SPDX-License-Identifier: Apache-2.0
// What differs between two results besides their figures: what a reader must know before any ratio.
#include <algorithm>
#include <map>
#include <set>

#include "analyse/compare_parts.h"
#include "base/units.h"

namespace assay {
namespace {

using Known = std::optional<std::string>;

/// Keeps what differs, and counts what does not.
class Differences {
 public:
  explicit Differences(Against& out) : out_(out) {}
  void add(About about, const std::string& key, const Known& base, const Known& other) {
    if (!base && !other) return;
    if (base == other)
      ++out_.same_keys;
    else
      out_.differences.push_back({.about = about, .key = key, .base = base, .other = other});
  }
  void add(About about, const std::string& before, const std::map<std::string, std::string>& base,
           const std::map<std::string, std::string>& other) {
    std::set<std::string> keys;
    for (const auto* side : {&base, &other})
      for (const auto& [key, value] : *side) keys.insert(key);
    const auto at = [](const auto& side, const std::string& key) {
      const auto found = side.find(key);
      return found == side.end() ? Known() : Known(found->second);
    };
    for (const std::string& key : keys) add(about, before + key, at(base, key), at(other, key));
  }

 private:
  Against& out_;
};

Known known(const std::string& text) {
  return text.empty() ? Known() : Known(text);
}

Known bytes(std::int64_t count) {  // every digit: two sizes that differ must not print alike
  return count == 0 ? Known() : bytes_text(static_cast<double>(count)) + " (" + count_text(count) + " B)";
}

Known number(std::int64_t count) {
  return count == 0 ? Known() : count_text(count);
}

void add_device(Differences& to, const DeviceResult& base, const DeviceResult& other,
                const std::string& before) {
  const auto add = [&](const char* key, const Known& a, const Known& b) {
    to.add(About::device, before + key, a, b);
  };
  add("name", known(base.name), known(other.name));
  add("kind", known(base.kind), known(other.kind));
  add("memory", bytes(base.memory_bytes), bytes(other.memory_bytes));
  add("cache", bytes(base.cache_bytes), bytes(other.cache_bytes));
  add("units", number(base.units), number(other.units));
  to.add(About::device, before, base.properties, other.properties);
}

/// Devices that cases stand beside each other on; where there are none, those of one id.
std::set<std::pair<std::string, std::string>> device_pairs(const Sides& sides) {
  std::set<std::pair<std::string, std::string>> pairs;
  for (const ComparedCase& c : sides.out.cases) pairs.emplace(c.base_device, c.other_device);
  if (pairs.empty())
    for (const DeviceResult& d : sides.base.devices)
      if (std::ranges::find(sides.other.devices, d.id, &DeviceResult::id) != sides.other.devices.end())
        pairs.emplace(d.id, d.id);
  return pairs;
}

void add_devices(Differences& to, const Sides& sides) {
  const auto pairs = device_pairs(sides);
  for (const auto& [base, other] : pairs) {
    const auto a = std::ranges::find(sides.base.devices, base, &DeviceResult::id);
    const auto b = std::ranges::find(sides.other.devices, other, &DeviceResult::id);
    if (a == sides.base.devices.end() || b == sides.other.devices.end()) continue;
    add_device(to, *a, *b, pairs.size() > 1 ? base + ": " : "");
    if (a->name != b->name || a->memory_bytes != b->memory_bytes) sides.out.other_machine = true;
  }
}

void add_config(Differences& to, const Json* base, const Json* other, const std::string& pointer);

/// Members of two objects; of two arrays by their places.
void add_members(Differences& to, const Json& base, const Json& other, const std::string& pointer) {
  std::map<std::string, std::pair<const Json*, const Json*>> members;
  for (const auto& [key, value] : base.items()) members[key].first = &value;
  for (const auto& [key, value] : other.items()) members[key].second = &value;
  for (const auto& [key, pair] : members) {
    std::string escaped;  // RFC 6901
    for (const char c : key) escaped += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    add_config(to, pair.first, pair.second, pointer + "/" + escaped);
  }
}

void add_config(Differences& to, const Json* base, const Json* other, const std::string& pointer) {
  if (base != nullptr && other != nullptr && base->is_structured() && base->type() == other->type()) {
    add_members(to, *base, *other, pointer);
    return;
  }
  // With every digit: what differs must not print alike.
  const auto text = [](const Json* value) -> Known {
    if (value == nullptr) return {};
    return value->is_string() ? value->get<std::string>()
                              : value->dump(-1, ' ', false, Json::error_handler_t::replace);
  };
  to.add(About::config, pointer, text(base), text(other));
}

/// Each pair of values once, with the number of cases that have it.
template <typename Of>
void add_of_cases(const Sides& sides, const std::string& key, Of of) {
  std::map<std::pair<std::string, std::string>, std::int64_t> differ;
  for (const ComparedCase& c : sides.out.cases) {
    const std::string base = of(sides.base.cases[c.base_index]), other = of(sides.other.cases[c.other_index]);
    if (base != other) ++differ[{base, other}];
  }
  if (differ.empty() && !sides.out.cases.empty()) ++sides.out.same_keys;
  for (const auto& [values, cases] : differ)
    sides.out.differences.push_back(
        {.about = About::cases, .key = key, .base = values.first, .other = values.second, .cases = cases});
}

}  // namespace

void add_differences(const Sides& sides) {
  Differences to(sides.out);
  const Result &base = sides.base, &other = sides.other;
  add_devices(to, sides);
  to.add(About::machine, "", base.environment, other.environment);
  for (const Difference& d : sides.out.differences)
    if (d.about == About::machine && (d.key == "cpu" || d.key == "cpus")) sides.out.other_machine = true;
  to.add(About::tool, "version", known(base.tool.version), known(other.tool.version));
  to.add(About::tool, "git", known(base.tool.git), known(other.tool.git));
  to.add(About::tool, "build", known(base.tool.build), known(other.tool.build));
  add_config(to, &base.config, &other.config, "");
  add_of_cases(sides, "seed", [](const CaseResult& c) { return std::to_string(c.seed); });
  add_of_cases(sides, "weights", [](const CaseResult& c) { return c.weights; });
}

}  // namespace assay
