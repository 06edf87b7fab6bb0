// SPDX-License-Identifier: Apache-2.0
#include "analyse/status.h"

#include <gtest/gtest.h>

namespace assay::status_tests {
namespace {

Result run_of(const std::string& started = "2026-01-01T23:59:00Z", const std::string& finished = {}) {
  Result result;
  result.status = RunStatus::complete;
  result.tool = {.version = "1.2", .git = "abc", .build = {}};
  result.started_at = started;
  result.finished_at = finished;
  result.environment["cpu"] = "CPU 9";
  DeviceResult cpu;
  cpu.id = cpu.kind = "cpu";
  cpu.name = "CPU 9";
  result.devices.push_back(cpu);
  CaseResult one;
  one.id = "a";
  one.device = "cpu";
  MetricResult& time = one.metrics["time_s"];
  time.unit = "s";
  time.value = 1;
  time.ci95 = {0.99, 1.01};
  result.cases.push_back(one);
  return result;
}

void add_gpu(Result& result, const std::string& name) {
  DeviceResult gpu;
  gpu.id = "cuda:" + std::to_string(result.devices.size());
  gpu.kind = "cuda";
  gpu.name = name;
  result.devices.push_back(gpu);
}

Status status(const std::vector<Result>& results, const std::vector<DataFile>& data = {}) {
  return status_of(summarise(results), results, data);
}

TEST(Status, IsValidWhereFiguresMayBeUsedAsTheyAre) {
  EXPECT_EQ(status({run_of()}).standing, Standing::valid);
  EXPECT_TRUE(status({run_of()}).why.empty());
}

TEST(Status, IsADraftWhereFiguresAreForWhoKnowsWhy) {
  Result disturbed = run_of();
  disturbed.cases[0].warnings = {"others took 9 % of the CPUs' time: stop them"};
  const Status draft = status({disturbed});
  EXPECT_EQ(draft.standing, Standing::draft);
  EXPECT_EQ(draft.why,
            std::vector<std::string>{"1 of 1 case was disturbed (others took 9 % of the CPUs' time)"});
}

TEST(Status, IsADraftWhereARunDidNotEnd) {
  Result partial = run_of();
  partial.status = RunStatus::partial;
  partial.cases_planned = 3;
  const Status draft = status({run_of(), partial});
  EXPECT_EQ(draft.standing, Standing::draft);
  EXPECT_EQ(draft.why, std::vector<std::string>{"the run did not end: 1 of 3 cases were measured"});
}

TEST(Status, IsInvalidWhereNothingWasMeasured) {
  Result none = run_of();
  none.cases[0].status = CaseStatus::failed;
  EXPECT_EQ(status({none}).standing, Standing::invalid);
  EXPECT_EQ(status({none}).why.front(), "no case is a measurement");
  EXPECT_EQ(status({}).standing, Standing::invalid);
}

TEST(Status, NamesEachMachineOnceWithItsProcessorAndItsAccelerators) {
  Result one = run_of(), other = run_of();
  add_gpu(other, "GPU A");
  add_gpu(other, "GPU B");
  add_gpu(other, "GPU A");
  EXPECT_EQ(status({one, other, one}).machines,
            (std::vector<std::string>{"CPU 9", "CPU 9 with 2 GPU A and GPU B"}));
  one.environment["cpu_numbers"] = "Maker family 25 model 17";
  EXPECT_EQ(status({one}).machines, std::vector<std::string>{"CPU 9 (Maker family 25 model 17)"});
  one.environment.clear();
  EXPECT_EQ(status({one}).machines, std::vector<std::string>{"CPU 9"}) << "what its device says";
  one.devices.clear();
  EXPECT_TRUE(status({one}).machines.empty());
}

TEST(Status, GivesTheFirstDayAndTheLastOfAllItsRuns) {
  const Status two =
      status({run_of("2026-02-01T00:10:00Z"), run_of("2026-01-30T23:59:00Z", "2026-01-31T00:01:00Z")});
  EXPECT_EQ(two.first_day, "2026-01-30");
  EXPECT_EQ(two.last_day, "2026-02-01");
  EXPECT_EQ(status({run_of("")}).last_day, "");
}

TEST(Status, NamesEachVersionOfTheProgramOnce) {
  Result other = run_of();
  other.tool.git.clear();
  EXPECT_EQ(status({run_of(), other, run_of()}).versions, (std::vector<std::string>{"1.2 (abc)", "1.2"}));
}

TEST(Status, IsWrittenWithTheDataThatItIsOf) {
  const Json json = to_json(status({run_of()}, {{"chat", "0123"}, {"other", ""}}));
  EXPECT_EQ(json["standing"], "valid");
  EXPECT_EQ(json["data"][0]["label"], "chat");
  EXPECT_EQ(json["data"][0]["sha256"], "0123");
  EXPECT_EQ(json["data"][1]["sha256"], "");
  EXPECT_EQ(json["first_day"], "2026-01-01");
}

}  // namespace
}  // namespace assay::status_tests
