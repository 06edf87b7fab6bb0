// SPDX-License-Identifier: Apache-2.0
#include "gate/questions.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

namespace assay {

std::vector<PairedCase> paired_cases(const Result& base, const Result& candidate) {
  std::unordered_map<std::string, const CaseResult*> there;
  const auto key = [](const CaseResult& one) { return one.id + "\n" + one.device; };
  for (const CaseResult& one : candidate.cases) there.emplace(key(one), &one);
  std::vector<PairedCase> pairs;
  for (const CaseResult& one : base.cases) {
    const auto found = there.find(key(one));
    pairs.push_back({&one, found == there.end() ? nullptr : found->second});
  }
  return pairs;
}

std::vector<GateQuestion> questions_of(const PairedCase& pair, const Limits& limits) {
  std::vector<GateQuestion> questions;
  std::map<std::pair<std::string, Stat>, std::size_t> of_series;
  for (const auto& [name, metric] : pair.base->metrics) {
    if (!metric.peak_of.empty()) continue;  // a share of a peak moves with the peak
    const Limit* limit = loss_limit(limits, pair.base->id, name, metric.statistic);
    if (limit == nullptr) continue;
    const auto found = pair.candidate->metrics.find(name);
    const MetricResult* other = found == pair.candidate->metrics.end() ? nullptr : &found->second;
    const GateQuestion question{pair.base, pair.candidate, name, &metric, other, limit};
    const auto [at, is_new] = of_series.try_emplace({metric.of, metric.statistic}, questions.size());
    if (is_new) {
      questions.push_back(question);
      continue;
    }
    // The more special limit; of equal ones the time, which people read first.
    GateQuestion& first = questions[at->second];
    if (limit > first.limit || (limit == first.limit && metric.better == Better::lower &&
                                first.base_metric->better == Better::higher))
      first = question;
  }
  return questions;
}

std::optional<Evidence> evidence_of(const GateQuestion& question, const Limits& limits, const Turns& turns,
                                    ShiftTest& test) {
  if (question.candidate_metric == nullptr) return std::nullopt;
  std::vector<double> base = session_costs(*question.base, *question.base_metric),
                      candidate = session_costs(*question.candidate, *question.candidate_metric);
  if (base.empty() || candidate.empty()) return std::nullopt;
  Evidence evidence;
  evidence.base_sessions = std::ssize(base);
  evidence.candidate_sessions = std::ssize(candidate);
  evidence.turns = in_turns(base, candidate, turns);
  evidence.shift = test(strata_of(std::move(base), std::move(candidate), turns));
  evidence.noise = find_noise(limits, question.base->id, question.base->device, question.base_metric->of,
                              question.base_metric->statistic, evidence.turns);
  if (question.base_metric->known()) evidence.base_figure = question.base_metric->value;
  evidence.better = question.base_metric->better;
  return evidence;
}

}  // namespace assay
