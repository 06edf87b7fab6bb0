// SPDX-License-Identifier: Apache-2.0
// The figures of two results that limits on losses are asked of. A time and the rate that is made of the same
// draws are one figure here: what slows one down slows both.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analyse/session_costs.h"
#include "gate/judge.h"
#include "result/result.h"

namespace assay {

struct GateQuestion {
  const CaseResult* base;
  const CaseResult* candidate;
  std::string metric;  // the one that the limit names, or the first
  const MetricResult* base_metric;
  const MetricResult* candidate_metric;  // null: it has none
  const Limit* limit;
};

/// Cases of both on the same device, by id.
struct PairedCase {
  const CaseResult* base;
  const CaseResult* candidate;  // null: it is not there
};
std::vector<PairedCase> paired_cases(const Result& base, const Result& candidate);

/// Of one pair, each figure once, under the last limit on a loss that fits one of its names.
std::vector<GateQuestion> questions_of(const PairedCase& pair, const Limits& limits);

/// Nothing where a side does not have the sessions' figures.
std::optional<Evidence> evidence_of(const GateQuestion& question, const Limits& limits, const Turns& turns,
                                    ShiftTest& test);

}  // namespace assay
