// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <set>

#include "analyse/summary_parts.h"
#include "base/units.h"

namespace assay {
namespace {

bool close(double a, double b) {
  return std::fabs(a - b) <= 1e-9 * std::max(std::fabs(a), std::fabs(b));
}

/// Why two cases of one id are not the same work, or "".
std::string difference(const CaseResult& a, const CaseResult& b) {
  if (a.axes != b.axes) return "their axes differ";
  if (a.stages.size() != b.stages.size()) return "their stages differ";
  for (std::size_t i = 0; i < a.stages.size(); ++i) {
    const StageResult &x = a.stages[i], &y = b.stages[i];
    if (x.name != y.name || x.iterations != y.iterations) return "their stages differ";
    if (!close(x.flops, y.flops))
      return "stage " + x.name + " is " + si_text(x.flops, "FLOP") + " in one and " +
             si_text(y.flops, "FLOP") + " in the other";
    if (!close(x.bytes, y.bytes))
      return "stage " + x.name + " moves " + si_text(x.bytes, "B") + " in one and " + si_text(y.bytes, "B") +
             " in the other";
  }
  return {};
}

/// Above 1: `other` is better.
double gain(double base, double other, bool lower_is_better) {
  return lower_is_better ? base / other : other / base;
}

void compare(Summary& summary, const CaseSummary& base, const CaseSummary& other) {
  for (const Headline& b : base.headlines) {
    if (b.unit == "1") continue;  // a share of a device's own peak says nothing about another device
    const auto o = std::find_if(other.headlines.begin(), other.headlines.end(),
                                [&](const Headline& h) { return h.metric == b.metric && h.unit == b.unit; });
    if (o == other.headlines.end() || !(b.median > 0) || !(o->median > 0)) continue;
    const bool lower = b.better == "lower";
    DeviceComparison c{.id = base.id,
                       .short_id = base.short_id,
                       .metric = b.metric,
                       .baseline = base.device,
                       .device = other.device,
                       .ratio = gain(b.median, o->median, lower),
                       .low = {},
                       .high = {},
                       .verdict = "unknown"};
    if (b.low && b.high && o->low && o->high && *b.low > 0 && *o->low > 0) {
      c.low = lower ? gain(*b.low, *o->high, lower) : gain(*b.high, *o->low, lower);
      c.high = lower ? gain(*b.high, *o->low, lower) : gain(*b.low, *o->high, lower);
      c.verdict = *c.low > 1 ? "better" : *c.high < 1 ? "worse" : "no difference";
    }
    summary.comparisons.push_back(std::move(c));
  }
}

/// The one seed of a run or of all runs of a suite; nothing where there are several or none.
std::optional<std::string> seed_of(const Json& config) {
  std::set<std::string> seeds;
  const auto add = [&](const Json& run) {
    if (run.is_object() && run.contains("seed")) seeds.insert(run["seed"].dump());
  };
  add(config);
  if (config.is_object() && config.contains("runs"))
    for (const Json& run : config["runs"]) add(run);
  return seeds.size() == 1 ? std::optional(*seeds.begin()) : std::nullopt;
}

void compare_outputs(Summary& summary, const CaseSummary& base, const CaseSummary& other,
                     std::span<const Result> results) {
  const Result &base_result = results[base.result], &other_result = results[other.result];
  const auto &a = base_result.cases[base.index].verification,
             &b = other_result.cases[other.index].verification;
  if (!a || !b || a->output_digest.empty() || a->output_digest.size() != b->output_digest.size()) return;
  if (base.result != other.result &&
      (!seed_of(base_result.config) || seed_of(base_result.config) != seed_of(other_result.config)))
    return;
  double squares = 0, largest = 0;
  for (std::size_t i = 0; i < a->output_digest.size(); ++i) {
    squares += a->output_digest[i] * a->output_digest[i];
    largest = std::max(largest, std::fabs(a->output_digest[i] - b->output_digest[i]));
  }
  const double rms = std::sqrt(squares / static_cast<double>(a->output_digest.size()));
  if (rms > 0)
    summary.agreements.push_back({.id = base.id,
                                  .short_id = base.short_id,
                                  .baseline = base.device,
                                  .device = other.device,
                                  .difference = largest / rms});
}

}  // namespace

/// Every case against the first of the same id that ran.
void add_comparisons(Summary& summary, std::span<const Result> results) {
  std::set<std::string> done;
  for (std::size_t i = 0; i < summary.cases.size(); ++i) {
    const CaseSummary& base = summary.cases[i];
    if (base.status != "ok" || !done.insert(base.id).second) continue;
    for (std::size_t j = i + 1; j < summary.cases.size(); ++j) {
      const CaseSummary& other = summary.cases[j];
      if (other.id != base.id || other.status != "ok" || other.device == base.device) continue;
      const std::string why =
          difference(results[base.result].cases[base.index], results[other.result].cases[other.index]);
      if (!why.empty()) {
        summary.notes.push_back(base.id + " is not compared between " + summary.devices[base.device].label +
                                " and " + summary.devices[other.device].label + ": " + why);
        continue;
      }
      compare(summary, base, other);
      compare_outputs(summary, base, other, results);
    }
  }
}

}  // namespace assay
