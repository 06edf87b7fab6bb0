// SPDX-License-Identifier: Apache-2.0
// A result of three workloads, made of the accepted reports' one.
#pragma once

#include "support/example_result.h"

namespace assay {

/// llm: test-model and other-model; recommender: ranker under two skews, fed by the host; vision: net on the
/// first device alone.
inline Result three_workloads() {
  Result r = example_result();
  const auto add = [&](std::size_t from, const std::string& workload, const std::string& model,
                       const std::string& axis) {
    CaseResult c = r.cases[from];
    c.workload = workload;
    c.model = c.run = model;
    c.id = workload + "/" + model + "/" + axis;
    if (workload == "recommender") c.stages.front().place = Place::host;
    r.cases.push_back(c);
    return &r.cases.back();
  };
  for (const double skew : {0.0, 1.05})
    for (const std::size_t from : {std::size_t{5}, std::size_t{6}})
      for (Fact& fact : add(from, "recommender", "ranker", "skew=" + std::to_string(skew))->facts)
        if (fact.name == "skew") fact.value = skew;
  add(0, "vision", "net", "batch=1");
  return r;
}

}  // namespace assay
