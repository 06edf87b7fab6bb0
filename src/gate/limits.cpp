// SPDX-License-Identifier: Apache-2.0
#include "gate/limits.h"

#include <algorithm>
#include <array>

#include "base/json_file.h"
#include "gate/limits_fields.h"

namespace assay {
namespace {

void check(const Limit& limit, const JsonReader& at) {
  if (!limit.limits_loss() && !limit.at_most && !limit.at_least)
    at.fail("limits nothing", "give it a loss, a loss_absolute, noise, an at_most or an at_least");
  if (limit.must_catch && limit.loss && !(*limit.must_catch > *limit.loss))
    at.fail_at("must_catch", "is not above its loss",
               "a loss between the two may pass or be undecided: it needs room");
  if (limit.at_most && limit.at_least && *limit.at_most < *limit.at_least)
    at.fail_at("at_most", "is below its at_least", "no figure can hold both");
}

}  // namespace

std::span<const std::string_view> enum_names(Direction) {
  static constexpr std::array<std::string_view, 2> kNames = {"worse", "either"};
  return kNames;
}

Limits limits_from_json(const Json& json, const std::string& file) {
  JsonReader reader(json, file);
  Limits limits;
  reader.read(limits);
  if (limits.schema != kLimitsSchema)
    reader.fail_at("schema", "is \"" + limits.schema + "\"", "it reads " + std::string(kLimitsSchema));
  if (!limits.limits.empty()) {
    const Json& lines = json.at("limits");
    const JsonReader at = reader.child(lines, "limits");
    for (std::size_t i = 0; i < limits.limits.size(); ++i)
      check(limits.limits[i], at.child(lines[i], std::to_string(i)));
  }
  return limits;
}

Limits read_limits(const std::filesystem::path& path) {
  return limits_from_json(load_json(path), path.string());
}

Json to_json(const Limits& limits) {
  return JsonWriter::write(limits);
}

Json limits_schema() {
  Json schema = SchemaWriter(SchemaWriter::Unknown::reject).schema_of<Limits>();
  schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  schema["title"] = "limits of assay gate";
  return schema;
}

bool fits(std::string_view pattern, std::string_view text) {
  // Forth without choices, back to the last star where it does not fit: never more than pattern x text steps.
  std::size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p, ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

const Limit* loss_limit(const Limits& limits, const std::string& case_id, const std::string& metric,
                        Stat statistic) {
  const Limit* found = nullptr;
  for (const Limit& limit : limits.limits)
    if (limit.limits_loss() && fits(limit.cases, case_id) && fits(limit.metric, metric) &&
        (!limit.statistic || *limit.statistic == statistic))
      found = &limit;
  return found;
}

const Noise* find_noise(const Limits& limits, const std::string& case_id, const std::string& device,
                        const std::string& of, Stat statistic, bool turns) {
  const auto found = std::ranges::find_if(limits.noise, [&](const Noise& n) {
    return n.case_id == case_id && n.device == device && n.of == of && n.statistic == statistic &&
           n.turns == turns;
  });
  return found == limits.noise.end() ? nullptr : &*found;
}

}  // namespace assay
