// SPDX-License-Identifier: Apache-2.0
// What many figures come to: geometric means, and counts of verdicts.
#include <algorithm>

#include "analyse/compare_parts.h"
#include "analyse/log_mean.h"

namespace assay {
namespace {

/// The mean of a workload, and the means of its cases that it is made of.
struct Workload {
  WorkloadMean result;
  LogMean mean;
};

Workload& workload_of(std::vector<Workload>& all, const std::string& name) {
  const auto found = std::ranges::find_if(all, [&](const Workload& w) { return w.result.workload == name; });
  if (found != all.end()) return *found;
  return all.emplace_back(Workload{.result = {.workload = name}, .mean = {}});
}

}  // namespace

void add_means(Against& out) {
  std::vector<Workload> workloads;  // in the order of their first case
  for (ComparedCase& c : out.cases) {
    LogMean mean;
    std::int64_t without_interval = 0;
    for (const Question& question : c.questions) {
      const MetricComparison& m = c.of.metrics[question.metric];
      // A tail is a few draws of each side, and what disturbed one of them would be in the mean of all.
      if (!m.ratio || m.statistic != Stat::median) continue;
      mean.add(*m.ratio, m.low, m.high);
      if (!m.low || !m.high) ++without_interval;
    }
    if (mean.empty()) continue;
    c.ratio = mean.ratio();
    c.low = mean.low();
    c.high = mean.high();
    Workload& workload = workload_of(workloads, c.workload);
    workload.mean.add(*c.ratio, c.low, c.high);
    workload.result.figures += mean.count();
    workload.result.without_interval += without_interval;
  }
  for (Workload& w : workloads) {
    w.result.cases = w.mean.count();
    w.result.ratio = w.mean.ratio();
    w.result.low = w.mean.low();
    w.result.high = w.mean.high();
    out.means.push_back(std::move(w.result));
  }
}

void add_counts(Against& out) {
  Counts& n = out.counts;
  for (const ComparedCase& c : out.cases) {
    ++n.cases;
    bool figures = false;
    for (const Question& question : c.questions) {
      const MetricComparison& m = c.of.metrics[question.metric];
      if (m.ratio) figures = true;
      switch (m.verdict) {
        case Verdict::faster: ++n.faster; break;
        case Verdict::slower: ++n.slower; break;
        case Verdict::same: ++n.same; break;
        case Verdict::cannot_tell: ++n.cannot_tell; break;
      }
    }
    if (figures) ++n.compared;
    for (const OutputComparison& output : c.of.outputs) {
      switch (output.verdict) {
        case Agreement::agree: ++n.agree; break;
        case Agreement::disagree: ++n.disagree; break;
        case Agreement::cannot_tell: ++n.outputs_cannot_tell; break;
      }
    }
  }
}

}  // namespace assay
