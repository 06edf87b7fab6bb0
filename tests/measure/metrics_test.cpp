// SPDX-License-Identifier: Apache-2.0
#include "measure/metrics.h"

#include <gtest/gtest.h>

#include "base/roofline.h"

namespace assay::metrics_tests {
namespace {

SeriesResult series_of(std::vector<std::vector<double>> blocks) {
  SeriesResult series;
  series.unit = "s";
  series.blocks = std::move(blocks);
  return series;
}

/// Six passes of two iterations.
std::map<std::string, SeriesResult> some_series() {
  return {{"stage/loop", series_of({{2, 2}, {2, 2}, {4, 4}, {2, 2}, {1, 1}, {2, 2}})}};
}

BlockedSeries probes(std::initializer_list<double> draws) {
  BlockedSeries series;
  for (const double draw : draws) series.blocks.push_back({draw});
  return series;
}

MetricSpec share_of_memory() {
  return {.name = "bandwidth_utilisation",
          .of = "stage/loop",
          .unit = "1",
          .definition = "Bytes by time by peak.",
          .amount = 100,
          .share = Path::memory};
}

TEST(Metrics, ATimeIsItsDrawsAndARateIsAnAmountByThem) {
  const StopRule rule;
  const auto series = some_series();
  const auto time =
      headline({.name = "t_s", .of = "stage/loop", .unit = "s", .definition = ""}, series, {}, {}, rule);
  EXPECT_EQ(time->value, 2);
  EXPECT_EQ(time->better, Better::lower);
  EXPECT_EQ(time->ci95, (std::vector<double>{1, 4})) << "of six blocks the smallest and the largest";
  EXPECT_EQ(time->n, 12);
  EXPECT_EQ(time->blocks, 6);

  const auto rate =
      headline({.name = "r", .of = "stage/loop", .unit = "tokens/s", .definition = "", .amount = 8}, series,
               {}, {}, rule);
  EXPECT_EQ(rate->value, 4);
  EXPECT_EQ(rate->better, Better::higher);
  EXPECT_EQ(rate->unit, "tokens/s");
  EXPECT_EQ(rate->ci95, (std::vector<double>{2, 8}));
  EXPECT_EQ(rate->min, 2);
  EXPECT_EQ(rate->max, 8);
}

TEST(Metrics, AShareCarriesTheIntervalOfItsPeak) {
  const StopRule rule;
  const auto peaks = peaks_of({{"memory", probes({98, 100, 102, 100, 101, 99})}}, rule);
  EXPECT_EQ(peaks.at("memory").metric.value, 100);
  EXPECT_EQ(peaks.at("memory").metric.unit, "B/s");
  const auto share = headline(share_of_memory(), some_series(), peaks, {}, rule);
  EXPECT_DOUBLE_EQ(share->value, 100.0 / 2 / 100);
  ASSERT_EQ(share->ci95.size(), 2u);
  EXPECT_DOUBLE_EQ(share->ci95[0], 100.0 / 4 / 102);
  EXPECT_DOUBLE_EQ(share->ci95[1], 100.0 / 1 / 98);
  EXPECT_EQ(share->peak_of, "memory");
  EXPECT_EQ(share->peak, 100);
}

TEST(Metrics, AShareOfAPeakThatMovedIsWithheldAndSaysWhy) {
  const StopRule rule;
  const auto peaks = peaks_of({{"memory", probes({50, 100, 50, 100, 50, 100})}}, rule);
  EXPECT_EQ(peaks.at("memory").metric.why.find("moved by"), 0u) << peaks.at("memory").metric.why;
  const auto share = headline(share_of_memory(), some_series(), peaks, {}, rule);
  EXPECT_FALSE(share->known());
  EXPECT_TRUE(share->ci95.empty());
  EXPECT_EQ(share->converged, false);
  EXPECT_NE(share->why.find("moved by 66.7 %"), std::string::npos) << share->why;
}

TEST(Metrics, OneStrayProbeOfManyIsNoMovement) {
  BlockedSeries series = probes({100});
  for (int i = 0; i < 40; ++i) series.blocks.push_back({100.0 + i % 3});
  series.blocks.push_back({30});
  EXPECT_LT(movement_of(series), kPeakMoved);
}

TEST(Metrics, WithoutProbesTheShareIsOfThePeakBeforeTheCases) {
  const StopRule rule;
  EXPECT_FALSE(headline(share_of_memory(), some_series(), {}, {}, rule).has_value());
  Peaks before;
  before.bytes_per_s[Path::memory].measured = 200;
  const auto share = headline(share_of_memory(), some_series(), {}, before, rule);
  EXPECT_DOUBLE_EQ(share->value, 0.25);
}

TEST(Metrics, ASeriesWithoutDrawsMakesNoFigure) {
  EXPECT_FALSE(
      headline({.name = "t_s", .of = "stage/none", .unit = "s", .definition = ""}, some_series(), {}, {}, {})
          .has_value());
}

}  // namespace
}  // namespace assay::metrics_tests
