// SPDX-License-Identifier: Apache-2.0
// The small recommenders of tests/golden/recommender/, with the scores of an implementation in torch
// (tests/peers/make_recommender_golden.py): for bags of any length, empty ones among them.
#pragma once

#include <cmath>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/json_file.h"
#include "base/safetensors.h"
#include "measure/session.h"
#include "support/one_lane.h"
#include "support/source_dir.h"
#include "workloads/workload.h"

namespace assay::test {

inline const std::vector<std::string> kGoldenRecommenders = {"dlrm-one-hot", "dlrm-bags", "dlrm-dcnv2-bags"};

/// Where `place` is the host the tables live there.
inline double golden_recommender_error(const std::string& name, OpenDevice& device, const std::string& dtype,
                                       const std::string& rows, const std::string& place = "device") {
  const std::filesystem::path folder = test_source_dir() / "tests/golden/recommender" / name;
  const Json expected = load_json(folder / "expected.json");
  const Json run = {{"workload", "recommender"},
                    {"model", expected["model"]},
                    {"dtype", dtype},
                    {"load", {{"batch", expected["batch"]}, {"rows", rows}, {"tables", place}}}};
  const Plan plan = runs_of(run, "golden.json", all_workloads()).expand().at(0).make_plan();
  const SafeTensors file = SafeTensors::open(folder / "model.safetensors");
  const OneLaneOf one(device);
  Session session(plan, one.sites, first_kernels(plan, one.sites), 1,
                  std::make_shared<const WeightBlock>(plan, plan_memory(plan), one.sites, 1, &file));
  for (const char* input : {"dense", "ids", "offsets"})
    if (const auto value = plan.find(input))
      session.write(*value, expected[input].get<std::vector<double>>());
  session.run_stage(0);
  one.lane->synchronize();
  const std::vector<double> scores = session.read(plan.outputs.at(0).value);
  const auto right = expected["scores"].get<std::vector<double>>();
  if (scores.size() != right.size()) return INFINITY;
  double largest = 0;  // relative difference of a score
  for (std::size_t i = 0; i < right.size(); ++i) {
    const double difference = std::fabs(scores[i] - right[i]) / right[i];
    largest = std::isfinite(difference) ? std::max(largest, difference) : INFINITY;
  }
  return largest;
}

}  // namespace assay::test
