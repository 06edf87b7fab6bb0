// SPDX-License-Identifier: Apache-2.0
// Which case of one result is which of another, and both beside each other.
#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "analyse/compare_parts.h"
#include "analyse/turns_of.h"

namespace assay {
namespace {

using ById = std::unordered_map<std::string_view, std::vector<std::size_t>>;

ById by_id(const Result& result) {
  ById cases;
  for (std::size_t i = 0; i < result.cases.size(); ++i) cases[result.cases[i].id].push_back(i);
  return cases;
}

std::vector<Question> questions_of(const Comparison& of) {
  std::vector<Question> questions;
  std::map<std::pair<std::string_view, Stat>, std::size_t> seen;
  for (std::size_t i = 0; i < of.metrics.size(); ++i) {
    const MetricComparison& m = of.metrics[i];
    if (!m.base && !m.other) continue;  // a percentile that the draws of neither support
    const auto [at, is_new] =
        seen.try_emplace({m.of.empty() ? m.metric : m.of, m.statistic}, questions.size());
    if (is_new) {
      questions.push_back({.metric = i, .also = {}});
      continue;
    }
    Question& question = questions[at->second];
    const MetricComparison& first = of.metrics[question.metric];
    const bool better_known = !first.ratio && m.ratio;
    question.also.push_back(better_known ? first.metric : m.metric);
    if (better_known) question.metric = i;
  }
  return questions;
}

}  // namespace

void add_pairs(const Sides& sides, ShiftTest& test) {
  const ById in_base = by_id(sides.base), in_other = by_id(sides.other);
  const Turns turns = turns_of(sides.base, sides.other);
  std::vector<bool> paired(sides.other.cases.size(), false);
  for (std::size_t i = 0; i < sides.base.cases.size(); ++i) {
    const CaseResult& base = sides.base.cases[i];
    std::optional<std::size_t> match;
    if (const auto found = in_other.find(base.id); found != in_other.end()) {
      // Where there is no choice, a GPU may stand beside a CPU.
      const bool alone = found->second.size() == 1 && in_base.at(base.id).size() == 1;
      const auto at = std::ranges::find_if(found->second, [&](std::size_t j) {
        return !paired[j] && (alone || sides.other.cases[j].device == base.device);
      });
      if (at != found->second.end()) match = *at;
    }
    if (!match) {
      sides.out.only_in_base.push_back({base.id, base.device});
      continue;
    }
    paired[*match] = true;
    const CaseResult& other = sides.other.cases[*match];
    ComparedCase one{.id = base.id,
                     .short_id = base.id,
                     .workload = base.workload,
                     .base_device = base.device,
                     .other_device = other.device,
                     .base_index = i,
                     .other_index = *match,
                     .of = compare_unsettled(base, other, test, turns, sides.alike)};
    one.questions = questions_of(one.of);
    sides.out.cases.push_back(std::move(one));
  }
  for (std::size_t j = 0; j < paired.size(); ++j)
    if (!paired[j]) sides.out.only_in_other.push_back({sides.other.cases[j].id, sides.other.cases[j].device});
}

std::vector<std::string> labels_of(std::span<const Result> results) {
  const auto name = [](const Result& r) {
    return r.name.empty() && r.label.empty() ? std::string("unnamed") : shown_name(r);
  };
  const auto device = [](const Result& r) {
    std::string text;
    for (const DeviceResult& d : r.devices)
      text += (text.empty() ? "" : ", ") + (d.name.empty() ? d.id : d.name);
    return text;
  };
  const auto dated = [&](const Result& r) {  // "2026-01-31T12:00:00Z" to the minute
    std::string date = r.started_at.substr(0, 16);
    std::ranges::replace(date, 'T', ' ');
    return name(r) + (date.empty() ? "" : ", " + date);
  };
  // The shortest that tells all of them apart.
  std::set<std::string> names, devices, dates;
  for (const Result& r : results) {
    names.insert(name(r));
    if (!r.devices.empty()) devices.insert(device(r));
    dates.insert(dated(r));
  }
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < results.size(); ++i)
    labels.push_back(!results[i].label.empty()          ? results[i].label
                     : names.size() == results.size()   ? name(results[i])
                     : devices.size() == results.size() ? device(results[i])
                     : dates.size() == results.size()   ? dated(results[i])
                                                        : name(results[i]) + " #" + std::to_string(i + 1));
  return labels;
}

}  // namespace assay
