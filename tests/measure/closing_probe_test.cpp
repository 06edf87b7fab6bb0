// SPDX-License-Identifier: Apache-2.0
#include "measure/closing_probe.h"

#include <gtest/gtest.h>

#include "support/fake_device.h"

namespace assay::closing_probe_tests {
namespace {

TEST(ClosingProbe, ADeviceLostLateIsAWarningAndTheOthersAreProbed) {
  std::vector<OpenDevice> devices;
  for (const bool lost : {true, false}) {
    auto device = std::make_unique<FakeDevice>();
    device->lost = lost;
    devices.push_back({std::move(device), {}});
  }
  std::vector<std::string> warnings;
  const auto peaks = probe_after(devices, {}, warnings);
  ASSERT_EQ(peaks.size(), 2u);
  EXPECT_FALSE(peaks[0].has_value());
  EXPECT_TRUE(peaks[1].has_value());
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(
      warnings[0].find("the peaks of fake:0 could not be probed after the cases: the fake device is lost"),
      0u);
}

}  // namespace
}  // namespace assay::closing_probe_tests
