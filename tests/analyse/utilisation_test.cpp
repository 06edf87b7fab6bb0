// SPDX-License-Identifier: Apache-2.0
#include "analyse/utilisation.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

/// 60 % of a peak of 100 bytes/s probed before the cases.
CaseResult case_at_60_percent() {
  CaseResult one;
  one.id = "llm/x";
  one.device = "cpu";
  one.metrics["decode_bandwidth_utilisation"] = {.unit = "1",
                                                 .median = 0.6,
                                                 .ci95 = {0.5, 0.7},
                                                 .min = 0.4,
                                                 .max = 0.8,
                                                 .p90 = 0.75,
                                                 .n = 2,
                                                 .samples = {0.4, 0.8},
                                                 .peak_of = "bytes",
                                                 .peak = 100};
  return one;
}

DeviceResult device_with(double before, double after) {
  DeviceResult device;
  device.peaks.bytes_per_s.measured = before;
  device.peaks_after.bytes_per_s.measured = after;
  return device;
}

TEST(Utilisation, IsAShareOfTheHigherOfBothProbes) {
  CaseResult one = case_at_60_percent();
  std::vector<std::string> warnings;
  settle_utilisations(one, device_with(100, 150), warnings);
  const MetricResult& metric = one.metrics.at("decode_bandwidth_utilisation");
  EXPECT_DOUBLE_EQ(metric.median, 0.4);
  EXPECT_DOUBLE_EQ(metric.ci95.at(1), 0.7 / 1.5);
  EXPECT_DOUBLE_EQ(*metric.p90, 0.5);
  EXPECT_DOUBLE_EQ(metric.samples.at(1), 0.8 / 1.5);
  EXPECT_DOUBLE_EQ(*metric.peak, 150);
  EXPECT_TRUE(warnings.empty());
}

TEST(Utilisation, StaysWhereTheMachineSlowedDown) {
  CaseResult one = case_at_60_percent();
  std::vector<std::string> warnings;
  settle_utilisations(one, device_with(100, 50), warnings);
  EXPECT_DOUBLE_EQ(one.metrics.at("decode_bandwidth_utilisation").median, 0.6);
}

TEST(Utilisation, SettlingTwiceChangesNothingMore) {
  CaseResult one = case_at_60_percent();
  std::vector<std::string> warnings;
  settle_utilisations(one, device_with(100, 150), warnings);
  settle_utilisations(one, device_with(100, 150), warnings);
  EXPECT_DOUBLE_EQ(one.metrics.at("decode_bandwidth_utilisation").median, 0.4);
}

TEST(Utilisation, AboveOneStandsAndWarns) {
  CaseResult one = case_at_60_percent();
  one.metrics.at("decode_bandwidth_utilisation").median = 1.1;
  std::vector<std::string> warnings;
  settle_utilisations(one, device_with(100, 100), warnings);
  EXPECT_DOUBLE_EQ(one.metrics.at("decode_bandwidth_utilisation").median, 1.1);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("110 %"), std::string::npos) << warnings[0];
}

}  // namespace
}  // namespace assay
