// SPDX-License-Identifier: Apache-2.0
// Energy and clocks from files of /sys that tests write.
#include "device/cpu/telemetry.h"

#include <gtest/gtest.h>

#include "support/temporary_folder.h"

namespace assay::cpu_telemetry_tests {
namespace {

class CpuTelemetryOf : public ::testing::Test {
 protected:
  void package(int number, const std::string& name, double microjoules) {
    const std::string folder = "sys/class/powercap/intel-rapl:" + std::to_string(number) + "/";
    root_.write(folder + "name", name + "\n");
    root_.write(folder + "max_energy_range_uj", "10000000\n");
    root_.write(folder + "energy_uj", std::to_string(static_cast<std::int64_t>(microjoules)) + "\n");
  }
  void clock(int cpu, int mhz) {
    root_.write("sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/cpufreq/scaling_cur_freq",
                std::to_string(mhz * 1000) + "\n");
  }
  assay::test::TemporaryFolder root_;
};

TEST_F(CpuTelemetryOf, PackagesCountsEachOnceAndAcrossTheWrapOfItsCounter) {
  package(0, "package-0", 9e6);
  root_.write("sys/class/powercap/intel-rapl:0:0/name", "core\n");
  root_.write("sys/class/powercap/intel-rapl:0:0/energy_uj", "100\n");
  CpuTelemetry telemetry({0}, root_.path());
  telemetry.start();
  package(0, "package-0", 2e6);
  const auto seen = telemetry.stop();
  ASSERT_TRUE(seen.has_value());
  EXPECT_DOUBLE_EQ(seen->energy_j.value(), 3);  // 9 J -> 10 J = 0 J -> 2 J
  EXPECT_GT(seen->power_w.value(), 0);
  EXPECT_FALSE(seen->clock_mhz.has_value());
}

TEST_F(CpuTelemetryOf, ASecondRunBeginsAtNothing) {
  package(0, "package-0", 1e6);
  CpuTelemetry telemetry({0}, root_.path());
  telemetry.start();
  package(0, "package-0", 5e6);
  telemetry.stop();
  telemetry.start();
  package(0, "package-0", 6e6);
  EXPECT_DOUBLE_EQ(telemetry.stop()->energy_j.value(), 1);
}

TEST_F(CpuTelemetryOf, TimedWorkLeavesOutWhatIsUsedInAPause) {
  package(0, "package-0", 0);
  package(1, "package-1", 0);
  CpuTelemetry telemetry({0}, root_.path());
  telemetry.start();
  package(0, "package-0", 1e6);
  telemetry.pause();
  package(0, "package-0", 7e6);
  telemetry.resume();
  package(0, "package-0", 9e6);
  package(1, "package-1", 4e6);
  telemetry.pause();
  telemetry.pause();  // is paused
  package(0, "package-0", 9.5e6);
  EXPECT_DOUBLE_EQ(telemetry.stop()->energy_j.value(), 1 + 2 + 4);
}

TEST_F(CpuTelemetryOf, CoresInUseHaveTheirMeanClockOfTheEndsOfStretches) {
  for (const int cpu : {0, 2}) clock(cpu, 3000);
  clock(1, 800);  // idle, and not ours
  CpuTelemetry telemetry({0, 2}, root_.path());
  telemetry.start();
  clock(0, 3200);
  telemetry.pause();
  clock(0, 1000);  // asleep in the pause
  telemetry.resume();
  clock(0, 3600);
  EXPECT_DOUBLE_EQ(telemetry.stop()->clock_mhz.value(), (3200 + 3000 + 3600 + 3000) / 4.0);
}

TEST_F(CpuTelemetryOf, UnreadableCountersIsNothingAndNotZero) {
  CpuTelemetry telemetry({0}, root_.path());
  telemetry.start();
  EXPECT_FALSE(telemetry.stop().has_value());
  package(0, "package-0", 1e6);
  telemetry.start();
  std::filesystem::remove_all(root_.path() / "sys/class/powercap/intel-rapl:0");
  EXPECT_FALSE(telemetry.stop().has_value());
}

}  // namespace
}  // namespace assay::cpu_telemetry_tests
