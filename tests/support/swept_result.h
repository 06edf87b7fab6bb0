// SPDX-License-Identifier: Apache-2.0
// Sweeps over the batch, with numbers that can be followed by hand.
#pragma once

#include <map>
#include <string>

#include "support/compared_results.h"

namespace assay {

/// Seconds of an iteration by batch.
using Times = std::map<std::int64_t, double>;

/// "llm/test-model/DTYPE/batch=B", each of `sessions` sessions.
inline CaseResult swept_case(const std::string& dtype, std::int64_t batch, double time_s,
                             std::int64_t sessions = 8) {
  CaseResult one =
      compared_case("llm/test-model/" + dtype + "/batch=" + std::to_string(batch), time_s, sessions);
  one.model = "test-model";
  one.run = "chat";
  one.axes = {{"dtype", dtype}, {"batch", batch}};
  one.load = {{"batch", batch}, {"prompt_tokens", 64}};
  one.stages[0].compulsory = CompulsoryResult{.flops = {{DType::bf16, 1e8}}, .bytes = {{Path::memory, 1e8}}};
  MetricResult& rate = one.metrics["output_tokens_per_s"];
  const auto scale = static_cast<double>(batch);
  rate.amount = scale;
  rate.value *= scale;
  for (double& end : rate.ci95) end *= scale;
  return one;
}

inline std::vector<CaseResult> swept_cases(const std::string& dtype, const Times& times,
                                           std::int64_t sessions = 8) {
  std::vector<CaseResult> cases;
  for (const auto& [batch, time] : times) cases.push_back(swept_case(dtype, batch, time, sessions));
  return cases;
}

/// On one device f32, and bf16 twice as fast: 10, 20 and 80 ms against 5, 10 and 40 ms at batch 1, 4 and 16.
inline Result two_formats() {
  std::vector<CaseResult> cases = swept_cases("f32", {{1, 0.010}, {4, 0.020}, {16, 0.080}});
  for (CaseResult& one : swept_cases("bf16", {{1, 0.005}, {4, 0.010}, {16, 0.040}})) {
    one.stages[0].bytes = {{Path::memory, 5e7}};  // half as many
    cases.push_back(std::move(one));
  }
  return compared_result("Test CPU", std::move(cases));
}

}  // namespace assay
