// SPDX-License-Identifier: Apache-2.0
#include "analyse/compare_results.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <stdexcept>

#include "analyse/case_ids.h"
#include "analyse/compare_parts.h"
#include "analyse/turns_of.h"

namespace assay {

std::span<const std::string_view> enum_names(About) {
  static constexpr std::array<std::string_view, 5> kNames = {"machine", "device", "tool", "config", "cases"};
  return kNames;
}

namespace {

ComparedResult compared(const Result& result, const std::string& label) {
  ComparedResult one{.label = label,
                     .name = result.name,
                     .started_at = result.started_at,
                     .status = result.status,
                     .devices = {},
                     .tool = result.tool};
  for (const DeviceResult& device : result.devices)
    one.devices.push_back(device.name.empty() ? device.id : device.name);
  return one;
}

/// Of the cases that any other shares with the baseline.
void shorten_ids(ResultsComparison& all) {
  std::vector<std::string_view> ids;
  for (const Against& out : all.others)
    for (const ComparedCase& c : out.cases) ids.emplace_back(c.id);
  all.common_id = common_start(ids);
  for (Against& out : all.others)
    for (ComparedCase& c : out.cases) c.short_id = shortened_id(c.id, all.common_id);
}

/// Verdicts of all pairs together, since p values allow for how many figures are compared.
void settle_all(ResultsComparison& all) {
  std::vector<Comparison*> pairs;
  for (Against& out : all.others)
    for (ComparedCase& c : out.cases) {
      pairs.push_back(&c.of);
      all.questions += std::ranges::count_if(
          c.questions, [&](const Question& q) { return c.of.metrics[q.metric].shift.has_value(); });
    }
  settle(pairs);
}

void add_notes(const Sides& sides) {
  std::vector<std::string>& notes = sides.out.notes;
  if (const Turns turns = turns_of(sides.base, sides.other); !turns.base.empty())
    notes.push_back("they were measured in turn, " + std::to_string(turns.base.size()) + " and " +
                    std::to_string(turns.other.size()) +
                    " sessions: what the machine did meanwhile met both, and sessions of a block stand "
                    "beside each other");
  if (sides.out.other_machine)
    notes.emplace_back(
        "these are different machines: results that different people measured on equal hardware lie 0.7 to 4 "
        "% "
        "apart (MLPerf Inference, submissions on identical systems: RetinaNet on 8 H200 3.8 %, DLRMv3 on 8 "
        "B200 "
        "2.8 %, DLRM on Xeon 6980P 2.3 %), so a ratio within that says little of the hardware");
  for (const auto& [result, label] :
       {std::pair(&sides.base, &sides.base_label), {&sides.other, &sides.other_label}})
    if (result->status != RunStatus::complete)
      notes.push_back("the run of " + *label + " did not end: what it had measured until then is compared");
}

}  // namespace

const DeviceResult& device_of(const Result& result, const CaseResult& one) {
  static const DeviceResult kUnknown;
  const auto found = std::ranges::find(result.devices, one.device, &DeviceResult::id);
  return found == result.devices.end() ? kUnknown : *found;
}

ResultsComparison compare_results(std::span<const Result> results, std::optional<Prices> prices,
                                  Alike alike) {
  if (results.size() < 2) throw std::logic_error("a comparison needs two results");
  ResultsComparison all;
  all.prices = std::move(prices);
  const std::vector<std::string> labels = labels_of(results);
  for (std::size_t i = 0; i < results.size(); ++i) all.results.push_back(compared(results[i], labels[i]));
  all.others.resize(results.size() - 1);
  std::vector<Sides> pairs;
  for (std::size_t i = 1; i < results.size(); ++i) {
    all.others[i - 1].result = i;
    pairs.push_back({results[0], results[i], labels[0], labels[i], all.others[i - 1], alike});
  }
  ShiftTest test;
  for (const Sides& sides : pairs) add_pairs(sides, test);
  shorten_ids(all);
  settle_all(all);
  for (const Sides& sides : pairs) {
    for (const auto add : {add_differences, add_kernels, add_stages, add_rooflines, add_per_watt, add_notes})
      add(sides);
    if (all.prices) add_per_money(sides, *all.prices);
    add_means(sides.out);
    add_counts(sides.out);
  }
  return all;
}

bool outputs_disagree(const ResultsComparison& comparison) {
  return std::ranges::any_of(comparison.others, [](const Against& a) { return a.counts.disagree > 0; });
}

std::vector<std::string> incomparable(const ResultsComparison& comparison) {
  std::vector<std::string> labels;
  for (const Against& a : comparison.others)
    if (a.counts.compared == 0) labels.push_back(comparison.results[a.result].label);
  return labels;
}

}  // namespace assay
