// SPDX-License-Identifier: Apache-2.0
#include "analyse/usability.h"

#include <gtest/gtest.h>

#include "analyse/summary.h"
#include "base/text.h"

namespace assay::usability_tests {
namespace {

CaseResult measured(const std::string& id, const std::string& device = "cpu") {
  CaseResult one;
  one.id = id;
  one.device = device;
  MetricResult time;
  time.unit = "s";
  time.value = 1;
  time.ci95 = {0.99, 1.01};
  one.metrics["time_s"] = time;
  return one;
}

Result run_of(std::vector<CaseResult> cases) {
  Result result;
  result.status = RunStatus::complete;
  DeviceResult cpu;
  cpu.id = "cpu";
  result.devices.push_back(cpu);
  result.cases = std::move(cases);
  return result;
}

Usability judged(const Result& result) {
  return summarise(std::span(&result, 1)).usable;
}
std::string reasons(const Result& result) {
  return join(judged(result).reasons, "; ");
}

TEST(Usability, IsGivenWhereEverythingWasMeasuredUndisturbed) {
  const Result result = run_of({measured("a"), measured("b")});
  EXPECT_EQ(judged(result).verdict, Usable::usable);
  EXPECT_EQ(judged(result).measured, 2);
  EXPECT_EQ(reasons(result), "");
}

TEST(Usability, DoesNotMindWhatWasSkipped) {
  Result result = run_of({measured("a"), measured("b")});
  result.cases[1].status = CaseStatus::skipped;
  EXPECT_EQ(judged(result).verdict, Usable::usable);
  EXPECT_EQ(judged(result).measured, 1);
}

TEST(Usability, NamesHowManyWereDisturbedAndByWhat) {
  Result result = run_of({measured("a"), measured("b"), measured("c")});
  result.cases[0].warnings = {"others took 49 % of the CPUs' time (2 % is allowed): stop them",
                              "the peak moved: run again"};
  result.cases[2].warnings = {"others took 3 % of the CPUs' time (2 % is allowed): stop them"};
  EXPECT_EQ(judged(result).verdict, Usable::with_care);
  EXPECT_EQ(judged(result).disturbed, 2);
  EXPECT_EQ(reasons(result), "2 of 3 cases were disturbed (others took 49 % of the CPUs' time)");
}

TEST(Usability, GathersWarningsByTheirRemedy) {
  Result result = run_of({measured("a"), measured("b"), measured("c")});
  result.cases[0].warnings = {"others took 49 %: stop them", "it was hot: cool it"};
  result.cases[1].warnings = {"others took 49 %: stop them"};
  result.cases[2].warnings = {"others took 3 %: stop them", "no remedy is known"};
  const auto all = summarise(std::span(&result, 1)).warnings;
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].remedy, "stop them");
  ASSERT_EQ(all[0].causes.size(), 2u);
  EXPECT_EQ(all[0].causes[0].text, "others took 49 %");
  EXPECT_EQ(all[0].causes[0].cases, (std::vector<std::size_t>{0, 1}));
  EXPECT_EQ(all[0].causes[1].cases, (std::vector<std::size_t>{2}));
  EXPECT_EQ(all[1].remedy, "cool it");
  EXPECT_EQ(all[2].remedy, "");
}

TEST(Usability, CountsWhatIsNoMeasurement) {
  Result result = run_of({measured("a"), measured("b")});
  result.cases[1].status = CaseStatus::not_a_measurement;
  EXPECT_EQ(judged(result).verdict, Usable::with_care);
  EXPECT_EQ(reasons(result), "1 case is not a measurement");
  result.cases[0].status = CaseStatus::not_a_measurement;
  EXPECT_EQ(judged(result).verdict, Usable::not_usable);
  EXPECT_EQ(reasons(result), "no case is a measurement");
}

TEST(Usability, IsNoneWithoutCases) {
  EXPECT_EQ(judged(run_of({})).verdict, Usable::not_usable);
}

TEST(Usability, MindsAnUnendedRunAndWrongNumbers) {
  Result result = run_of({measured("a"), measured("b")});
  result.status = RunStatus::partial;
  result.cases[1].status = CaseStatus::failed;
  EXPECT_EQ(judged(result).verdict, Usable::with_care);
  EXPECT_EQ(reasons(result), "the run did not end; 1 case failed");
}

TEST(Usability, IsNoneWhereOutputsDisagree) {
  Result result = run_of({measured("a"), measured("a", "cuda:0")});
  DeviceResult gpu;
  gpu.id = "cuda:0";
  result.devices.push_back(gpu);
  for (const std::size_t i : {0, 1}) {
    result.cases[i].verification.emplace();
    result.cases[i].verification->outputs["logits"] = {.values = {i + 1.0}, .tolerance = 0.1};
  }
  EXPECT_EQ(judged(result).verdict, Usable::not_usable);
  EXPECT_EQ(reasons(result),
            "1 output differs by more than rounding (logits of a differ by 1.0 of their root mean square "
            "between cpu and cuda:0, 0.10 is allowed)");
}

TEST(Usability, MindsFiguresWithoutAnIntervalOrOneToTrust) {
  Result result = run_of({measured("a")});
  result.cases[0].metrics["time_s"].ci95.clear();
  EXPECT_EQ(reasons(result), "1 figure has no interval");
  result.cases[0].metrics["time_s"].statistic = Stat::max;  // what was seen needs none
  EXPECT_EQ(reasons(result), "");
  result = run_of({measured("a")});
  result.cases[0].metrics["time_s"].converged = false;
  EXPECT_EQ(reasons(result), "");  // wider than asked for, and said to be
  result.cases[0].metrics["time_s"].why = "neighbours hang together (6 blocks): measure longer";
  EXPECT_EQ(reasons(result), "1 interval is not to be trusted (neighbours hang together)");
}

TEST(Usability, MindsAShareAboveItsPeakAndAPeakThatMoved) {
  Result result = run_of({measured("a")});
  result.cases[0].metrics["time_s"].peak_of = "memory";
  result.cases[0].metrics["time_s"].value = 1.1;
  EXPECT_EQ(reasons(result), "1 share lies above its ceiling");
  result = run_of({measured("a")});
  result.devices[0].peaks.bytes_per_s[Path::memory].measured = 1e9;
  result.devices[0].peaks_after.bytes_per_s[Path::memory].measured = 2.01e9;
  EXPECT_EQ(reasons(result),
            "the peak of memory bandwidth of cpu moved by 101 % (1.00 GB/s to 2.01 GB/s) from before the "
            "cases to after them, so that shares of it are withheld");
}

TEST(Usability, MindsWarningsOfTheRunButNotOfOpsAboveTheirCeiling) {
  Result result = run_of({measured("a")});
  result.warnings = {"above its ceiling: op x shows 2 B/s: check the count of its bytes"};
  EXPECT_EQ(judged(result).verdict, Usable::usable);
  result.warnings.emplace_back("the clock governor is powersave: set it to performance");
  EXPECT_EQ(reasons(result), "1 warning stands below");
}

}  // namespace
}  // namespace assay::usability_tests
