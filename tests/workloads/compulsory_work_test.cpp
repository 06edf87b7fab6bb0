// SPDX-License-Identifier: Apache-2.0
// That a bound lies nowhere above the op-by-op estimate, whatever the peaks are: of every plan of ours.
#include "plan/compulsory_work.h"

#include <gtest/gtest.h>

#include <numeric>

#include "base/json_file.h"
#include "workloads/workload.h"

namespace assay::compulsory_work_tests {
namespace {

void expect_no_more_than_the_ops_do(const Plan& plan) {
  for (const auto& stage : plan.stages()) {
    SCOPED_TRACE(stage->name);
    const CompulsoryWork least = compulsory_work(plan, *stage);
    const Cost cost = stage->cost();
    const double flops = std::accumulate(least.flops.begin(), least.flops.end(), 0.0,
                                         [](double sum, const auto& one) { return sum + one.second; });
    EXPECT_NEAR(flops, cost.flops, 1e-9 * cost.flops);
    for (const auto& [path, bytes] : least.bytes) EXPECT_LE(bytes, cost.moved().at(path)) << name(path);
  }
}

TEST(CompulsoryWork, IsOfNoStageMoreThanWhatItsOpsDo) {
  const std::filesystem::path configs = std::filesystem::path(ASSAY_SOURCE_DIR) / "configs";
  int planned = 0;
  for (const char* folder : {"models", "recommender", "vision"})
    for (const auto& entry : std::filesystem::directory_iterator(configs / folder)) {
      if (folder == std::string("models") && !load_json(entry.path()).contains("architectures")) continue;
      const std::vector<std::filesystem::path> files = {entry.path()};
      SCOPED_TRACE(entry.path().string());
      expect_no_more_than_the_ops_do(load_runs(files).expand().front().make_plan());
      ++planned;
    }
  EXPECT_GT(planned, 20);
}

TEST(CompulsoryWork, CountsATiedTableOnceAndWhole) {
  const std::vector<std::filesystem::path> files = {std::filesystem::path(ASSAY_SOURCE_DIR) /
                                                    "configs/models/smollm2-135m.json"};
  const Plan plan = load_runs(files).expand().front().make_plan();
  const auto weights = static_cast<double>(plan.weight_bytes());
  for (const auto& stage : plan.stages()) {  // the embedding reads rows of what the head reads all of
    const double bytes = compulsory_work(plan, *stage).bytes.at(Path::memory);
    EXPECT_GE(bytes, 0.999 * weights) << stage->name;
    EXPECT_LE(bytes, 1.2 * weights) << stage->name;  // and the KV cache
  }
}

}  // namespace
}  // namespace assay::compulsory_work_tests
