// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <tuple>

#include "analyse/stage_bound.h"
#include "analyse/summary_parts.h"

namespace assay {
namespace {

/// Times, rates, shares: in the order that a pass meets their stages.
std::tuple<int, std::ptrdiff_t, std::string> place_of(const Headline& h, const CaseResult& one) {
  const auto stage =
      std::ranges::find_if(one.stages, [&](const StageResult& s) { return h.of == "stage/" + s.name; });
  const int kind = !h.peak_of.empty() ? 2 : h.unit == "s" ? 0 : 1;
  return {kind, stage - one.stages.begin(), h.metric};
}

std::optional<double> deviation(const std::optional<double>& variance, const Headline& h) {
  return variance && *variance >= 0 && h.value.value_or(0) > 0
             ? std::optional(std::sqrt(*variance) / *h.value)
             : std::nullopt;
}

}  // namespace

std::vector<Headline> headlines_of(const CaseResult& one) {
  std::vector<Headline> headlines;
  for (const auto& [name, m] : one.metrics) {
    Headline h{.metric = name, .of = m.of, .peak_of = m.peak_of, .unit = m.unit};
    h.better = m.better;
    h.statistic = m.statistic;
    if (m.amount > 0) h.amount = m.amount;
    if (m.known()) h.value = m.value;
    if (m.ci95.size() == 2) {
      h.low = m.ci95[0];
      h.high = m.ci95[1];
      if (m.value > 0) h.half_width = (m.ci95[1] - m.ci95[0]) / 2 / m.value;
    }
    h.p90 = m.p90;
    h.p99 = m.p99;
    h.ceiling = at_bound(m, one);
    h.n = m.n;
    h.blocks = m.blocks;
    h.sessions = sessions_of(one, m);
    h.within_deviation = deviation(m.within_sessions, h);
    h.between_deviation = deviation(m.between_sessions, h);
    h.converged = m.converged;
    h.why = m.why;
    headlines.push_back(std::move(h));
  }
  std::ranges::stable_sort(headlines, {}, [&](const Headline& h) { return place_of(h, one); });
  return headlines;
}

}  // namespace assay
